/** How a page keeps up with drawing. */
import type { Page } from '@playwright/test';

export type Frames = {
  /** Between one frame and the next, in milliseconds. */
  readonly gaps: readonly number[];
  /** Of frames that took more than 50 ms (`long-animation-frame`): how long tasks kept the page from answering. */
  readonly blocked: readonly number[];
  /** Elements on the page, at most. */
  readonly elements: number;
};

type Watching = { readonly takeFrames: () => Frames };

/** From now on, in this page. */
export async function watchFrames(page: Page): Promise<void> {
  await page.evaluate(() => {
    let [gaps, blocked, elements]: [number[], number[], number] = [[], [], 0];
    let lastMs = performance.now();
    const drawn = (atMs: number): void => {
      gaps.push(atMs - lastMs);
      lastMs = atMs;
      elements = Math.max(elements, document.getElementsByTagName('*').length);
      requestAnimationFrame(drawn);
    };
    requestAnimationFrame(drawn);
    // Newer than the types of TypeScript.
    type LongFrame = PerformanceEntry & { readonly blockingDuration: number };
    new PerformanceObserver((list) =>
      blocked.push(...(list.getEntries() as LongFrame[]).map(({ blockingDuration }) => blockingDuration)),
    ).observe({ type: 'long-animation-frame' });
    const takeFrames = (): Frames => {
      const taken = { gaps, blocked, elements };
      [gaps, blocked, elements] = [[], [], 0];
      return taken;
    };
    Object.assign(globalThis, { takeFrames });
  });
}

/** Of what was drawn since this was last asked. */
export function takeFrames(page: Page): Promise<Frames> {
  return page.evaluate(() => (globalThis as unknown as Watching).takeFrames());
}
