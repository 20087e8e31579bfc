/** What may stand on the screens besides: menus, dialogs, and that something is missing, wrong, or under way. */
import { nameAnotherKey } from '../lying-server.js';
import { acquaint } from '../person.js';
import { expect, story } from '../story.js';
import { auditState } from './audit.js';
import { inHouse } from './house.js';

inHouse('what is done with a message', async ({ house: { anna, chat } }) => {
  const { page } = anna;
  await page.goto(chat);
  const menuOf = (text: string) => ({
    open: async (): Promise<void> => {
      // In any language. The next message may quote it.
      const message = page.getByRole('article').filter({ hasText: text }).first();
      await message.locator('.message-actions button').press('Enter');
      await expect(message.getByRole('group')).toBeVisible();
    },
    close: () => page.keyboard.press('Escape'),
  });
  await expect(anna.message('Fine!')).toBeVisible();
  const act = async (action: string): Promise<void> => {
    await menuOf('About eleven').open();
    await page.getByRole('group', { name: 'Actions' }).getByRole('button', { name: action }).press('Enter');
  };
  await auditState({ page, name: 'menu of their message', ...menuOf('Fine!') });
  await auditState({ page, name: 'menu of an own message', ...menuOf('About eleven') });
  await act('Delete');
  await auditState({ page, name: 'delete?' });
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await anna.act('Fine!', 'Reply');
  await auditState({ page, name: 'a reply' });
  await page.keyboard.press('Escape');
  await act('Details');
  await auditState({ page, name: 'details of a message' });
  await page.keyboard.press('Escape');
  await act('Edit');
  await auditState({ page, name: 'an edit' });
  await anna.composer.fill('m'.repeat(70_000));
  await expect(page.getByRole('alert')).toContainText('bytes too long');
  await auditState({ page, name: 'too long' });
  await page.keyboard.press('Escape');
  await anna.history.hover();
  await page.mouse.wheel(0, -2_000);
  await expect(page.getByRole('button', { name: 'To the newest message' })).toBeVisible();
  await auditState({ page, name: 'scrolled back' });
});

inHouse('somebody is typing', async ({ house: { anna, ben, chat } }) => {
  await anna.page.goto(chat);
  await ben.page.goto(chat);
  // Anew for each look: who is silent for a few seconds has stopped.
  await auditState({
    page: anna.page,
    name: 'typing',
    open: async () => {
      // What is typed before there is a connection is told to nobody.
      await expect(async () => {
        await ben.composer.fill('');
        await ben.composer.pressSequentially('Well');
        await expect(anna.page.locator('.typing-line')).not.toBeEmpty({ timeout: 2_000 });
      }).toPass();
      await expect(anna.page.locator('.preview.typing')).toHaveCount(1);
    },
    close: async () => {
      await ben.composer.fill('');
      await expect(anna.page.locator('.typing-line')).toBeEmpty();
    },
  });
});

inHouse('the offer to install the app', async ({ house: { anna } }) => {
  const { page } = anna;
  await page.goto('/');
  await expect(anna.list).toBeVisible();
  // As a browser offers it, which decides by itself when.
  await page.evaluate(() => dispatchEvent(new Event('beforeinstallprompt', { cancelable: true })));
  await expect(page.getByRole('button', { name: 'Install the app' })).toBeVisible();
  await auditState({ page, name: 'install' });
  await page.locator('.offer').getByRole('button', { name: 'Dismiss' }).click();
  await expect(page.getByRole('button', { name: 'Install the app' })).toHaveCount(0);
});

story('a new version', async ({ people }) => {
  const [anna] = await people('anna');
  const { page } = anna;
  await anna.keptOffline();
  anna.network.answerOtherwise('/service-worker.js', async (question, ask) => {
    return `${await ask(question)}\n// Another build.`;
  });
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  await expect(page.getByRole('status').filter({ hasText: 'A new version' })).toBeVisible();
  await auditState({ page, name: 'new version' });
  await page.getByRole('button', { name: 'Reload' }).click();
  await expect(page.getByText('A new version of CipherChat is ready.')).toHaveCount(0);
  await expect(anna.list).toBeVisible();
});

inHouse('no connection', async ({ house: { anna, chat, benPerson } }) => {
  const { page } = anna;
  await page.goto(chat);
  await anna.keptOffline();
  anna.network.cut();
  await expect(page.getByText('The server does not answer. It is tried again.')).toBeVisible();
  await anna.send('On my way');
  await auditState({ page, name: 'a message that waits' });
  await page.goto(benPerson);
  await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible();
  await auditState({ page, name: 'a person that cannot be looked up' });
  await page.goto('/settings/security');
  await auditState({ page, name: 'devices that cannot be looked up' });
  anna.network.heal();
  await expect(page.getByText('The server does not answer.')).toHaveCount(0);
});

story('nothing there yet, a request, and somebody who is blocked', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await expect(anna.page.getByRole('heading', { name: 'No conversations yet' })).toBeVisible();
  await auditState({ page: anna.page, name: 'no conversations' });
  await anna.page.goto('/requests');
  await auditState({ page: anna.page, name: 'no requests' });
  await ben.writeTo(anna);
  await auditState({ page: ben.page, name: 'no messages' });
  await ben.send('Hello!');
  await anna.openRequest();
  await auditState({ page: anna.page, name: 'a request' });
  await anna.page.getByRole('button', { name: 'Decline' }).click();
  await auditState({ page: anna.page, name: 'decline?' });
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Decline and block' }).click();
  await expect(anna.page.getByRole('heading', { name: 'No conversations yet' })).toBeVisible();
  await anna.openSettings('Privacy');
  await auditState({ page: anna.page, name: 'whom one has blocked' });
  await anna.page.getByRole('main').getByRole('listitem').getByRole('link').click();
  await expect(anna.page.getByRole('button', { name: 'Unblock' })).toBeVisible();
  await auditState({ page: anna.page, name: 'somebody who is blocked' });
  await anna.page.getByRole('button', { name: 'Unblock' }).click();
  await anna.page.getByRole('button', { name: 'Block', exact: true }).click();
  await auditState({ page: anna.page, name: 'block?' });
});

story('a group, and who is out of it', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await anna.makeGroup('Garden', ben);
  await ben.openChat('Garden');
  const { page } = anna;
  await page.getByRole('link', { name: 'Details' }).click();
  await page.getByRole('button', { name: 'Leave the group' }).click();
  await auditState({ page, name: 'leave?' });
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: `Remove ${ben.username}` }).click();
  await auditState({ page, name: 'remove?' });
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(ben.page.getByText('You are not in this conversation any more.')).toBeVisible();
  await auditState({ page: ben.page, name: 'removed' });
});

story('a changed key', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  nameAnotherKey(anna.network);
  await anna.makeGroup('Plans', ben);
  const { page } = anna;
  await expect(page.getByRole('region', { name: 'Notices' })).toContainText('names another key');
  await auditState({ page, name: 'notices' });
  await anna.openChat(ben.username);
  await anna.send('Is it you?');
  await expect(anna.mark('Is it you?')).toHaveAccessibleName('Not sent');
  await auditState({ page, name: 'a message that failed' });
  await page.getByRole('alert').getByRole('link', { name: 'Compare' }).click();
  await expect(page.getByRole('heading', { name: 'Another key' })).toBeVisible();
  await auditState({ page, name: 'two numbers' });
});

story('what is asked of oneself', async ({ people }) => {
  const [anna] = await people('anna');
  anna.watched.expect(/status of 404/);
  const { page } = anna;
  const asks = async (name: string): Promise<void> => {
    await page.getByRole('button', { name, exact: true }).first().click();
    await auditState({ page, name: `${name}?` });
    await page.keyboard.press('Escape');
  };
  await anna.openSettings('Security');
  await asks('Sign out');
  await asks('Delete account');
  await page.getByRole('button', { name: 'Make a new key' }).click();
  await expect(page.getByLabel('Recovery key').locator('span').first()).toBeVisible();
  await auditState({ page, name: 'another recovery key' });
  await page.goto('/settings/profile');
  await page.getByRole('textbox', { name: 'Name' }).fill('n'.repeat(200));
  await auditState({ page, name: 'a name that is too long' });
  await page.goto('/share');
  await page.getByRole('switch', { name: 'Accept at once' }).check();
  await expect(page.getByText(/^50 more people/)).toBeVisible();
  await auditState({ page, name: 'a link that accepts at once' });
  await asks('Reset the link');
  await page.goto('/invite');
  await expect(page.getByText(/^Open the link once more/)).toBeVisible();
  await auditState({ page, name: 'an invite that is gone' });
  await page.goto('/new');
  await page.getByRole('textbox', { name: 'Find by username' }).fill('nobody.at.all');
  await page.getByRole('button', { name: 'Find', exact: true }).click();
  await expect(page.getByText('Nobody here has this username.')).toBeVisible();
  await auditState({ page, name: 'nobody found' });
  await page.getByRole('button', { name: 'Scan a code' }).click();
  await expect(page.getByText('There is no camera, or you did not allow it.')).toBeVisible();
  await auditState({ page, name: 'no camera' });
});

inHouse('what was found, and what was not', async ({ house: { anna } }) => {
  const { page } = anna;
  await page.goto('/search');
  const search = page.getByRole('search');
  const field = search.getByRole('textbox');
  await field.fill('fine');
  await expect(search.getByRole('listitem').first()).toBeVisible();
  await auditState({ page, name: 'found' });
  await field.fill('zzzzzz');
  await expect(search.getByRole('listitem')).toHaveCount(0);
  await auditState({ page, name: 'not found' });
});
