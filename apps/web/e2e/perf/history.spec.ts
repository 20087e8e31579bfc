/** Moving through a conversation of ten thousand messages: by wheel, by keyboard, and at one go. */
import type { Page } from '@playwright/test';
import { expect } from '../story.js';
import { takeFrames, watchFrames } from './frames.js';
import { hold, latencyOf, tell } from './held.js';
import { amongRegulars, manyMessages, textOf } from './regulars.js';

/** Of the wheel; less than what is drawn beyond the screen. */
const tickPx = 300;
const wheeledMessages = 1_000;
/** No more than this are on a screen. */
const screenMessages = 30;
const longMs = 50;
const maxLongPart = 0.02;
/** Nobody scrolls on before they have looked; the list measures what it drew first for 150 ms, and keeps to its place. */
const lookMs = 250;
/** However long the history is, the page has about as many elements as are on the screen. */
const maxElements = 2_000;

amongRegulars('ten thousand messages scroll by without a stop', async ({ regulars: { many } }) => {
  amongRegulars.setTimeout(240_000);
  const { person, chat } = many;
  const page = await person.open(chat);
  await expect(person.message(textOf(manyMessages))).toBeInViewport();
  await watchFrames(page);
  await person.history.hover();
  const beginMs = performance.now();
  await wheel(page, { messages: wheeledMessages, towards: 'older' });
  const frames = await takeFrames(page);
  const long = frames.gaps.filter((gap) => gap > longMs).length;
  tell(`${wheeledMessages} messages by wheel, s`, (performance.now() - beginMs) / 1_000);
  tell('between frames, ms', latencyOf(frames.gaps));
  tell(`frames of more than ${longMs} ms, of ${frames.gaps.length}`, long);
  tell('frames that tasks blocked', frames.blocked.filter((blocked) => blocked > 0).length);
  hold({
    name: 'longFramesPart',
    what: `part of frames of more than ${longMs} ms while scrolling`,
    value: long / frames.gaps.length,
    atMost: maxLongPart,
  });

  // The rest by the Home key, which goes to the first that is there: on and on, until it is the first of all.
  const pagesMs: number[] = [];
  await person.history.focus();
  for (let shown = await firstShown(page); shown > 1;) {
    const [before, fromMs] = [shown, performance.now()];
    await page.keyboard.press('Home');
    await expect.poll(async () => (shown = await firstShown(page)), { intervals: [5] }).toBeLessThan(before);
    pagesMs.push(performance.now() - fromMs);
  }
  tell('a press of Home, ms', latencyOf(pagesMs));
  const { elements } = await takeFrames(page);
  hold({
    name: 'elements',
    what: 'elements on the page at most',
    value: elements,
    atMost: maxElements,
  });
  await person.closeTabs();
});

amongRegulars('the oldest of ten thousand messages is a search and a click away', async ({ regulars }) => {
  amongRegulars.setTimeout(120_000);
  const { person, chat } = regulars.many;
  const page = await person.open(`${chat}/search`);
  const search = page.getByRole('search');
  let beginMs = performance.now();
  await search.getByRole('textbox').fill('Hello!');
  await expect(search.getByRole('listitem')).toHaveCount(1);
  tell(`found among ${manyMessages}, ms`, performance.now() - beginMs);
  beginMs = performance.now();
  await search.getByRole('listitem').getByRole('link').click();
  await expect(person.message('Hello!')).toBeInViewport();
  tell('shown among its neighbours, ms', performance.now() - beginMs);
  // And on from there.
  await page.waitForTimeout(lookMs);
  await person.history.hover();
  await wheel(page, { messages: wheeledMessages, towards: 'newer' });
  await person.closeTabs();
});

/** Message after message: the page neither stands still, nor turns back, nor leaves any out. */
async function wheel(
  page: Page,
  { messages, towards }: { readonly messages: number; readonly towards: 'older' | 'newer' },
): Promise<void> {
  const sign = towards === 'older' ? -1 : 1;
  let [gone, ticks, shown] = [0, 0, await firstShown(page)];
  while (gone < messages) {
    await page.mouse.wheel(0, sign * tickPx);
    const next = await firstShown(page);
    const step = sign * (next - shown);
    expect(step, `from ${shown} to ${next}`).toBeGreaterThanOrEqual(0);
    expect(step, `from ${shown} to ${next}`).toBeLessThanOrEqual(screenMessages);
    expect(++ticks, `${gone} messages by ${ticks} ticks`).toBeLessThan(messages);
    [gone, shown] = [gone + step, next];
  }
}

/** The number of the first message that is on the screen, in the frame that is drawn next. */
function firstShown(page: Page): Promise<number> {
  return page.evaluate(async () => {
    await new Promise((drawn) =>
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = drawn;
        port2.postMessage(null);
      }),
    );
    const history = document.querySelector('[role=log]');
    const topPx = history?.getBoundingClientRect().top ?? 0;
    const texts = [...(history?.querySelectorAll('article .message-text') ?? [])];
    const shown = texts.filter((text) => text.getBoundingClientRect().bottom > topPx);
    const numbers = shown.map(({ textContent }) => /^number (\d+)/.exec(textContent)?.[1]);
    return Number(numbers.find((number) => number !== undefined) ?? NaN);
  });
}
