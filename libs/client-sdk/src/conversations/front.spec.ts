/** What a client reads first. Real: steps, memory, the client. Faked: the store's disk, the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ConversationId, MessageId } from '@cipherchat/protocol';
import { CipherChat } from '../client.js';
import { Memory } from '../state/memory.js';
import type { ConversationRow } from '../state/rows.js';
import { only, tables } from '../state/tables.js';
import { createMemoryDisk, createMemoryStore } from '../store/memory-store.js';
import type { Store } from '../store/store.js';
import { createFakeEngine } from '../testing/fake-engine.js';
import { chatId, fillChats, numbered, watchReads } from '../testing/many-chats.js';
import { ModelWorld } from '../testing/model-world.js';
import { quietSteps } from '../testing/quiet-steps.js';
import { frontOf } from './front.js';

const sizesOf = (chats: number): readonly number[] => Array.from({ length: chats }, () => 2);
const textOf = (message: number): string => `text ${message}`;

async function storedRows(store: Store): Promise<readonly ConversationRow[]> {
  const rows = await store.scan({ table: tables.conversations.name, prefix: '', limit: 1_000 });
  return rows.map(({ value }) => tables.conversations.decode(value));
}

async function storedFront(store: Store): Promise<readonly ConversationId[]> {
  const bytes = await store.get(tables.front.name, only);
  return bytes === null ? [] : tables.front.decode(bytes);
}

/** What may happen to a conversation that moves it in a list; `null`: it is a new one. */
const anyChange = fc.record({
  chat: fc.nat({ max: 60 }),
  atMs: fc.nat({ max: 50 }),
  standing: fc.constantFrom('accepted', 'accepted', 'request', 'declined'),
  isReplaced: fc.nat({ max: 9 }).map((chance) => chance === 0),
} satisfies Record<string, fc.Arbitrary<unknown>>);

describe('the front', () => {
  it('is what a list of all begins with, whatever a step did to them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(anyChange, { minLength: 1, maxLength: 3 }), { maxLength: 120 }),
        async (steps) => {
          const disk = createMemoryDisk();
          await fillChats({ store: createMemoryStore(disk), sizes: sizesOf(40), textOf });
          const store = createMemoryStore(disk);
          const memory = (await Memory.load(store))!;
          const device = await quietSteps(store, memory);
          const [pattern] = memory.conversations.values();
          for (const changes of steps) {
            await device.run('inbox/apply-entries', (transaction) => {
              for (const { chat, atMs, standing, isReplaced } of changes) {
                const id = chatId(chat);
                const row = memory.conversations.get(id) ?? { ...pattern!, id };
                transaction.put(tables.conversations, id, {
                  ...row,
                  standing,
                  lastActivityMs: pattern!.lastActivityMs + atMs,
                  replacedBy: isReplaced ? chatId(0) : null,
                });
              }
            });
            const front = await storedFront(store);
            expect(front).toEqual(frontOf(await storedRows(store)));
            expect(memory.front).toEqual(front);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('holds thirty conversations and ten requests, newest first', async () => {
    const store = createMemoryStore();
    await fillChats({ store, sizes: sizesOf(50), textOf });
    const rows = await storedRows(store);
    const numbers = (from: number, to: number): readonly ConversationId[] =>
      Array.from({ length: from - to + 1 }, (_, at) => chatId(from - at));
    expect(await storedFront(store)).toEqual(numbers(49, 20));
    const asked = rows.map((row) => ({ ...row, standing: 'request' as const }));
    expect(frontOf(asked)).toEqual(numbers(49, 40));
    expect(frontOf(rows.map((row) => ({ ...row, standing: 'declined' as const })))).toEqual([]);
  });
});

const ofAll: readonly string[] = [tables.conversations.name, tables.summaries.name];

/** A client whose store gives no answer to who asks for all conversations, before `letGo`. */
async function openSlowly(chats: number) {
  const disk = createMemoryDisk();
  await fillChats({ store: createMemoryStore(disk), sizes: sizesOf(chats), textOf });
  const world = new ModelWorld({ seed: 5 });
  const held = Promise.withResolvers<void>();
  const slow = createMemoryStore(disk);
  const watched = watchReads({
    ...slow,
    scan: async (query) => {
      if (ofAll.includes(query.table)) await held.promise;
      return slow.scan(query);
    },
  });
  const { client, whole } = await CipherChat.openFront({
    store: watched.store,
    engine: createFakeEngine({ universe: world.universe, random: world.random }),
    random: world.random,
    clock: world.clock,
    ...world.network.portsFor({}),
  });
  return { client, whole, letGo: held.resolve, watched };
}

describe('a client that opens with its front', () => {
  it('shows it, and reads its messages, before it has read the rest', async () => {
    const { client, whole, letGo } = await openSlowly(500);
    const front = client.front();
    expect(front).toHaveLength(30);
    expect(front[0]).toMatchObject({ id: chatId(499), unreadCount: 1 });
    expect(front[0]?.lastMessage?.body).toEqual({ kind: 'text', text: 'text 1000' });
    const { messages } = await client.conversation(chatId(499)).page();
    expect(messages.map(({ id }) => id)).toEqual([numbered<MessageId>(4, 999), numbered(4, 1_000)]);
    expect(client.connection.kind).toBe('offline');
    letGo();
    await whole;
    expect(client.conversations()).toHaveLength(500);
    expect(client.conversations().slice(0, 30)).toEqual(front);
    expect(client.connection.kind).not.toBe('offline');
    await client.close();
  });

  it('has read as much by then with 500 conversations as with 50', async () => {
    const read: number[] = [];
    for (const chats of [50, 500]) {
      const { client, whole, letGo, watched } = await openSlowly(chats);
      read.push(watched.rowsRead.reduce((sum, rows) => sum + rows, 0));
      letGo();
      await whole;
      await client.close();
    }
    expect(read[1]).toBe(read[0]);
  });
});
