/** What somebody sees first. */
import { expect } from '../story.js';
import { everywhere, onDesk } from './photograph.js';
import { pictureStory } from './picture-story.js';

pictureStory('an account is made', async ({ newcomer, camera }) => {
  const anna = await newcomer('anna');
  const { page } = anna;
  await expect(page.getByRole('button', { name: 'Create an account' })).toBeVisible();
  await camera.photograph(page, 'welcome', everywhere);
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByRole('textbox', { name: 'Username' }).fill('anna');
  await camera.photograph(page, 'register', ['light', 'phone-dark']);
  await page.getByRole('textbox', { name: 'Username' }).fill(anna.username);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByLabel('Recovery key').locator('span').first()).toBeVisible();
  await camera.photograph(page, 'recovery-key', ['light', 'phone-dark']);
  await anna.writeDownRecoveryKey();
  await expect(page.getByRole('heading', { name: 'No conversations yet' })).toBeVisible();
  await camera.photograph(page, 'empty', everywhere);
  await page.goto('/new');
  await expect(page.getByRole('heading', { name: 'New conversation' })).toBeVisible();
  await camera.photograph(page, 'new-conversation', ['light', 'phone-dark']);
  await page.goto('/share');
  await expect(page.getByRole('img', { name: 'QR code of your invite link' })).toBeVisible();
  await camera.photograph(page, 'share', [...onDesk, 'phone-light']);
});
