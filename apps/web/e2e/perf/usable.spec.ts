/**
 * How long somebody waits who comes back, until they see their conversations and can write in the one that they left: it does
 * not grow with how many they have. Who has few is the measure of who has many; they come in turn, so that what else the
 * machine does concerns both.
 */
import type { Person } from '../person.js';
import { expect } from '../story.js';
import { arrivalOf, watchArrival, type Arrival } from './arrival.js';
import { hold, latencyOf, median, tell } from './held.js';
import { amongRegulars, chatsOf, manyMessages, type Regular } from './regulars.js';

const rounds = 9;
/** Chance alone makes it differ by up to a fifth between two who have the same. */
const maxGrowth = 1.25;
/** With none there is a sentence to draw, and nothing to decrypt; else a screen full of conversations, however many there are. */
const maxGrowthFromNone = 2;

type Visit = {
  readonly what: string;
  readonly person: Person;
  readonly path: string;
  readonly arrivals: Arrival[];
};

amongRegulars(
  'the app is usable as soon with five hundred conversations as with fifty',
  async ({ regulars: { none, few, many, caughtUpS } }) => {
    amongRegulars.setTimeout(240_000);
    const visit = (what: string, { person, chat }: Regular): Visit => ({
      what,
      person,
      path: chat,
      arrivals: [],
    });
    const noList = visit(`list, ${chatsOf.none} conversations`, { ...none, chat: '/' });
    const list = visit(`list, ${chatsOf.many} conversations`, { ...many, chat: '/' });
    const ofFew = visit(`one of ${chatsOf.few} conversations`, few);
    const ofMany = visit(`one of ${chatsOf.many} conversations`, many);
    const shortList = visit(`list, ${chatsOf.few} conversations`, { ...few, chat: '/' });
    const visits = [noList, shortList, list, ofFew, ofMany];
    for (let round = 0; round < rounds; round++)
      for (const { person, path, arrivals } of visits) arrivals.push(await comeBack(person, path));

    for (const { what, arrivals } of visits) {
      tell(`${what}: usable after, ms`, latencyOf(arrivals.map(usable)));
      tell(`${what}: from connecting to live, ms`, latencyOf(arrivals.map(connected)));
    }
    hold({
      name: 'usable500To50',
      what: `usable with ${chatsOf.many} conversations to ${chatsOf.few}`,
      value: median(ofMany.arrivals.map(usable)) / median(ofFew.arrivals.map(usable)),
      atMost: maxGrowth,
    });
    hold({
      name: 'list500To50',
      what: `list of ${chatsOf.many} conversations to one of ${chatsOf.few}`,
      value: median(list.arrivals.map(usable)) / median(shortList.arrivals.map(usable)),
      atMost: maxGrowth,
    });
    hold({
      name: 'list500To0',
      what: `list of ${chatsOf.many} conversations to the word that there are none`,
      value: median(list.arrivals.map(usable)) / median(noList.arrivals.map(usable)),
      atMost: maxGrowthFromNone,
    });
    const conversations = chatsOf.few + chatsOf.many;
    tell(`${manyMessages} messages and ${conversations} conversations caught up, s`, caughtUpS);
  },
);

const usable = ({ list, composer = 0, history = 0 }: Arrival): number => Math.max(list, composer, history);
/** Before it there is a wait by chance, which is meant (`connection/backoff.ts`). */
const connected = ({ connecting, live }: Arrival): number => live - connecting;

async function comeBack(person: Person, path: string): Promise<Arrival> {
  const page = await person.open(path, watchArrival);
  const arrival = await arrivalOf(page);
  if (path !== '/') {
    // It is where the keyboard is, and takes what is typed.
    await page.keyboard.type('now');
    await expect(person.composer).toHaveValue(/now$/);
  }
  await person.closeTabs();
  return arrival;
}
