/**
 * How long somebody waits who comes back, until they see their conversations and can write in the one that they left: it does
 * not depend on how many they have. Two of three people are nearly alike in it, and each is the other's measure: what else
 * the machine does concerns all of them, since they come in turn.
 */
import { expect } from '../story.js';
import { arrivalOf, watchArrival, type Arrival } from './arrival.js';
import { hold, latencyOf, median, tell } from './held.js';
import { amongRegulars, chatsOf, manyMessages, type Regular } from './regulars.js';

const rounds = 9;
/** Chance alone made it differ by up to a fifth between two who have the same. */
const maxGrowth = 1.25;

amongRegulars(
  'the app is usable as soon with five hundred conversations as with none',
  async ({ regulars }) => {
    amongRegulars.setTimeout(240_000);
    const { none, few, many } = regulars;
    const arrivals = { none: [] as Arrival[], few: [] as Arrival[], many: [] as Arrival[] };
    for (let round = 0; round < rounds; round++) {
      arrivals.none.push(await comeBack(none));
      arrivals.few.push(await comeBack(few));
      arrivals.many.push(await comeBack(many));
    }
    const of = (kind: keyof typeof arrivals, timeOf: (arrival: Arrival) => number): readonly number[] =>
      arrivals[kind].map(timeOf);
    for (const kind of ['none', 'few', 'many'] as const) {
      tell(`${chatsOf[kind]} conversations: list shown, ms`, latencyOf(of(kind, listShown)));
      if (kind !== 'none') tell(`${chatsOf[kind]} conversations: usable, ms`, latencyOf(of(kind, usable)));
      tell(`${chatsOf[kind]} conversations: from connecting to live, ms`, latencyOf(of(kind, connected)));
    }
    tell(
      `${manyMessages} messages and ${chatsOf.few + chatsOf.many} conversations caught up, s`,
      regulars.caughtUpS,
    );
    hold({
      name: 'listOf500To0',
      what: `list with ${chatsOf.many} conversations to one with none`,
      value: median(of('many', listShown)) / median(of('none', listShown)),
      atMost: maxGrowth,
    });
    hold({
      name: 'usableWith500To50',
      what: `usable with ${chatsOf.many} conversations to ${chatsOf.few}`,
      value: median(of('many', usable)) / median(of('few', usable)),
      atMost: maxGrowth,
    });
    hold({
      name: 'liveWith500To0',
      what: `from connecting to live with ${chatsOf.many} conversations to none`,
      value: median(of('many', connected)) / median(of('none', connected)),
      atMost: 2,
    });
  },
);

const listShown = ({ list }: Arrival): number => list;
const usable = ({ list, composer = 0, history = 0 }: Arrival): number => Math.max(list, composer, history);
/** Before it there is a wait by chance, which is meant (`connection/backoff.ts`). */
const connected = ({ connecting, live }: Arrival): number => live - connecting;

async function comeBack({ person, chat }: Regular): Promise<Arrival> {
  const page = await person.open(chat, watchArrival);
  const arrival = await arrivalOf(page);
  if (chat !== '/') {
    // It is where the keyboard is, and takes what is typed.
    await page.keyboard.type('now');
    await expect(person.composer).toHaveValue(/now$/);
  }
  await person.closeTabs();
  return arrival;
}
