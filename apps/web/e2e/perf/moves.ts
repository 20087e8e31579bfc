/** What moves on the screen without the person having done anything (Cumulative Layout Shift). */
import type { Page } from '@playwright/test';

export type Moves = {
  /** Of what the person did not cause, by the metric's own rule: nothing was pressed in the half second before. */
  readonly unasked: number;
  /** All, for a person to read. */
  readonly all: number;
  /** What moved. */
  readonly moved: readonly string[];
};

type Watching = { readonly moves: Moves };

/** From the page's first script on. */
export async function watchMoves(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const moves = { unasked: 0, all: 0, moved: [] as string[] };
    Object.assign(globalThis, { moves });
    // Not in the types of TypeScript: layout-instability is Chromium's.
    type Shift = PerformanceEntry & {
      readonly value: number;
      readonly hadRecentInput: boolean;
      readonly sources: ReadonlyArray<{ readonly node: Node | null }>;
    };
    const note = ({ value, hadRecentInput, sources }: Shift): void => {
      moves.all += value;
      if (hadRecentInput) return;
      moves.unasked += value;
      moves.moved.push(
        ...sources.map(({ node }) => (node instanceof Element ? `${node.tagName}.${node.className}` : '')),
      );
    };
    new PerformanceObserver((list) => (list.getEntries() as Shift[]).forEach(note)).observe({
      type: 'layout-shift',
      buffered: true,
    });
  });
}

export function movesOf(page: Page): Promise<Moves> {
  return page.evaluate(() => (globalThis as unknown as Watching).moves);
}
