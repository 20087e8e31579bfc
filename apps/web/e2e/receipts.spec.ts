/** Who has a message, and who has seen it. */
import { acquaint } from './person.js';
import { expect, story } from './story.js';

story("a message's details name who has it and who has seen it, as that changes", async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await ben.page.getByRole('link', { name: 'Settings' }).click();
  await anna.send('Did you hear?');
  await expect(anna.mark('Did you hear?')).toHaveAccessibleName('Delivered');
  const message = anna.message('Did you hear?');
  await message.hover();
  await message.getByRole('button', { name: 'Actions' }).click();
  await message.getByRole('button', { name: 'Details' }).click();
  const details = anna.page.getByRole('dialog', { name: 'Details' });
  await expect(details).toContainText('Delivered to');
  await expect(details.getByRole('listitem')).toContainText(ben.username);
  await ben.openChat(anna.username);
  await expect(details).toContainText('Seen by');
  await expect(details).not.toContainText('Delivered to');
  await details.getByRole('button', { name: 'Close' }).click();
  await expect(details).toHaveCount(0);
});
