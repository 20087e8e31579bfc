/** What a device tells of itself, and its owner can keep. */
import type { Locator } from '@playwright/test';
import { routes } from '../src/routes.js';
import type { Person } from './person.js';
import { expect, story } from './story.js';

const mostTabs = 30;

story('counts of what could not be read go to the operator, unless one says no', async ({ people }) => {
  const [anna] = await people('anna');
  await anna.openSettings('Privacy');
  await expect(reports(anna)).toBeChecked();
  await expect(reports(anna)).toHaveAccessibleDescription(/Only numbers: nothing of which, or from whom\.$/);

  await switchByKeyboard(anna, reports(anna));
  await expect(reports(anna)).not.toBeChecked();
  // The others are left as they were.
  await expect(anna.page.getByRole('switch', { name: 'Send read marks' })).toBeChecked();
  await expect(anna.page.getByRole('switch', { checked: true })).toHaveCount(1);
  await anna.page.reload();
  await expect(reports(anna)).toBeEnabled();
  await expect(reports(anna)).not.toBeChecked();

  await switchByKeyboard(anna, reports(anna));
  await expect(reports(anna)).toBeChecked();
  await anna.closeTabs();
  await anna.open(routes.settingsPrivacy);
  await expect(reports(anna)).toBeEnabled();
  await expect(reports(anna)).toBeChecked();
});

/** By the whole of its name: a hint is read as what it is, and not as a part of the name. */
function reports({ page }: Person): Locator {
  return page.getByRole('switch', { name: 'Report what cannot be read', exact: true });
}

async function switchByKeyboard({ page }: Person, control: Locator): Promise<void> {
  const isFocused = (): Promise<boolean> => control.evaluate((node) => node === document.activeElement);
  for (let presses = 0; presses < mostTabs && !(await isFocused()); presses++)
    await page.keyboard.press('Tab');
  await expect(control).toBeFocused();
  await page.keyboard.press('Space');
}
