/** Nothing moves on the screen by itself: not while the app loads, and not when a message comes or goes. */
import type { Page } from '@playwright/test';
import { acquaint, Person } from '../person.js';
import { expect, story } from '../story.js';
import { hold } from './held.js';
import { movesOf, watchMoves } from './moves.js';
import { amongRegulars } from './regulars.js';

/** By the metric's own unit, the part of the screen times the way: less than can be seen. */
const maxMoves = 0.001;

async function holdStill(page: Page, { name, what }: { readonly name: string; readonly what: string }) {
  const { unasked, moved } = await movesOf(page);
  hold({
    name,
    what: `what moves by itself ${what}${moved.length === 0 ? '' : ` (${moved.join(', ')})`}`,
    value: unasked,
    atMost: maxMoves,
  });
}

story(
  'nothing moves while somebody registers, and two people write',
  async ({ browser, baseURL: origin = '', everyone }) => {
    const arrive = async (name: string): Promise<Person> => {
      const person = await Person.arrive({ browser, origin, name });
      everyone.push(person);
      await person.open('/', watchMoves);
      return person;
    };
    const [anna, ben] = [await arrive('anna'), await arrive('ben')];
    await expect(anna.page.getByRole('button', { name: 'Create an account' })).toBeVisible();
    await anna.keptOffline();
    await holdStill(anna.page, { name: 'movesFirstLoad', what: 'on a first load' });
    await anna.register();
    await ben.register();
    await acquaint(anna, ben);
    for (let number = 1; number <= 20; number++) {
      await ben.send(`number ${number}`);
      await anna.send(`answer ${number}`);
      await expect(anna.message(`number ${number}`)).toHaveCount(1);
      await expect(ben.message(`answer ${number}`)).toHaveCount(1);
    }
    await expect(anna.mark('answer 20')).toHaveAccessibleName('Read');
    await holdStill(anna.page, { name: 'movesWriting', what: 'while two people write' });
    await holdStill(ben.page, { name: 'movesWritten', what: 'at the other end' });
  },
);

amongRegulars(
  'nothing moves while the app opens, and conversations in it',
  async ({ regulars: { many } }) => {
    const { person, chat } = many;
    const page = await person.open('/', watchMoves);
    await expect(person.list.getByRole('listitem').nth(5)).toBeVisible();
    await holdStill(page, { name: 'movesList', what: 'while the list comes' });
    for (const item of [3, 1, 2]) {
      await person.list.getByRole('listitem').nth(item).getByRole('link').click();
      await expect(person.history.getByRole('article').first()).toBeVisible();
    }
    await holdStill(page, { name: 'movesOpening', what: 'while conversations are opened' });
    await person.closeTabs();
    const again = await person.open(chat, watchMoves);
    await expect(person.history.getByRole('article').last()).toBeInViewport();
    await expect(person.composer).toBeFocused();
    await holdStill(again, { name: 'movesComingBack', what: 'while one comes back to a conversation' });
    await person.closeTabs();
  },
);
