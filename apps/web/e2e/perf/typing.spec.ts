/**
 * A letter costs no more in a conversation of ten thousand messages than in one of a few, or in a bare field beside it: the
 * history is not drawn anew for it. See `keystrokes.ts` for what is measured.
 */
import type { Locator, Page } from '@playwright/test';
import type { Person } from '../person.js';
import { expect } from '../story.js';
import { hold, latencyOf, tell, type Latency } from './held.js';
import { typeInto, type Typed } from './keystrokes.js';
import { amongRegulars, type Regular } from './regulars.js';

const turns = 4;
const keysPerTurn = 50;
/** A screen of 60 Hz shows the next frame after this. */
const frameMs = 16;
/** Chance makes it differ by up to a tenth between two that are the same. */
const maxRatio = 1.25;
/** So many messages are read at a time, and held at most (`history.ts`, `message-window.ts`). */
const [pageMessages, heldMessages] = [60, 960];

amongRegulars('a letter costs no more where ten thousand messages are', async ({ regulars }) => {
  amongRegulars.setTimeout(240_000);
  const [long, short] = [await openChat(regulars.many), await openChat(regulars.few)];
  await readBack(long);
  const typing = (where: string, field: Locator): Typing => ({ where, field, all: [] });
  const among = typing('ten thousand messages', long.composer);
  const alone = typing('one message', short.composer);
  const bare = typing('a bare field', await bareField(long.page));
  // In turn, so that what else the machine does concerns all. The first turn is for the compilers of the browser.
  for (let turn = 0; turn <= turns; turn++) {
    for (const { field, all } of [among, alone, bare]) {
      await field.page().bringToFront();
      const typed = await typeInto(field, keysPerTurn);
      expect(typed.work).toHaveLength(keysPerTurn);
      await expect(field).toHaveValue(new RegExp(`.{${(turn + 1) * keysPerTurn}}$`));
      if (turn > 0) all.push(typed);
    }
  }
  for (const { where, all } of [among, alone, bare]) {
    tell(`${where}: work of a letter, ms of the processor`, workOf(all));
    tell(`${where}: from the key to the frame, ms`, latencyOf(all.flatMap(({ shown }) => shown)));
  }
  hold({
    name: 'typingP95Ms',
    what: 'work of a letter among ten thousand messages, p95, ms of the processor',
    value: workOf(among.all).p95,
    atMost: frameMs,
  });
  hold({
    name: 'typingToOneMessage',
    what: 'work of a letter among ten thousand messages to one message, p50',
    value: workOf(among.all).p50 / workOf(alone.all).p50,
    atMost: maxRatio,
  });
  tell(
    'work of a letter among ten thousand messages to a bare field, p50',
    workOf(among.all).p50 / workOf(bare.all).p50,
  );
  await long.closeTabs();
  await short.closeTabs();
});

type Typing = { readonly where: string; readonly field: Locator; readonly all: Typed[] };

const workOf = (all: readonly Typed[]): Latency => latencyOf(all.flatMap(({ work }) => work));

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
