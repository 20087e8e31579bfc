/**
 * Three people who differ in how much they have: no conversation at all, fifty, and five hundred, of which one holds ten
 * thousand messages. All of it was really sent, received and stored, by the way that messages go; one set for each worker
 * of Playwright, since it takes a while to come about. Whoever uses them closes their tabs, and may leave a draft.
 */
import type { Conversation } from '@cipherchat/client-sdk';
import { Person } from '../person.js';
import { expect, story } from '../story.js';
import { Correspondent } from './correspondent.js';

export const manyMessages = 10_000;
/** The first of them: more than are read at once. */
const ownMessages = 70;
export const chatsOf = { none: 0, few: 50, many: 500 } as const;

/** Somebody with their tabs closed, and the address of the conversation that they had last. */
export type Regular = { readonly person: Person; readonly chat: string };
export type Regulars = Readonly<Record<keyof typeof chatsOf, Regular>> & {
  /** What the two with conversations took to fetch, read and store all that was sent to them while they were away. */
  readonly caughtUpS: number;
};

/** The texts of the long conversation, oldest first; about as long as what people write. */
export const textOf = (number: number): string =>
  `number ${number}${' and some more words'.repeat((number * 7) % 11)}`;

export const amongRegulars = story.extend<object, { readonly regulars: Regulars }>({
  regulars: [
    async ({ browser }, use, { project }) => {
      const origin = project.use.baseURL ?? '';
      const arrive = async (name: string): Promise<Person> => {
        const person = await Person.arrive({ browser, origin, name });
        await person.open();
        await person.register();
        await person.keptOffline();
        return person;
      };
      const [none, few, many] = [await arrive('none'), await arrive('few'), await arrive('many')];
      const ben = await Correspondent.arrive({ origin, name: 'ben' });
      const carol = await Correspondent.arrive({ origin, name: 'carol' });
      await carol.acquaint(few);
      await carol.acquaint(many);
      const conversation = await ben.acquaint(many);
      const [chatOfFew, chatOfMany] = [addressOf(few), addressOf(many)];
      for (let number = 1; number <= ownMessages; number++) await many.send(textOf(number));
      await expect(many.mark(textOf(ownMessages))).not.toHaveAccessibleName('Queued');
      await Promise.all([none, few, many].map((person) => person.closeTabs()));
      // Both at once: the one waits for answers most of the time, the other for the processor.
      await Promise.all([
        fill(ben, conversation),
        (async () => {
          await carol.makeGroups(few, chatsOf.few - 1);
          await carol.makeGroups(many, chatsOf.many - 2);
          await carol.untilAll('sent');
        })(),
      ]);
      const startMs = performance.now();
      await Promise.all([few.open(), many.open()]);
      await Promise.all([ben.untilAll('delivered'), carol.untilAll('delivered')]);
      const caughtUpS = (performance.now() - startMs) / 1_000;
      // Read to the end: it opens there from now on.
      await many.openChat(ben.username);
      await many.page.getByRole('button', { name: 'To the newest message' }).click();
      await expect(many.message(textOf(manyMessages))).toBeInViewport();
      await expect(many.inList(ben.username)).not.toContainText('unread');
      await Promise.all([few.closeTabs(), many.closeTabs(), ben.leave(), carol.leave()]);
      const people = [none, few, many];
      await use({
        none: { person: none, chat: '/' },
        few: { person: few, chat: chatOfFew },
        many: { person: many, chat: chatOfMany },
        caughtUpS,
      });
      const faults = people.flatMap(({ username, watched }) =>
        watched.faults.map((fault) => `${username}: ${fault}`),
      );
      await Promise.all(people.map((person) => person.leave()));
      expect(faults, 'what went wrong unseen').toEqual([]);
    },
    { scope: 'worker', timeout: 400_000 },
  ],
});

async function fill(writer: Correspondent, conversation: Conversation): Promise<void> {
  for (let number = ownMessages + 1; number <= manyMessages; number++)
    await conversation.send(textOf(number));
  await writer.untilAll('sent');
}

function addressOf({ page }: Person): string {
  return new URL(page.url()).pathname;
}
