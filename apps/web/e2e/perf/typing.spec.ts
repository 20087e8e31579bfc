/**
 * A letter costs no more in a conversation of ten thousand messages than in one of a few, or in a bare field beside it: the
 * history is not drawn anew for it. See `keystrokes.ts` for what is measured.
 */
import type { Locator, Page } from '@playwright/test';
import type { Person } from '../person.js';
import { expect } from '../story.js';
import { hold, latencyOf, tell } from './held.js';
import { takeTyped, typeInto, watchTyping, type Typed } from './keystrokes.js';
import { amongRegulars, type Regular } from './regulars.js';

const turns = 4;
const keysPerTurn = 50;
/** A screen of 60 Hz shows the next frame after this. */
const frameMs = 16;
/** The timer of browsers and what else the machine does make this much between two that are the same. */
const maxRatio = 1.5;
/** So many messages are read at a time, and held at most (`history.ts`, `message-window.ts`). */
const [pageMessages, heldMessages] = [60, 960];

amongRegulars('a letter costs no more where ten thousand messages are', async ({ regulars }) => {
  amongRegulars.setTimeout(240_000);
  const [long, short] = [await openChat(regulars.many), await openChat(regulars.few)];
  await readBack(long);
  for (const { page } of [long, short]) await watchTyping(page);
  const fields = { long: long.composer, short: short.composer, bare: await bareField(long.page) };
  const all: Record<keyof typeof fields, Typed[]> = { long: [], short: [], bare: [] };
  // In turn, so that what else the machine does concerns all.
  for (let turn = 0; turn < turns; turn++) {
    for (const name of ['long', 'short', 'bare'] as const) {
      const field = fields[name];
      await field.page().bringToFront();
      await typeInto(field, keysPerTurn);
      all[name].push(await takeTyped(field.page()));
    }
  }
  const keystrokes = (name: keyof typeof all) => all[name].flatMap((typed) => typed.keystrokes);
  const work = (name: keyof typeof all) => latencyOf(keystrokes(name).map((key) => key.work));
  const sum = (name: keyof typeof all, what: 'slowKeys' | 'longFrames') =>
    all[name].reduce((total, typed) => total + typed[what], 0);
  const where = { long: 'ten thousand messages', short: 'one message', bare: 'a bare field' };
  for (const name of ['long', 'short', 'bare'] as const) {
    expect(keystrokes(name), where[name]).toHaveLength(turns * keysPerTurn);
    await expect(fields[name]).toHaveValue(new RegExp(`.{${turns * keysPerTurn}}$`));
    tell(`${where[name]}: work of a letter, ms`, work(name));
    tell(
      `${where[name]}: from the key to the frame, ms`,
      latencyOf(keystrokes(name).map((key) => key.shown)),
    );
    if (name !== 'bare')
      tell(`${where[name]}: keys that Event Timing has at 16 ms or more`, sum(name, 'slowKeys'));
    tell(`${where[name]}: frames of more than 50 ms`, sum(name, 'longFrames'));
  }
  hold({
    name: 'typingP95Ms',
    what: 'work of a letter among ten thousand messages, p95, ms',
    value: work('long').p95,
    atMost: frameMs,
  });
  hold({
    name: 'typingToShort',
    what: 'work of a letter among ten thousand messages to one message, p50',
    value: work('long').p50 / work('short').p50,
    atMost: maxRatio,
  });
  tell(
    'work of a letter among ten thousand messages to a bare field, p50',
    work('long').p50 / work('bare').p50,
  );
  await long.closeTabs();
  await short.closeTabs();
});

async function openChat({ person, chat }: Regular): Promise<Person> {
  await person.open(chat);
  await expect(person.history.getByRole('article').last()).toBeVisible();
  return person;
}

/** Until as many messages are held as ever are, and back to the end. */
async function readBack({ page, history }: Person): Promise<void> {
  const height = (): Promise<number> => history.evaluate((scroller) => scroller.scrollHeight);
  for (let held = pageMessages; held < heldMessages; held += pageMessages) {
    const before = await height();
    await history.evaluate((scroller) => scroller.scrollTo({ top: 0 }));
    await expect.poll(height).toBeGreaterThan(before);
  }
  const toNewest = page.getByRole('button', { name: 'To the newest message' });
  await toNewest.click();
  await expect(toNewest).toHaveCount(0);
}

/** On the same page, and nothing of the app listens to it. */
async function bareField(page: Page): Promise<Locator> {
  await page.evaluate(() => {
    const field = document.createElement('textarea');
    field.dataset['bare'] = '';
    Object.assign(field.style, { position: 'fixed', insetBlockStart: '0', insetInlineEnd: '0' });
    document.body.append(field);
  });
  return page.locator('[data-bare]');
}
