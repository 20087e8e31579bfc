/** Anna's app after a week of use. One for all pictures: it takes a minute or two to come about. */
import type { Page } from '@playwright/test';
import type { Person } from '../person.js';
import { expect } from '../story.js';
import type { Neighbours } from './neighbours.js';

export type Home = {
  readonly anna: Person;
  readonly ben: Person;
  /** Of the conversation of the two. */
  readonly chat: string;
  readonly benPerson: string;
  readonly group: string;
};

export async function settleIn(neighbours: Neighbours): Promise<Home> {
  const [anna, ben] = await Promise.all([
    neighbours.arrive({ username: 'anna', name: 'Anna Lindqvist', picture: 'anna' }),
    neighbours.arrive({ username: 'ben.okafor', name: 'Ben Okafor', picture: 'ben' }),
  ]);
  await few(neighbours, anna);
  const [clara, david] = await Promise.all([
    neighbours.arrive({ username: 'clara', name: 'Clara Jensen', picture: 'clara' }),
    neighbours.arrive({ username: 'david.kim', name: 'David Kim', picture: 'david' }),
  ]);
  await neighbours.meet({ by: david, to: anna, daysAgo: 2, at: '20:14', text: 'Shall we share the car?' });
  await neighbours.meet({ by: clara, to: anna, daysAgo: 3, at: '08:31', text: 'Good morning!' });
  await talk(neighbours, { anna, ben });
  const chat = addressOf(anna.page);
  await anna.page.getByRole('main').getByRole('heading', { level: 1 }).click();
  await expect(anna.page.getByRole('button', { name: 'Write a message' })).toBeVisible();
  const benPerson = addressOf(anna.page);
  const group = await plan(neighbours, { anna, others: [clara, david, ben] });
  await leaveThingsOpen(neighbours, { anna, clara });
  await openWithAnna(ben);
  await neighbours.leave(clara, david);
  return { anna, ben, chat, benPerson, group };
}

/** With whom there is not much to say. */
async function few(neighbours: Neighbours, anna: Person): Promise<void> {
  const henrik = await neighbours.arrive({ username: 'henrik', name: 'Henrik Sand' });
  await neighbours.meet({ by: henrik, to: anna, daysAgo: 5, at: '11:02', text: 'The bike is repaired.' });
  await expect(anna.page.getByRole('heading', { name: 'Henrik Sand', level: 1 })).toBeVisible();
  await neighbours.say({ by: anna, daysAgo: 5, at: '11:20', text: 'Thank you! I will come by on Friday.' });
  await neighbours.leave(henrik);
  const grace = await neighbours.arrive({ username: 'grace', name: 'Grace Mbeki' });
  await neighbours.meet({
    by: grace,
    to: anna,
    daysAgo: 4,
    at: '19:45',
    text: 'Are you still up for chess?',
  });
  await expect(anna.page.getByRole('heading', { name: 'Grace Mbeki', level: 1 })).toBeVisible();
  await neighbours.during({ daysAgo: 4, at: '19:50' }, async () => {
    await disappearAfter(anna, '1 day');
    await expect(grace.page.getByRole('link', { name: 'Messages disappear after 1 day' })).toBeVisible();
  });
  await neighbours.say({ by: anna, daysAgo: 4, at: '19:52', text: 'Always. The door code is 4-7-1-1.' });
  await neighbours.leave(grace);
}

async function disappearAfter({ page }: Person, length: string): Promise<void> {
  await page.getByRole('link', { name: 'Details' }).click();
  await page.getByRole('combobox', { name: 'Disappearing messages' }).selectOption(length);
  await page.getByRole('link', { name: 'Back' }).last().click();
}

/** A conversation with all that can stand in one. */
async function talk(neighbours: Neighbours, { anna, ben }: { anna: Person; ben: Person }): Promise<void> {
  const say = neighbours.say.bind(neighbours);
  const lakeHouse = 'Yes, a small house by the lake: https://example.org/lake-house';
  await neighbours.meet({
    by: ben,
    to: anna,
    daysAgo: 2,
    at: '18:12',
    text: 'Hi Anna! Did you find a place for the weekend?',
  });
  await say({ by: anna, daysAgo: 2, at: '18:20', text: lakeHouse });
  await say({ by: ben, daysAgo: 2, at: '18:21', text: 'That looks lovely. How do we get there?' });
  await expect(anna.message('That looks lovely. How do we get there?')).toHaveCount(1);
  await anna.act('That looks lovely. How do we get there?', 'React with ❤️');
  await say({ by: anna, daysAgo: 1, at: '09:05', text: 'Train at 8:50, then half an hour on foot.' });
  await anna.act('Train at 8:50, then half an hour on foot.', 'Edit');
  await anna.send('Train at 8:40, then half an hour on foot.');
  await say({ by: anna, daysAgo: 1, at: '09:06', text: 'Or was it 9:40?' });
  await anna.act('Or was it 9:40?', 'Delete');
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(ben.message('Train at 8:40, then half an hour on foot.')).toHaveCount(1);
  await ben.act('Train at 8:40, then half an hour on foot.', 'Reply');
  await say({ by: ben, daysAgo: 1, at: '09:12', text: 'Perfect, I bring breakfast 🥐' });
  await expect(anna.message('Perfect, I bring breakfast 🥐')).toHaveCount(1);
  await anna.act('Perfect, I bring breakfast 🥐', 'React with 👍');
  await say({ by: ben, daysAgo: 0, at: '16:58', text: 'They say it will be sunny on both days ☀️' });
  await say({ by: anna, daysAgo: 0, at: '17:03', text: 'Then I will pack the good camera.' });
  await say({
    by: anna,
    daysAgo: 0,
    at: '17:04',
    text: 'And a book, for the train. Yours is still here, do you remember?',
  });
  await expect(ben.page.getByText('Yours is still here', { exact: false }).last()).toBeVisible();
}

/** Groups come about now, whatever time is said: their keys are judged by it. */
async function plan(
  neighbours: Neighbours,
  { anna, others }: { anna: Person; others: readonly [Person, Person, Person] },
): Promise<string> {
  const [clara, david, ben] = others;
  await anna.makeGroup('Sunday walk', ...others);
  const group = addressOf(anna.page);
  for (const other of others) await other.openChat('Sunday walk');
  const everybody = [anna, ...others];
  const say = async (by: Person, text: string): Promise<void> => {
    await by.send(text);
    // An answer comes after what it answers.
    for (const each of everybody) await expect(each.message(text)).toHaveCount(1);
  };
  await say(anna, 'Who comes along this Sunday? Eight kilometres, with a café half-way.');
  await say(clara, 'I do! And I bring my brother.');
  await say(david, 'Me too, if we do not start before ten.');
  await say(ben, 'Ten is fine.');
  await ben.act('I do! And I bring my brother.', 'React with 🎉');
  await david.act('I do! And I bring my brother.', 'React with 🎉');
  await say(anna, 'Half past ten at the station, then.');
  await clara.act('Half past ten at the station, then.', 'React with 👍');
  await expect(anna.message('Half past ten at the station, then.')).toContainText('👍');
  return group;
}

/** What Anna has not read, and what she has begun. */
async function leaveThingsOpen(
  neighbours: Neighbours,
  { anna, clara }: { anna: Person; clara: Person },
): Promise<void> {
  await anna.openChat('David Kim');
  await anna.composer.fill('Gladly. I could drive on the way');
  await anna.openSettings('Privacy');
  await expect(anna.inList('David Kim')).toContainText('Draft:');
  await openWithAnna(clara);
  await neighbours.say({ by: clara, daysAgo: 1, at: '21:37', text: 'The photos are here!' });
  await neighbours.say({ by: clara, daysAgo: 1, at: '21:38', text: 'You have to see the one with the dog.' });
  await expect(anna.inList('Clara Jensen')).toContainText('2 unread messages');
}

/** Below the group, in which she wrote last. */
async function openWithAnna(person: Person): Promise<void> {
  await person.inList('Anna Lindqvist').last().click();
  await expect(person.page.getByRole('heading', { name: 'Anna Lindqvist', level: 1 })).toBeVisible();
}

function addressOf(page: Page): string {
  return new URL(page.url()).pathname;
}
