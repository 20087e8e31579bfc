/** Where the keyboard is: after a step from screen to screen, in dialogs and out of them, and that it comes everywhere. */
import type { Page } from '@playwright/test';
import { routes, type RouteName } from '../../src/routes.js';
import { expect } from '../story.js';
import { addressesIn, inHouse } from './house.js';

/** A link of the app, wherever it stands: the page stays. */
async function goTo(page: Page, address: string): Promise<void> {
  await page.evaluate((path) => history.pushState(null, '', path), address);
}

for (const name of Object.keys(routes) as RouteName[]) {
  inHouse(`the keyboard comes along to ${routes[name]}, and everywhere on it`, async ({ house }) => {
    const { page } = house.anna;
    const address = addressesIn(house)[name] ?? routes[name];
    await page.goto(name === 'settings' ? routes.share : routes.settings);
    await expect(house.anna.list).toBeVisible();
    await goTo(page, address);
    // In a field where one goes on, else at the heading; in the list, at a conversation.
    const focus = page.locator(
      name === 'conversations' ? 'nav :is(h1, a):focus' : 'main :is(h1, input, textarea):focus',
    );
    await expect(focus).toHaveCount(1);

    const { left, unmarked, reached } = await tabThrough(page);
    expect(reached).toBeGreaterThan(2);
    expect(left, 'what the keyboard does not come to').toEqual([]);
    expect(unmarked, 'where nothing shows that the keyboard is there').toEqual([]);
  });
}

/** Presses Tab from the top of the page until the keyboard is out of it again. */
async function tabThrough(page: Page) {
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    getSelection()?.removeAllRanges();
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
  });
  const total = await page.evaluate(() => {
    const all = document.querySelectorAll<HTMLElement>(
      'a[href], button, input, select, textarea, [tabindex="0"]',
    );
    const reachable = [...all].filter(
      (element) => element.checkVisibility({ visibilityProperty: true }) && !element.matches(':disabled'),
    );
    for (const element of reachable) element.dataset['waiting'] = '';
    return reachable.length;
  });
  const unmarked: string[] = [];
  for (let presses = 0; presses < total + 2; presses++) {
    await page.keyboard.press('Tab');
    const unseen = await page.evaluate(() => {
      const focused = document.activeElement;
      if (!(focused instanceof HTMLElement) || focused === document.body) return null;
      delete focused.dataset['waiting'];
      const marked = focused.closest('.file-button, .search-field') ?? focused;
      const { outlineStyle, outlineWidth } = getComputedStyle(marked);
      const { width, height, bottom, right } = marked.getBoundingClientRect();
      const isSeen = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
      const isThere = width > 0 && height > 0 && bottom > 0 && right > 0;
      return isSeen && isThere ? null : focused.outerHTML.slice(0, 160);
    });
    if (unseen !== null) unmarked.push(unseen);
  }
  // One of a group of radio buttons stands for all; rows that came with the scrolling were not counted.
  const left = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('[data-waiting]')].map((element) => {
      delete element.dataset['waiting'];
      return element.outerHTML.slice(0, 160);
    }),
  );
  return { left, unmarked, reached: total };
}

const dialogs: readonly { readonly address: RouteName; readonly opener: string }[] = [
  { address: 'settingsSecurity', opener: 'Sign out' },
  { address: 'settingsSecurity', opener: 'Delete account' },
  { address: 'details', opener: 'Leave the group' },
  { address: 'person', opener: 'Block' },
];

for (const { address, opener } of dialogs) {
  inHouse(`the keyboard stays in the dialog of “${opener}”, and goes back`, async ({ house }) => {
    const { page } = house.anna;
    await page.goto(addressesIn(house)[address] ?? routes[address]);
    const button = page.getByRole('button', { name: opener, exact: true });
    await button.focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog').locator(':focus')).toHaveCount(1);
    for (let presses = 0; presses < 6; presses++) {
      await page.keyboard.press('Tab');
      // The browser's own bar comes after the last one, and is no part of the page.
      const isWithin = await page.evaluate(
        () => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null,
      );
      expect(isWithin).toBe(true);
    }
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(button).toBeFocused();
    // And opens again, however soon that is asked for; closed by its own button, too.
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog').locator(':focus')).toHaveCount(1);
    await Promise.all([page.keyboard.press('Escape'), page.keyboard.press('Enter')]);
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await expect(button).toBeFocused();
  });
}

inHouse('the menu of a message gives the keyboard back', async ({ house: { anna, chat } }) => {
  const { page } = anna;
  await page.goto(chat);
  // The next one quotes it.
  const message = anna.message('About eleven').first();
  const button = message.getByRole('button', { name: 'Actions' });
  const menu = message.getByRole('group', { name: 'Actions' });
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(menu.locator(':focus')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(menu).toHaveCount(0);
  await expect(button).toBeFocused();
  // From its dialog, it goes to what had opened it.
  await page.keyboard.press('Enter');
  await menu.getByRole('button', { name: 'Delete' }).press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(button).toBeFocused();
  // Whoever goes on with Tab has left it.
  await page.keyboard.press('Enter');
  await expect(menu).toBeVisible();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await expect(menu).toHaveCount(0);
});
