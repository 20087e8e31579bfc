/** Accounts: to make one, to leave it, to come back to it. */
import { addPasskey } from '@cipherchat/browser-suite/passkey';
import { clearStorage, whatIsKept } from './browser-storage.js';
import { acquaint } from './person.js';
import { expect, figure, story } from './story.js';

story('an account takes less than a minute and no password', async ({ newcomer }) => {
  const startedAt = performance.now();
  const anna = await newcomer('anna');
  await anna.register();
  const seconds = (performance.now() - startedAt) / 1000;
  figure(`seconds=${seconds.toFixed(1)}`);
  expect(seconds).toBeLessThan(60);
});

story('no form asks for a password', async ({ newcomer }) => {
  const { page } = await newcomer('anna');
  const passwords = page.locator('input[type=password]');
  await page.getByRole('button', { name: 'Create an account' }).click();
  await expect(page.getByRole('textbox')).toHaveCount(1);
  await expect(passwords).toHaveCount(0);
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByRole('button', { name: 'I have an account already' }).click();
  await expect(page.getByRole('textbox')).toHaveCount(2);
  await expect(passwords).toHaveCount(0);
});

story('a username that is taken or is none is said to be so', async ({ people, newcomer }) => {
  const [anna] = await people('anna');
  const other = await newcomer('other');
  other.watched.expect(/status of 409/);
  const { page } = other;
  await page.getByRole('button', { name: 'Create an account' }).click();
  const username = page.getByRole('textbox', { name: 'Username' });
  for (const [typed, answer] of [
    ['9lives', /^A username has 3 to 32/],
    [anna.username, 'This username is taken.'],
  ] as const) {
    await username.fill(typed);
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByRole('alert')).toHaveText(answer);
  }
});

story('the recovery key has to be typed again, as it was', async ({ newcomer }) => {
  const anna = await newcomer('anna');
  const { page } = anna;
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByRole('textbox', { name: 'Username' }).fill(anna.username);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('button', { name: 'I have written it down' }).click();
  await page.getByRole('textbox', { name: 'Recovery key' }).fill('AAAA-BBBB');
  await page.getByRole('button', { name: 'Check' }).click();
  await expect(page.getByRole('alert')).toHaveText(/^This is not the key that was shown/);
  // Not gone round by another address, nor by coming back.
  await page.goto('/settings');
  await expect(page.getByRole('heading', { name: 'Write down your recovery key' })).toBeVisible();
  await anna.writeDownRecoveryKey();
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
});

story('signing out leaves nothing in the browser, in any tab', async ({ people, newcomer }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  const first = anna.page;
  const second = await anna.open(new URL(first.url()).pathname);
  await expect(anna.message('Hello!')).toHaveCount(1);
  await anna.openSettings('Security');
  await second.getByRole('button', { name: 'Sign out' }).click();
  await second.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
  for (const page of [first, second]) {
    await expect(page.getByRole('button', { name: 'Create an account' })).toBeVisible();
    await expect(page.getByText('Hello!')).toHaveCount(0);
  }
  const neverHere = await newcomer('other');
  await expect(neverHere.page.getByRole('button', { name: 'Create an account' })).toBeVisible();
  await expect.poll(() => whatIsKept(second)).toEqual(await whatIsKept(neverHere.page));
});

story('a browser that cleared its storage is recognised, and its owner comes back', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await clearStorage(anna);
  const page = await anna.open();
  await expect(page.getByRole('heading', { name: 'This browser cleared your keys' })).toBeVisible();
  await page.getByRole('button', { name: 'Use my recovery key' }).click();
  await anna.recover();
  await expect(anna.list).toBeVisible();
  // What was written before does not come back, which is said; what is written from now on does.
  await ben.send('Are you back?');
  await anna.openChat(ben.username);
  await expect(anna.message('Are you back?')).toHaveCount(1);
  await expect(anna.message('Hello!')).toHaveCount(0);
  await anna.send('I am.');
  await expect(ben.message('I am.')).toHaveCount(1);
});

story('a recovery key that does not fit is refused, and said why', async ({ people, newcomer }) => {
  const [anna, ben] = await people('anna', 'ben');
  const elsewhere = await newcomer('anna');
  elsewhere.watched.expect(/status of 40[34]/);
  const { page } = elsewhere;
  await page.getByRole('button', { name: 'I have an account already' }).click();
  const refused = async (typed: { recoveryKey: string; answer: RegExp }): Promise<void> => {
    await page.getByRole('textbox', { name: 'Username' }).fill(anna.username);
    await page.getByRole('textbox', { name: 'Recovery key' }).fill(typed.recoveryKey);
    await page.getByRole('button', { name: 'Recover account' }).click();
    await expect(page.getByRole('alert')).toHaveText(typed.answer);
  };
  await refused({ recoveryKey: anna.recoveryKey.slice(0, -1), answer: /^This is no recovery key/ });
  await refused({ recoveryKey: ben.recoveryKey, answer: /do not belong together\.$/ });
  // And the right one is not spoilt by that.
  elsewhere.takeAccountOf(anna);
  await elsewhere.recover();
  await expect(elsewhere.list).toBeVisible();
  // An account has one device for now, so the first browser is out.
  await expect(anna.page.getByText('This device was removed from your account.')).toBeVisible();
});

story('a locked browser opens with its passkey, and with nothing else', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  const passkey = await addPasskey(anna.page);
  const chat = new URL(anna.page.url()).pathname;
  await anna.openSettings('Security');
  await anna.page.getByRole('button', { name: 'Lock with a passkey' }).click();
  await expect(anna.page.getByText('What is stored here opens only with your passkey.')).toBeVisible();

  await anna.page.goto(chat);
  await expect(anna.page.getByRole('heading', { name: 'CipherChat is locked' })).toBeVisible();
  await expect(anna.page.getByText('Hello!')).toHaveCount(0);
  const unlock = anna.page.getByRole('button', { name: 'Unlock with your passkey' });
  await unlock.click();
  await expect(anna.message('Hello!')).toHaveCount(1);
  await ben.send('Still you?');
  await expect(anna.message('Still you?')).toHaveCount(1);

  await anna.page.reload();
  await passkey.refuse();
  await unlock.click();
  await expect(anna.page.getByRole('alert')).toHaveText(/^The passkey was not used/);
  await expect(anna.page.getByText('Hello!')).toHaveCount(0);
});

story('a deleted account is gone for others, too', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  ben.watched.expect(/status of 404/);
  await anna.openSettings('Security');
  await anna.page.getByRole('button', { name: 'Delete account' }).click();
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Delete account' }).click();
  await expect(anna.page.getByRole('button', { name: 'Create an account' })).toBeVisible();
  await ben.lookFor(anna);
  await expect(
    ben.page.getByRole('alert').filter({ hasText: 'Nobody here has this username.' }),
  ).toBeVisible();
});
