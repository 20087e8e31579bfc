/** Looking for messages. Real: all of the client. Faked: the engine, the services, time. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { idFromBytes, type ConversationId } from '@cipherchat/protocol';
import { CipherChat } from '../client.js';
import { tables } from '../state/tables.js';
import { createMemoryDisk, createMemoryStore } from '../store/memory-store.js';
import { sealStore } from '../store/sealed-store.js';
import { createFakeEngine } from '../testing/fake-engine.js';
import { chatId, fillChats, numbered, watchReads } from '../testing/many-chats.js';
import { ModelWorld, type ModelPerson } from '../testing/model-world.js';
import { meet, reads } from '../testing/restored-world.js';
import type { SearchCursor, SearchHit, SearchPage } from './search.js';

const opened: CipherChat[] = [];
afterEach(async () => {
  for (const client of opened.splice(0)) await client.close();
});

/** A client on a store that was filled before, and what it reads of it. */
async function filled(params: {
  readonly sizes: readonly number[];
  readonly textOf: (message: number) => string;
}) {
  const disk = createMemoryDisk();
  const key = new Uint8Array(32).fill(7);
  await fillChats({ store: sealStore({ store: createMemoryStore(disk), key }), ...params });
  const world = new ModelWorld({ seed: 5 });
  const watched = watchReads(sealStore({ store: createMemoryStore(disk), key }));
  const client = await CipherChat.open({
    store: watched.store,
    engine: createFakeEngine({ universe: world.universe, random: world.random }),
    random: world.random,
    clock: world.clock,
    ...world.network.portsFor({}),
  });
  opened.push(client);
  const readsOf = (table: { readonly name: string }): number =>
    watched.tablesRead.reduce(
      (sum, name, index) => sum + (name === table.name ? (watched.rowsRead[index] ?? 0) : 0),
      0,
    );
  return { client, disk, readsOf };
}

const idsOf = (hits: readonly SearchHit[]) => hits.map(({ message }) => message.id);
const textsOf = ({ hits }: SearchPage) =>
  hits.map(({ message: { body } }) => (body.kind === 'text' ? body.text : ''));

async function allPages(client: CipherChat, query: { readonly text: string; readonly limit: number }) {
  const pages: SearchPage[] = [];
  let before: SearchCursor | null = [];
  while (before !== null) {
    const page: SearchPage = await client.search({ ...query, before });
    pages.push(page);
    before = page.next;
  }
  return pages;
}

describe('a search', () => {
  it('finds newest first, in all conversations or in one, and says where in the text', async () => {
    const { client } = await filled({
      sizes: [3, 3, 3],
      textOf: (message) => (message % 2 === 0 ? `Zwölf Boxkämpfer ${message}` : 'jagen'),
    });
    const { hits, next } = await client.search({ text: 'zwolf box' });
    expect(idsOf(hits)).toEqual([8, 6, 4, 2].map((number) => numbered(4, number)));
    expect(hits.map(({ conversation }) => conversation.id)).toEqual([2, 1, 1, 0].map(chatId));
    expect(hits[0]?.ranges).toEqual([
      { start: 0, end: 5 },
      { start: 6, end: 16 },
    ]);
    expect(next).toBeNull();
    const inOne = await client.search({ text: 'zwolf', conversation: chatId(1) });
    expect(idsOf(inOne.hits)).toEqual([6, 4].map((number) => numbered(4, number)));
  });

  it('goes on where a page ended, and misses and repeats nothing', async () => {
    const { client } = await filled({
      sizes: [300, 10, 0, 150],
      textOf: (message) => (message % 3 === 0 ? `third ${message}` : 'other'),
    });
    const pages = await allPages(client, { text: 'third', limit: 7 });
    const found = pages.flatMap(({ hits }) => idsOf(hits));
    const wanted = Array.from({ length: 153 }, (_, index) => numbered(4, 459 - index * 3));
    expect(found).toEqual(wanted);
    expect(pages.slice(0, -1).every(({ hits }) => hits.length > 0)).toBe(true);
  });

  it('reads no more than its first page needs, of a word that is everywhere', async () => {
    const { client, readsOf } = await filled({ sizes: [4_990], textOf: () => 'same' });
    const { hits, next } = await client.search({ text: 'same', limit: 10 });
    expect(hits).toHaveLength(10);
    expect(next).not.toBeNull();
    expect(readsOf(tables.searchBlocks)).toBe(1);
    expect(readsOf(tables.messages)).toBe(10);
  });

  it('reads blocks and no messages for a word that is nowhere', async () => {
    const { client, readsOf } = await filled({ sizes: [5_000], textOf: () => 'same' });
    expect(await client.search({ text: 'other' })).toEqual({ hits: [], next: null });
    expect(readsOf(tables.searchBlocks)).toBeLessThanOrEqual(5_000 / 64 + 2);
    expect(readsOf(tables.messages)).toBe(0);
  });

  it('ends a page before it has read too much, and goes on from there', async () => {
    const long = 'word '.repeat(500);
    const { client } = await filled({
      sizes: [1_100],
      textOf: (message) => `${long} ${message === 1 ? 'needle' : ''}`,
    });
    const pages = await allPages(client, { text: 'needle', limit: 10 });
    expect(pages.map(({ hits }) => hits.length)).toEqual([0, 1]);
  });

  it('finds what is too long for a block, by words at its end', async () => {
    const { client } = await filled({ sizes: [1], textOf: () => `${'word '.repeat(10_000)}end` });
    const { hits } = await client.search({ text: 'end' });
    expect(hits[0]?.ranges).toEqual([{ start: 50_000, end: 50_003 }]);
  });

  it('for nothing that is a word finds nothing', async () => {
    const { client, readsOf } = await filled({ sizes: [10], textOf: () => 'text' });
    expect(await client.search({ text: ' … ' })).toEqual({ hits: [], next: null });
    expect(readsOf(tables.searchBlocks)).toBe(0);
  });

  it('in a conversation that is not here is refused', async () => {
    const { client } = await filled({ sizes: [1], textOf: () => 'text' });
    const conversation = idFromBytes<ConversationId>(new Uint8Array(16).fill(9));
    await expect(async () => client.search({ text: 'text', conversation })).rejects.toMatchObject({
      reason: 'unknown-conversation',
    });
  });
});

describe('the index', () => {
  it('is not needed to open a conversation', async () => {
    const { client, readsOf } = await filled({ sizes: [500], textOf: () => 'text' });
    await client.conversation(chatId(0)).page({});
    await client.conversation(chatId(0)).page({ around: numbered(4, 100) });
    expect(readsOf(tables.searchBlocks)).toBe(0);
  });

  it('lies on the disk sealed, as the messages do', async () => {
    const { disk } = await filled({ sizes: [10], textOf: () => 'canary' });
    const bytes = [...disk.tables.values()].flatMap((table) => [...table.values()]);
    expect(disk.tables.get(tables.searchBlocks.name)?.size).toBe(1);
    for (const value of bytes) expect(Buffer.from(value).includes('canary')).toBe(false);
  });
});

/** Who only accepts what they say they do. */
async function strangers(seed: number) {
  const world = new ModelWorld({ seed });
  const [ana, ben] = [await world.person('ana', 'kept'), await world.person('ben', 'kept')];
  const { id } = await ana.client.direct(ben.user);
  await ana.client.conversation(id).send('hello from a stranger');
  await reads(world, [ben], id, 'hello from a stranger');
  return { world, ana, ben, id };
}

const blocksOf = ({ disk }: ModelPerson): number => disk.tables.get(tables.searchBlocks.name)?.size ?? 0;

describe('what a search finds', () => {
  it('is of a request only when one looks in it, and of an accepted one always', async () => {
    const { ben, id } = await strangers(31);
    expect((await ben.client.search({ text: 'hello' })).hits).toEqual([]);
    expect((await ben.client.search({ text: 'hello', conversation: id })).hits).toHaveLength(1);
    await ben.client.accept(id);
    expect((await ben.client.search({ text: 'hello' })).hits).toHaveLength(1);
  });

  it('is nothing of what was declined: its words go from the disk with it', async () => {
    const { world, ben, id } = await strangers(32);
    expect(blocksOf(ben)).toBe(1);
    await ben.client.decline({ conversation: id, block: 'no-block' });
    await world.clock.runUntil(() => blocksOf(ben) === 0);
    expect((await ben.client.search({ text: 'hello', conversation: id })).hits).toEqual([]);
  });

  it('is nothing of whom one blocks, and all of it again afterwards', async () => {
    const { ana, ben, id } = await strangers(33);
    await ben.client.accept(id);
    await ben.client.contacts.block(ana.user);
    expect((await ben.client.search({ text: 'hello' })).hits).toEqual([]);
    await ben.client.contacts.unblock(ana.user);
    expect((await ben.client.search({ text: 'hello' })).hits).toHaveLength(1);
  });

  it('is an edited message by its new text, also while that waits, and a deleted one not at all', async () => {
    const { world, people } = await meet(34, 'ana', 'ben');
    const [ana, ben] = people as [ModelPerson, ModelPerson];
    const chat = await ana.client.direct(ben.user);
    const { id: message } = await chat.send('first draft');
    await reads(world, [ben], chat.id, 'first draft');
    ana.goOffline();
    await chat.edit(message, 'second version');
    expect(textsOf(await ana.client.search({ text: 'version' }))).toEqual(['second version']);
    expect((await ana.client.search({ text: 'draft' })).hits).toEqual([]);
    ana.goOnline();
    await reads(world, [ben], chat.id, 'second version');
    expect((await ben.client.search({ text: 'draft' })).hits).toEqual([]);
    await chat.delete(message);
    await world.clock.runUntil(async () => (await ben.client.search({ text: 'version' })).hits.length === 0);
    expect([blocksOf(ana), blocksOf(ben)]).toEqual([0, 0]);
  });

  it('is what waits to be sent first, wherever else there is something', async () => {
    const { world, people } = await meet(35, 'ana', 'ben');
    const [ana, ben] = people as [ModelPerson, ModelPerson];
    const chat = await ana.client.direct(ben.user);
    await chat.send('note one');
    await reads(world, [ben], chat.id, 'note one');
    ana.goOffline();
    await chat.send('note two');
    expect(textsOf(await ana.client.search({ text: 'note' }))).toEqual(['note two', 'note one']);
  });
});
