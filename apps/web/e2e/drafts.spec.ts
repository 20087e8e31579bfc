/** What was begun and not sent. */
import { acquaint } from './person.js';
import { expect, story } from './story.js';

story('what was begun is there again, in every tab, until it is sent', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await ben.send('What is it about?');
  const asked = anna.message('What is it about?');
  await asked.hover();
  await asked.getByRole('button', { name: 'Actions' }).click();
  await anna.page.getByRole('button', { name: 'Reply' }).click();
  await expect(anna.composer).toBeFocused();
  await anna.composer.fill('About the trip');
  const address = new URL(anna.page.url()).pathname;
  await anna.page.getByRole('link', { name: 'Settings' }).click();
  await expect(anna.inList(ben.username)).toContainText(/Draft:\s*About the trip/);

  await anna.page.reload();
  await expect(anna.inList(ben.username)).toContainText(/Draft:\s*About the trip/);
  await anna.openChat(ben.username);
  await expect(anna.composer).toHaveValue('About the trip');
  await expect(anna.page.getByText(`Replying to ${ben.username}`)).toBeVisible();

  const first = anna.page;
  await anna.open(address);
  await expect(anna.composer).toHaveValue('About the trip');
  await anna.composer.press('Enter');
  await expect(ben.message('About the trip')).toContainText('What is it about?');
  await anna.lookAt(first);
  await expect(anna.message('About the trip')).toHaveCount(1);
  await expect(anna.composer).toHaveValue('');
  await expect(anna.page.getByText(`Replying to ${ben.username}`)).toHaveCount(0);
  await anna.page.getByRole('link', { name: 'Settings' }).click();
  await expect(anna.inList(ben.username)).toContainText(/You:\s*About the trip/);
});
