/** What could not be sent. */
import { acquaint, type Person } from './person.js';
import { expect, story } from './story.js';

async function foundGroup(founder: Person, name: string, other: Person): Promise<void> {
  const { page } = founder;
  await page.getByRole('link', { name: 'New conversation' }).first().click();
  await page.getByRole('link', { name: 'New group' }).click();
  await page.getByRole('textbox', { name: 'Name of the group' }).fill(name);
  await page.getByRole('textbox', { name: 'Username' }).fill(other.username);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('button', { name: 'Create group' }).click();
  await expect(founder.composer).toBeVisible();
}

story('what failed says why, and is sent again or given up', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await foundGroup(anna, 'Lake', ben);
  await anna.send('On Saturday?');
  await ben.openChat('Lake');
  await expect(ben.message('On Saturday?')).toHaveCount(1);

  ben.watched.expect(/ERR_|WebSocket/);
  ben.network.cut();
  await ben.send('Rather on Sunday');
  await ben.send('or not at all');
  await anna.page.getByRole('link', { name: 'Details' }).click();
  await anna.page.getByRole('button', { name: `Remove ${ben.username}` }).click();
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(anna.page.getByText('1 member', { exact: true })).toBeVisible();
  ben.network.heal();
  for (const text of ['Rather on Sunday', 'or not at all']) {
    await expect(ben.mark(text)).toHaveAccessibleName('Not sent');
    await expect(ben.message(text)).toContainText('you were removed from the conversation');
    await expect(ben.message(text).getByRole('button', { name: 'Try again' })).toHaveCount(0);
  }

  await anna.page.getByRole('textbox', { name: 'Username' }).fill(ben.username);
  await anna.page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(anna.page.getByText('2 members', { exact: true })).toBeVisible();
  await ben.message('Rather on Sunday').getByRole('button', { name: 'Try again' }).click();
  await expect(ben.mark('Rather on Sunday')).toHaveAccessibleName(/^(Sent|Delivered|Read)$/);
  await ben.message('or not at all').getByRole('button', { name: 'Discard' }).click();
  await ben.page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await expect(ben.message('or not at all')).toHaveCount(0);

  await anna.page.getByRole('link', { name: 'Back' }).click();
  await expect(anna.message('Rather on Sunday')).toHaveCount(1);
  await ben.page.reload();
  await expect(ben.message('Rather on Sunday')).toHaveCount(1);
  for (const person of [anna, ben]) await expect(person.message('or not at all')).toHaveCount(0);
});
