/**
 * Somebody whose app is full of everything: one for each worker of Playwright, since it takes a while to come about. What
 * is audited reads; what it opens, it closes.
 */
import type { Browser } from '@playwright/test';
import type { RouteName } from '../../src/routes.js';
import { acquaint, Person } from '../person.js';
import { expect, story } from '../story.js';

export type House = {
  readonly anna: Person;
  /** Anna's contact. */
  readonly ben: Person;
  /** Of the conversation of the two. */
  readonly chat: string;
  readonly benPerson: string;
  readonly group: string;
};

export const inHouse = story.extend<object, { readonly house: House }>({
  house: [
    async ({ browser }, use, { project }) => {
      const house = await build(browser, project.use.baseURL ?? '');
      await use(house);
      await Promise.all([house.anna.leave(), house.ben.leave()]);
    },
    { scope: 'worker', timeout: 180_000 },
  ],
});

/** Of the routes that have an id in them. */
export function addressesIn({ chat, group, benPerson }: House): Partial<Record<RouteName, string>> {
  return {
    chat,
    details: `${group}/details`,
    searchIn: `${chat}/search`,
    person: benPerson,
    // Of nobody: a link that is right leads on at once.
    invite: '/invite#of-nobody',
  };
}

async function build(browser: Browser, origin: string): Promise<House> {
  const arrive = async (name: string): Promise<Person> => {
    const person = await Person.arrive({ browser, origin, name });
    await person.open();
    await person.register();
    return person;
  };
  const [anna, ben, carol] = await Promise.all([arrive('anna'), arrive('ben'), arrive('carol')]);
  await acquaint(anna, ben);
  const chat = addressOf(anna);
  await fill(anna, ben);
  await anna.page.getByRole('main').getByRole('heading', { level: 1 }).click();
  await expect(anna.page.getByRole('button', { name: 'Write a message' })).toBeVisible();
  const benPerson = addressOf(anna);
  await anna.makeGroup('Garden', ben, carol);
  const group = addressOf(anna);
  // Carol is a stranger to Anna's contact and asks Anna herself.
  await carol.writeTo(anna);
  await carol.send('Is this you?');
  await expect(anna.page.getByRole('link', { name: '1 request' })).toBeVisible();
  await carol.leave();
  return { anna, ben, chat, benPerson, group };
}

function addressOf({ page }: Person): string {
  return new URL(page.url()).pathname;
}

/** A conversation with all that can stand in one. */
async function fill(anna: Person, ben: Person): Promise<void> {
  await ben.send('Have a look at https://example.org/a/rather/long/address?with=parts before we meet.');
  await ben.send('Line\n'.repeat(30).trim());
  await anna.send('Thanks, I will. سلام');
  await anna.send('Not that one');
  await anna.send('About ten');
  await anna.act('Not that one', 'Delete');
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await anna.act('About ten', 'Edit');
  await anna.send('About eleven');
  await expect(ben.message('About eleven')).toHaveCount(1);
  await ben.act('About eleven', 'Reply');
  await ben.send('Fine!');
  await expect(anna.message('Fine!')).toHaveCount(1);
  await anna.act('Fine!', 'React with 👍');
  await expect(ben.message('Fine!').getByRole('button', { name: /^👍/ })).toBeVisible();
}
