/**
 * What a key costs the thread that draws: from the first handler of the key to the end of the frame that shows the letter,
 * without the time in between in which it had nothing to do.
 *
 * A screen shows a frame every 16.7 ms, so that any key waits up to that long, in any page; what an app can take from the
 * person is the work before and within that frame. So the work is measured: the task of the key (handlers, and what React
 * draws at once) and the frame (layout and paint included: a message that is posted in `requestAnimationFrame` comes in when
 * the browser is through with it). Beside it are told: the whole way from the press to the end of the frame, waits
 * included, and how often the browser's own Event Timing, which rounds to 8 ms and adds the way to the screen, has 16 ms or
 * more.
 */
import type { Locator, Page } from '@playwright/test';

/** Of one key, in milliseconds. */
export type Keystroke = {
  readonly work: number;
  readonly shown: number;
};

export type Typed = {
  readonly keystrokes: readonly Keystroke[];
  /** Keys of which Event Timing tells, for they took 16 ms or more. */
  readonly slowKeys: number;
  /** Frames of more than 50 ms (`long-animation-frame`), whatever for. */
  readonly longFrames: number;
};

type Typing = { readonly takeTyped: () => Promise<Typed> };

/** As somebody types who types well: about twelve letters a second. */
const pausesMs = [50, 70, 90, 110] as const;
const prose = 'the ship was at sea and the whale was near but nobody on board had seen it yet ';

/** From now on, in this page. */
export async function watchTyping(page: Page): Promise<void> {
  await page.evaluate(() => {
    let [keystrokes, slowKeys, longFrames]: [Keystroke[], number, number] = [[], 0, 0];
    // TypeScript's types of browsers know the oldest entries only.
    const slowEvents: object = { type: 'event', durationThreshold: 16 };
    new PerformanceObserver((list) => (slowKeys += list.getEntriesByName('keydown').length)).observe(
      slowEvents,
    );
    new PerformanceObserver((list) => (longFrames += list.getEntries().length)).observe({
      type: 'long-animation-frame',
    });

    /** When the task that runs now, or the frame that is drawn now, has ended. */
    const afterwards = (): Promise<number> => {
      const { promise, resolve } = Promise.withResolvers<number>();
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        resolve(performance.now());
        port1.close();
      };
      port2.postMessage(null);
      return promise;
    };
    type Span = { readonly fromMs: number; readonly to: Promise<number> };
    const span = (): Span => ({ fromMs: performance.now(), to: afterwards() });
    /** Together, where they overlap once. */
    const lengthOf = async (spans: readonly Span[]): Promise<number> => {
      let [sum, untilMs] = [0, 0];
      for (const { fromMs, to } of spans) {
        const toMs = await to;
        sum += Math.max(0, toMs - Math.max(fromMs, untilMs));
        untilMs = Math.max(untilMs, toMs);
      }
      return sum;
    };
    let pressed: { readonly atMs: number; readonly task: Span } | undefined;
    const inCapture = { capture: true };
    document.addEventListener(
      'keydown',
      ({ timeStamp }) => (pressed = { atMs: timeStamp, task: span() }),
      inCapture,
    );
    document.addEventListener(
      'input',
      () => {
        const key = pressed;
        if (key === undefined) return;
        // Browsers may make it a task of its own.
        const spans = [key.task, span()];
        requestAnimationFrame(() => {
          const frame = span();
          void lengthOf([...spans, frame]).then(async (work) =>
            keystrokes.push({ work, shown: (await frame.to) - key.atMs }),
          );
        });
      },
      inCapture,
    );
    const takeTyped = async (): Promise<Typed> => {
      // Observers are told a little later.
      await new Promise((resolve) => setTimeout(resolve, 200));
      const taken = { keystrokes, slowKeys, longFrames };
      [keystrokes, slowKeys, longFrames] = [[], 0, 0];
      return taken;
    };
    Object.assign(globalThis, { takeTyped });
  });
}

/** Types as a person does. */
export async function typeInto(field: Locator, keys: number): Promise<void> {
  await field.focus();
  const { keyboard } = field.page();
  for (let key = 0; key < keys; key++) {
    await keyboard.press(prose.charAt(key % prose.length));
    await field.page().waitForTimeout(pausesMs[key % pausesMs.length] ?? 0);
  }
}

/** What was typed in the page since this was last asked. */
export function takeTyped(page: Page): Promise<Typed> {
  return page.evaluate(() => (globalThis as unknown as Typing).takeTyped());
}
