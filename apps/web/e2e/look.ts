/** A way in which people see the app. It is put on the page that is open, and keeps what stands on it. */
import type { CDPSession, Page } from '@playwright/test';

type Media = NonNullable<Parameters<Page['emulateMedia']>[0]>;

export type Look = {
  readonly width: number;
  readonly height: number;
  readonly media: Media;
  readonly preferences: { readonly theme: 'system' | 'contrast'; readonly language: 'en' | 'ar' };
  /** As set in the browser, in pixels. */
  readonly letterSize: number;
  readonly pointer: 'mouse' | 'finger';
};

export const desk: Look = {
  width: 1280,
  height: 800,
  media: { colorScheme: 'light' },
  preferences: { theme: 'system', language: 'en' },
  letterSize: 16,
  pointer: 'mouse',
};
export const phone: Look = { ...desk, width: 390, height: 844, pointer: 'finger' };

/** One for each page, never let go: the end of one takes the passkeys of the page along. */
const sessions = new WeakMap<Page, CDPSession>();

async function sessionOf(page: Page): Promise<CDPSession> {
  const session = sessions.get(page) ?? (await page.context().newCDPSession(page));
  sessions.set(page, session);
  return session;
}

export async function wear(
  page: Page,
  { width, height, media, preferences, letterSize, pointer }: Look,
): Promise<void> {
  await page.emulateMedia({ contrast: null, forcedColors: 'none', reducedMotion: 'reduce', ...media });
  const session = await sessionOf(page);
  await session.send('Page.setFontSizes', { fontSizes: { standard: letterSize, fixed: letterSize } });
  await session.send('Emulation.setTouchEmulationEnabled', { enabled: pointer === 'finger' });
  // Chromium tells scripts of a width in letters that changed when the window changes, not when the letters do.
  await page.setViewportSize({ width, height });
  await page.evaluate((chosen) => {
    const key = 'cipherchat.preferences';
    const before = JSON.parse(localStorage.getItem(key) ?? '{}') as object;
    localStorage.setItem(key, JSON.stringify({ ...before, ...chosen }));
    // As if another tab had chosen it.
    dispatchEvent(new StorageEvent('storage', { key }));
  }, preferences);
  await page.waitForFunction(
    ({ language, theme, letterSize }) =>
      document.documentElement.lang === language &&
      document.documentElement.dataset['theme'] === theme &&
      getComputedStyle(document.documentElement).fontSize === `${letterSize}px`,
    { ...preferences, letterSize },
  );
  // What follows: React hears of the width, and colours change within a frame, which may be long on a busy machine.
  await page.evaluate(async () => {
    const finite = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity);
    await Promise.allSettled(finite.map(({ finished }) => finished));
    for (let frames = 0; frames < 3; frames++) await new Promise(requestAnimationFrame);
  });
}
