/** Every screen before and beside an open account: the table of start screens says which there are. */
import { addPasskey } from '@cipherchat/browser-suite/passkey';
import { startScreens } from '../../src/routes.js';
import { clearStorage } from '../browser-storage.js';
import type { Person } from '../person.js';
import { expect, story } from '../story.js';
import { audit, auditState } from './audit.js';

type Visitors = {
  readonly newcomer: (name: string) => Promise<Person>;
  /** With an account. */
  readonly settled: (name: string) => Promise<Person>;
};

/** How one comes there. What may be wrong on a screen is looked at in the same go. */
const visits: Readonly<Record<(typeof startScreens)[number], (visitors: Visitors) => Promise<void>>> = {
  opening: async ({ newcomer }) => {
    const { page } = await newcomer('anna');
    await page.route('**/*.wasm', () => undefined);
    await page.goto('/');
    await expect(page.getByText('Opening your messages…')).toBeVisible();
    // Said only to who waits.
    await page.waitForFunction(() =>
      document.getAnimations().every(({ playState }) => playState !== 'running'),
    );
    await audit({ page, name: 'opening' });
  },
  failed: async ({ newcomer }) => {
    const anna = await newcomer('anna');
    anna.watched.expect(/ERR_FAILED/);
    await anna.page.route('**/*.wasm', (route) => route.abort());
    await anna.page.goto('/');
    await expect(anna.page.getByRole('heading', { name: /cannot open/ })).toBeVisible();
    await audit({ page: anna.page, name: 'failed' });
  },
  welcome: async ({ newcomer }) => {
    const { page } = await newcomer('anna');
    await expect(page.getByRole('button', { name: 'Create an account' })).toBeVisible();
    await audit({ page, name: 'welcome' });
  },
  register: async ({ newcomer }) => {
    const { page } = await newcomer('anna');
    await page.getByRole('button', { name: 'Create an account' }).click();
    await audit({ page, name: 'register' });
    await page.getByRole('textbox', { name: 'Username' }).fill('9lives');
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByRole('alert')).toHaveText(/^A username has/);
    await auditState({ page, name: 'no username' });
  },
  recover: async ({ newcomer }) => {
    const { page } = await newcomer('anna');
    await page.getByRole('button', { name: 'I have an account already' }).click();
    await audit({ page, name: 'recover' });
    await page.getByRole('textbox', { name: 'Username' }).fill('nobody');
    await page.getByRole('textbox', { name: 'Recovery key' }).fill('AAAA-BBBB');
    await page.getByRole('button', { name: 'Recover account' }).click();
    await expect(page.getByRole('alert').filter({ hasText: /./ })).toHaveCount(1);
    await auditState({ page, name: 'no recovery key' });
  },
  'recovery-key': async ({ newcomer }) => {
    const anna = await newcomer('anna');
    const { page } = anna;
    await page.getByRole('button', { name: 'Create an account' }).click();
    await page.getByRole('textbox', { name: 'Username' }).fill(anna.username);
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByLabel('Recovery key').locator('span').first()).toBeVisible();
    await audit({ page, name: 'recovery key' });
    await page.getByRole('button', { name: 'I have written it down' }).click();
    await page.getByRole('textbox', { name: 'Recovery key' }).fill('AAAA-BBBB');
    await page.getByRole('button', { name: 'Check' }).click();
    await expect(page.getByRole('alert')).toHaveText(/^This is not the key/);
    await auditState({ page, name: 'check of the recovery key' });
  },
  cleared: async ({ settled }) => {
    const anna = await settled('anna');
    await clearStorage(anna);
    const page = await anna.open();
    await expect(page.getByRole('heading', { name: 'This browser cleared your keys' })).toBeVisible();
    await audit({ page, name: 'cleared' });
    await page.getByRole('button', { name: 'Begin anew' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await auditState({ page, name: 'begin anew?' });
  },
  locked: async ({ settled }) => {
    const anna = await settled('anna');
    const { page } = anna;
    const passkey = await addPasskey(page);
    await anna.openSettings('Security');
    await page.getByRole('button', { name: 'Lock with a passkey' }).click();
    await expect(page.getByText('What is stored here opens only with your passkey.')).toBeVisible();
    await auditState({ page, name: 'a lock is set' });
    await page.reload();
    await expect(page.getByRole('heading', { name: 'CipherChat is locked' })).toBeVisible();
    await audit({ page, name: 'locked' });
    await passkey.refuse();
    await page.getByRole('button', { name: 'Unlock with your passkey' }).click();
    await expect(page.getByRole('alert')).toHaveText(/^The passkey was not used/);
    await auditState({ page, name: 'not unlocked' });
  },
  stopped: async ({ settled, newcomer }) => {
    const anna = await settled('anna');
    const elsewhere = await newcomer('anna');
    elsewhere.takeAccountOf(anna);
    await elsewhere.page.getByRole('button', { name: 'I have an account already' }).click();
    await elsewhere.recover();
    await expect(elsewhere.list).toBeVisible();
    await expect(anna.page.getByText('This device was removed from your account.')).toBeVisible();
    await audit({ page: anna.page, name: 'stopped' });
  },
};

for (const name of startScreens) {
  story(`the start screen ${name}`, async ({ newcomer, people }) => {
    const settled = async (username: string): Promise<Person> => (await people(username))[0];
    await visits[name]({ newcomer, settled });
  });
}
