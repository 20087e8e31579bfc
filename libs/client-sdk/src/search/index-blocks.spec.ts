/**
 * The index, held against a naive look at every message after every step of random lives. Real: all of the client. Faked:
 * the engine, the services, time; crashes are at any point of any step.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ConversationId, MessageId } from '@cipherchat/protocol';
import { CallRefusedError } from '../call-refused.js';
import { isShown, shownBody } from '../messages/message-table.js';
import { tables, type Table } from '../state/tables.js';
import type { ModelPerson, ModelWorld } from '../testing/model-world.js';
import { meet, restore } from '../testing/restored-world.js';
import type { SearchCursor, SearchHit } from './search.js';

const vocabulary = ['tea', 'team', 'Teapot', 'café', 'milk', 'sugar'] as const;
/** More than a block keeps. */
const long = Array.from({ length: 600 }, (_, index) => `word${index}`).join(' ');

const anyText = fc
  .tuple(
    fc.array(fc.constantFrom(...vocabulary), { minLength: 1, maxLength: 3 }),
    fc.constantFrom('short', 'short', 'short', 'short', 'long'),
  )
  .map(([words, length]) => ({ words: words.join(' '), length }));

const anyStep = fc.record({
  kind: fc.constantFrom(
    ...['send', 'send', 'send', 'edit', 'edit', 'delete', 'delete', 'offline', 'online', 'wait', 'wait'],
    ...['crash-soon', 'crash-soon', 'crash', 'timer', 'read'],
  ),
  who: fc.nat(1),
  where: fc.nat(1),
  which: fc.nat(30),
  text: anyText,
});
type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

function rowsOf<Row>({ disk }: ModelPerson, table: Table<Row>): ReadonlyArray<readonly [string, Row]> {
  return [...(disk.tables.get(table.name) ?? [])].map(([key, bytes]) => [key, table.decode(bytes)]);
}

/** As they are shown: by conversation and place. */
function textsOnDisk(person: ModelPerson) {
  return rowsOf(person, tables.messages).flatMap(([key, row]) => {
    const body = isShown(row) ? shownBody(row, person.user) : null;
    return body?.kind === 'text' ? [{ key, text: body.text, message: row.message }] : [];
  });
}

/** No more, no less. */
function expectIndexed(person: ModelPerson): void {
  const indexed = rowsOf(person, tables.searchBlocks).flatMap(([key, { entries }]) => {
    expect(entries).not.toEqual([]);
    const [conversation] = key.split('/');
    return entries.map(({ place, words }) => ({ key: `${conversation}/${place}`, words }));
  });
  const wanted = textsOnDisk(person).map(({ key, text }) => {
    const words = text.split(' ').map((word) => ` ${word.toLowerCase().replace('é', 'e')}`);
    return { key, words: words.length > 500 ? null : words.join('') };
  });
  const byKey = (left: { readonly key: string }, right: { readonly key: string }) =>
    left.key < right.key ? -1 : 1;
  expect([...indexed].sort(byKey)).toEqual([...wanted].sort(byKey));
}

/** Page by page. */
async function find(person: ModelPerson, text: string): Promise<readonly SearchHit[]> {
  const found: SearchHit[] = [];
  let before: SearchCursor | null = [];
  while (before !== null) {
    const page = await person.client.search({ text, before, limit: 3 });
    expect(page.hits.length).toBeLessThanOrEqual(3);
    found.push(...page.hits);
    before = page.next;
  }
  return found;
}

async function expectFound(person: ModelPerson, query: string): Promise<void> {
  const wanted = (): readonly MessageId[] =>
    textsOnDisk(person)
      .filter(({ text }) => {
        const words = text.toLowerCase().replaceAll('é', 'e').split(' ');
        return query.split(' ').every((term) => words.some((word) => word.startsWith(term)));
      })
      .map(({ message }) => message)
      .sort();
  const before = wanted();
  const hits = await find(person, query);
  // What changes while one looks is not held against the looking.
  if (JSON.stringify(before) !== JSON.stringify(wanted())) return;
  expect(hits.map(({ message }) => message.id).sort()).toEqual(before);
  for (const places of Map.groupBy(hits, ({ conversation }) => conversation.id).values()) {
    const shown = places.map(({ message }) => message.place);
    expect(shown).toEqual([...shown].sort().reverse());
  }
}

/** Both begin a 1:1 at once, of which one is replaced by the other; and a group. */
async function beginAll(world: ModelWorld, [ana, ben]: readonly [ModelPerson, ModelPerson]) {
  ana.goOffline();
  ben.goOffline();
  const own = await ana.client.direct(ben.user);
  const other = await ben.client.direct(ana.user);
  await own.send('tea from ana');
  await other.send('tea from ben');
  expectIndexed(ana);
  ana.goOnline();
  ben.goOnline();
  const group = await ana.client.group({ users: [ben.user] });
  await group.send('milk');
  await world.clock.run(20_000);
  return { directs: [own.id, other.id] as const, group: group.id };
}

/** Called when a person's client has died. */
const died = new WeakMap<ModelPerson, () => void>();

/** At a point of a step that comes, perhaps of one that nobody asked for. */
function crashAfter(person: ModelPerson, points: number): void {
  let left = points;
  person.probe = () => {
    if (left-- !== 0) return;
    person.probe = () => undefined;
    person.crash();
    died.get(person)?.();
  };
}

/** The call, or the end of who made it: the dead answer nothing. */
function orDeath(person: ModelPerson, call: () => Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    died.set(person, resolve);
    call().then(() => resolve(), reject);
  });
}

const textOf = ({ text: { words, length } }: Step): string =>
  length === 'long' ? `${words} ${long}` : words;

async function take(world: ModelWorld, person: ModelPerson, id: ConversationId, step: Step): Promise<void> {
  const handle = person.client.conversation(id);
  const messages = await handle.messages({ limit: 500 });
  const message = messages[step.which % Math.max(1, messages.length)]?.id ?? null;
  switch (step.kind) {
    case 'send':
      return void (await handle.send(textOf(step)));
    case 'edit':
      return message === null ? undefined : handle.edit(message, textOf(step));
    case 'delete':
      return message === null ? undefined : handle.delete(message);
    case 'offline':
      return person.goOffline();
    case 'online':
      return person.goOnline();
    case 'crash-soon':
      crashAfter(person, step.which);
      return void (await handle.send(textOf(step)));
    case 'crash':
      return person.crash();
    case 'timer':
      return handle.setTimer(step.which === 0 ? null : step.which);
    case 'read':
      return handle.markRead();
    case 'wait':
      return world.clock.run(2_000);
  }
}

const isRunning = (person: ModelPerson): boolean => {
  try {
    return person.client !== undefined;
  } catch {
    return false;
  }
};

describe('the index of a store', () => {
  it('holds the words of every text that is shown and no others, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(anyStep, { minLength: 10, maxLength: 40 }), async (seed, steps) => {
        const { world, people } = await meet(seed, 'ana', 'ben');
        const pair = people as [ModelPerson, ModelPerson];
        const { directs, group } = await beginAll(world, pair);
        const backup = world.network.server.backup();
        for (const [index, step] of steps.entries()) {
          // One may die while the other opens.
          while (!pair.every(isRunning))
            for (const person of pair) if (!isRunning(person)) await person.restart();
          const person = pair[step.who] ?? pair[0];
          const where = step.where === 0 ? directs[step.who === 0 ? 0 : 1] : group;
          await orDeath(person, () => take(world, person, where, step)).catch((error: unknown) => {
            if (!(error instanceof CallRefusedError)) throw error;
          });
          for (const each of pair) if (isRunning(each)) expectIndexed(each);
          if (index === Math.floor(steps.length / 2) && seed % 2 === 0) await restore(world, backup);
        }
        for (const person of pair) {
          person.probe = () => undefined;
          if (!isRunning(person)) await person.restart();
          person.goOnline();
        }
        await world.clock.run(300_000);
        for (const person of pair) {
          expectIndexed(person);
          for (const query of ['te', 'tea', 'CAFÉ', 'milk sug', 'word5', 'nothing'])
            await expectFound(person, query.toLowerCase().replace('é', 'e'));
          expect(person.faults).toEqual([]);
        }
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});
