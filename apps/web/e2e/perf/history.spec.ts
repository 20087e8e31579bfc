/** Moving through a conversation of ten thousand messages: by wheel, by keyboard, and at one go. */
import type { Page } from '@playwright/test';
import type { Person } from '../person.js';
import { expect } from '../story.js';
import { takeFrames, watchFrames } from './frames.js';
import { hold, latencyOf, tell } from './held.js';
import { amongRegulars, manyMessages, textOf, type Regular } from './regulars.js';

/** Of the wheel; less than what is drawn beyond the screen. */
const tickPx = 300;
const wheeledMessages = 1_000;
const longMs = 50;
const maxLongPart = 0.02;
/** However long the history is, the page has about as many elements as are on the screen. */
const maxElements = 2_000;

amongRegulars('ten thousand messages scroll by without a stop', async ({ regulars: { many } }) => {
  amongRegulars.setTimeout(240_000);
  const { person, page } = await openAtEnd(many);
  await watchFrames(page);
  await person.history.hover();
  const beginMs = performance.now();
  let shown = await firstShown(page);
  for (const until = shown - wheeledMessages; shown > until;) {
    await page.mouse.wheel(0, -tickPx);
    const next = await firstShown(page);
    expect(next, 'scrolling back goes back').toBeLessThanOrEqual(shown);
    shown = next;
  }
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
  while ((await firstShown(page)) > 1) {
    const [before, fromMs] = [await firstShown(page), performance.now()];
    await page.keyboard.press('Home');
    await expect.poll(() => firstShown(page), { intervals: [5] }).toBeLessThan(before);
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
  await person.closeTabs();
});

async function openAtEnd({ person, chat }: Regular): Promise<{ person: Person; page: Page }> {
  const page = await person.open(chat);
  await expect(person.message(textOf(manyMessages))).toBeInViewport();
  return { person, page };
}

/** The number of the first message that is on the screen. */
function firstShown(page: Page): Promise<number> {
  return page.evaluate(() => {
    const history = document.querySelector('[role=log]');
    const topPx = history?.getBoundingClientRect().top ?? 0;
    const texts = [...(history?.querySelectorAll('article .message-text') ?? [])];
    const shown = texts.filter((text) => text.getBoundingClientRect().bottom > topPx);
    const numbers = shown.map(({ textContent }) => /^number (\d+)/.exec(textContent)?.[1]);
    return Number(numbers.find((number) => number !== undefined) ?? NaN);
  });
}
