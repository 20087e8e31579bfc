/** What the browser shows of a page that nobody looks at. */
import type { Page } from '@playwright/test';
import type { Person } from './person.js';

/** Another window is in front of the tab, or another tab of it. A browser without a window says it of no page, so it is told. */
export async function hide(page: Page): Promise<void> {
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
  });
}

export async function show(page: Page): Promise<void> {
  await page.evaluate(() => {
    Reflect.deleteProperty(document, 'visibilityState');
    document.dispatchEvent(new Event('visibilitychange'));
  });
}

export async function allowNotifications({ context, page }: Person): Promise<void> {
  await context.grantPermissions(['notifications'], { origin: new URL(page.url()).origin });
}

/** Title and text of each notification that stands. */
export function notifications({ page }: Person): Promise<{ title: string; body: string }[]> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return (await registration.getNotifications()).map(({ title, body }) => ({ title, body }));
  });
}
