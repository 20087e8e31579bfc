/**
 * What lists show, held against what the tables say after every life of a conversation. Real: all of the client. Faked:
 * the engine, the services, time.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ConversationId, MessageId } from '@cipherchat/protocol';
import { CallRefusedError } from '../call-refused.js';
import { CipherChat } from '../client.js';
import { tables } from '../state/tables.js';
import { createMemoryDisk, createMemoryStore } from '../store/memory-store.js';
import { createFakeEngine } from '../testing/fake-engine.js';
import { chatId, fillChats, numbered, watchReads } from '../testing/many-chats.js';
import { ModelWorld, type ModelPerson } from '../testing/model-world.js';
import { meet, reads, restore } from '../testing/restored-world.js';
import type { ConversationInfo } from '../views.js';
import { isShown } from './message-table.js';

type Step = {
  readonly kind: 'send' | 'edit' | 'delete' | 'read' | 'read-all' | 'offline' | 'online' | 'crash' | 'wait';
  readonly who: number;
  readonly which: number;
};

const anyStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    'send',
    'send',
    'send',
    'edit',
    'delete',
    'read',
    'read',
    'read-all',
    'offline',
    'online',
    'crash',
    'wait',
  ),
  who: fc.nat({ max: 1 }),
  which: fc.nat({ max: 30 }),
});

/** The rows of a conversation on a person's disk, in order. */
function rowsOf({ disk }: ModelPerson, conversation: ConversationId) {
  const rows = [...(disk.tables.get(tables.messages.name) ?? [])];
  return rows
    .filter(([key]) => key.startsWith(`${conversation}/`))
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, bytes]) => tables.messages.decode(bytes));
}

/** Straight from the words of the invariants. */
function wanted(person: ModelPerson, conversation: ConversationId) {
  const stored = person.disk.tables.get(tables.summaries.name)?.get(conversation);
  const readPlace = stored === undefined ? '' : tables.summaries.decode(stored).readPlace;
  const rows = rowsOf(person, conversation);
  const unread = rows.filter(
    ({ sender, body, place }) => sender?.user !== person.user && body.kind === 'text' && place > readPlace,
  );
  const last = rows.findLast(isShown);
  return { unread: unread.map(({ message }) => message), last: last?.message ?? null };
}

function listed({ unreadCount, firstUnread, lastMessage }: ConversationInfo) {
  return { unreadCount, first: firstUnread?.message ?? null, last: lastMessage?.id ?? null };
}

async function expectTrue(person: ModelPerson, conversation: ConversationId): Promise<void> {
  const { unread, last } = wanted(person, conversation);
  const { info } = person.client.conversation(conversation);
  expect(listed(info)).toEqual({ unreadCount: unread.length, first: unread[0] ?? null, last });
  const shown = (await person.client.conversation(conversation).messages({ limit: 1 }))[0];
  const { id, place, atMs, sender, own, body, delivery } = shown ?? {};
  expect(info.lastMessage).toEqual({ id, place, atMs, sender, own, body, delivery });
}

async function take(world: ModelWorld, person: ModelPerson, conversation: ConversationId, step: Step) {
  const handle = person.client.conversation(conversation);
  const pick = async (): Promise<MessageId | undefined> => {
    const messages = await handle.messages({ limit: 500 });
    return messages[step.which % Math.max(1, messages.length)]?.id;
  };
  const message = await pick();
  if (message === undefined) return;
  switch (step.kind) {
    case 'send':
      await handle.send(`text ${step.which}`);
      return;
    case 'edit':
      return handle.edit(message, `edited ${step.which}`);
    case 'delete':
      return handle.delete(message);
    case 'read':
      return handle.markRead({ upTo: message });
    case 'read-all':
      return handle.markRead();
    case 'offline':
      return person.goOffline();
    case 'online':
      return person.goOnline();
    case 'crash':
      person.crash();
      return person.restart();
    case 'wait':
      return world.clock.run(2_000);
  }
}

async function pair(seed: number) {
  const { world, people } = await meet(seed, 'ana', 'ben');
  const [ana, ben] = people as [ModelPerson, ModelPerson];
  const { id } = await ana.client.direct(ben.user);
  await ana.client.conversation(id).send('start');
  await reads(world, [ana, ben], id, 'start');
  return { world, people, ana, ben, id };
}

describe('a list of 500 conversations', () => {
  it('is there when they were opened, and reads no message', async () => {
    const disk = createMemoryDisk();
    const sizes = Array.from({ length: 500 }, () => 20);
    await fillChats({ store: createMemoryStore(disk), sizes, textOf: (message) => `text ${message}` });
    const world = new ModelWorld({ seed: 5 });
    const { store, tablesRead } = watchReads(createMemoryStore(disk));
    const client = await CipherChat.open({
      store,
      engine: createFakeEngine({ universe: world.universe, random: world.random }),
      random: world.random,
      clock: world.clock,
      ...world.network.portsFor({}),
    });
    const listed = client.conversations();
    expect(listed).toHaveLength(500);
    expect(listed[0]).toMatchObject({ id: chatId(499), unreadCount: 10, notify: 'all' });
    expect(listed[0]?.lastMessage?.body).toEqual({ kind: 'text', text: 'text 10000' });
    expect(listed.at(-1)).toMatchObject({ id: chatId(0), firstUnread: { message: numbered(4, 1) } });
    expect(tablesRead.filter((table) => table === tables.messages.name)).toEqual([]);
    // Reading on is as cheap as it was: however many there are.
    expect(tablesRead.length).toBeLessThan(20);
    await client.close();
  });
});

describe('what a list shows of a conversation', () => {
  it('is what the messages say, whatever was done to them, and however the client ended', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(anyStep, { minLength: 10, maxLength: 50 }), async (seed, steps) => {
        const { world, people, ana, id } = await pair(seed);
        const backup = world.network.server.backup();
        const half = Math.floor(steps.length / 2);
        for (const [index, step] of steps.entries()) {
          const person = people[step.who] ?? ana;
          await take(world, person, id, step).catch((error: unknown) => {
            if (!(error instanceof CallRefusedError)) throw error;
          });
          await expectTrue(person, id);
          if (index === half && seed % 2 === 0) await restore(world, backup);
        }
        for (const person of people) person.goOnline();
        await world.clock.run(300_000);
        for (const person of people) {
          await expectTrue(person, id);
          await person.client.conversation(id).markRead();
          expect(person.client.conversation(id).info).toMatchObject({ unreadCount: 0, firstUnread: null });
          expect(person.faults).toEqual([]);
        }
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  it('counts down as it is read, and stays so through a restart', async () => {
    const { world, ana, ben, id } = await pair(2);
    const sent = [];
    for (const text of ['one', 'two', 'three']) sent.push((await ana.client.conversation(id).send(text)).id);
    await reads(world, [ben], id, 'three');
    expect(listed(ben.client.conversation(id).info)).toMatchObject({ unreadCount: 4, last: sent[2] });
    await ben.client.conversation(id).markRead({ upTo: sent[0] as MessageId });
    expect(listed(ben.client.conversation(id).info)).toMatchObject({ unreadCount: 2, first: sent[1] });
    await ben.client.conversation(id).setNotify('none');
    await world.clock.run(1_000);
    ben.crash();
    await ben.restart();
    expect(ben.client.conversation(id).info).toMatchObject({ unreadCount: 2, notify: 'none' });
    // What was seen stays seen.
    await ben.client.conversation(id).markRead({ upTo: sent[0] as MessageId });
    expect(listed(ben.client.conversation(id).info)).toMatchObject({ unreadCount: 2, first: sent[1] });
    await world.clock.run(10_000);
    const states = (await ana.client.conversation(id).messages()).map(({ delivery }) => delivery?.kind);
    expect(states).toEqual(['read', 'read', 'delivered', 'delivered']);
  });

  it('stays muted when two people begin a 1:1 at once', async () => {
    for (const seed of [4, 5]) {
      const { world, people } = await meet(seed, 'ana', 'ben');
      const [ana, ben] = people as [ModelPerson, ModelPerson];
      ana.goOffline();
      ben.goOffline();
      const [toBen, toAna] = [await ana.client.direct(ben.user), await ben.client.direct(ana.user)];
      await toBen.send('from ana');
      await toAna.send('from ben');
      await toBen.setNotify('none');
      await toAna.setNotify('none');
      ana.goOnline();
      ben.goOnline();
      await reads(world, [ana], toBen.id, 'from ben');
      await reads(world, [ben], toAna.id, 'from ana');
      expect([seed, toBen.info.notify, toAna.info.notify]).toEqual([seed, 'none', 'none']);
    }
  });

  it('holds no more of a long text than a line, and 999 of what is unread', async () => {
    const { world, ana, ben, id } = await pair(3);
    await ana.client.conversation(id).send('🙂'.repeat(5_000));
    await ben.client.conversation(id).markRead();
    const toldOf: ConversationInfo[] = [];
    ben.on('conversation', (info) => toldOf.push(info));
    await world.clock.runUntil(() => ben.client.conversation(id).info.unreadCount === 1);
    const { lastMessage } = ben.client.conversation(id).info;
    expect(lastMessage?.body).toEqual({ kind: 'text', text: '🙂'.repeat(160) });
    expect(toldOf.at(-1)).toEqual(ben.client.conversation(id).info);
    ben.goOffline();
    for (let sent = 0; sent < 1_010; sent++) await ana.client.conversation(id).send(`${sent}`);
    await world.clock.run(60_000);
    ben.goOnline();
    await reads(world, [ben], id, '1009');
    expect(ben.client.conversation(id).info.unreadCount).toBe(999);
    const [, , , fourth] = await ana.client.conversation(id).messages({ limit: 500 });
    await ben.client.conversation(id).markRead({ upTo: fourth?.id as MessageId });
    expect(ben.client.conversation(id).info.unreadCount).toBe(496);
  }, 60_000);
});
