/**
 * What a key costs the thread that draws, by the browser's own trace: the processor time of its tasks from one key to the
 * next. That is handlers, what React draws, layout and paint, and whatever else the app does meanwhile (a draft is kept, the
 * others are told that somebody types). It is all that an app can take from who types: a screen shows a frame every 16.7 ms,
 * and that wait is the same in any page. Processor time, for what else the machine does is no fault of the app.
 *
 * Beside it is told how long it took by the clock, from the press of the key to the end of the frame that shows the letter.
 */
import type { CDPSession, Locator, Page } from '@playwright/test';

export type Typed = {
  /** Of each key, in milliseconds of the processor. */
  readonly work: readonly number[];
  /** Of each key, in milliseconds. */
  readonly shown: readonly number[];
};

/** As somebody types who types well: about twelve letters a second. */
const pausesMs = [50, 70, 90, 110] as const;
const prose = 'the ship was at sea and the whale was near but nobody on board had seen it yet ';

/** Types as a person does. */
export async function typeInto(field: Locator, keys: number): Promise<Typed> {
  const page = field.page();
  await watchShown(page);
  await field.focus();
  const events = await traced(page, async () => {
    for (let key = 0; key < keys; key++) {
      await page.keyboard.press(prose.charAt(key % prose.length));
      await page.waitForTimeout(pausesMs[key % pausesMs.length] ?? 0);
    }
  });
  return { work: workOf(events), shown: await takeShown(page) };
}

/** Times are in microseconds; `tdur` is of the processor. */
type TraceEvent = {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly data?: { readonly type?: string } };
};

async function traced(page: Page, work: () => Promise<void>): Promise<readonly TraceEvent[]> {
  const session: CDPSession = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['devtools.timeline', 'disabled-by-default-devtools.timeline'] },
  });
  await work();
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  return events;
}

function workOf(events: readonly TraceEvent[]): readonly number[] {
  const keys = events.filter(({ name, args }) => name === 'EventDispatch' && args?.data?.type === 'keydown');
  const [first] = keys;
  if (first === undefined) return [];
  const pressedAt = keys.map(({ ts }) => ts).toSorted((one, other) => one - other);
  const work = pressedAt.map(() => 0);
  for (const { name, pid, tid, ts, dur = 0, tdur = dur } of events) {
    if (name !== 'RunTask' || pid !== first.pid || tid !== first.tid) continue;
    const key = pressedAt.findLastIndex((atUs) => atUs < ts + dur);
    if (key !== -1) work[key] = (work[key] ?? 0) + tdur / 1_000;
  }
  return work;
}

type Watching = { readonly takeShown?: () => number[] };

async function watchShown(page: Page): Promise<void> {
  await page.evaluate(() => {
    if ((globalThis as Watching).takeShown !== undefined) return;
    const shown: number[] = [];
    Object.assign(globalThis, { takeShown: () => shown.splice(0) });
    document.addEventListener(
      'keydown',
      ({ timeStamp }) =>
        requestAnimationFrame(() => {
          // Comes in when the browser is through with the frame.
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => {
            shown.push(performance.now() - timeStamp);
            port1.close();
          };
          port2.postMessage(null);
        }),
      { capture: true },
    );
  });
}

async function takeShown(page: Page): Promise<readonly number[]> {
  return page.evaluate(() => (globalThis as Watching).takeShown?.() ?? []);
}
