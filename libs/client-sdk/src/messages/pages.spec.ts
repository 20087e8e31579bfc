/** Pages of a conversation: each row once, from both sides, at a cost that does not depend on the rest. Real: steps, tables, rows. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MessageId } from '@cipherchat/protocol';
import { CallRefusedError } from '../call-refused.js';
import { CipherChat } from '../client.js';
import type { Conversation } from '../conversation.js';
import { createMemoryDisk, createMemoryStore } from '../store/memory-store.js';
import { createFakeEngine } from '../testing/fake-engine.js';
import { chatId, fillChats, numbered, watchReads } from '../testing/many-chats.js';
import { ModelWorld } from '../testing/model-world.js';
import type { Message } from '../views.js';

async function chatOf(size: number) {
  const world = new ModelWorld({ seed: size });
  const disk = createMemoryDisk();
  await fillChats({ store: createMemoryStore(disk), sizes: [size], textOf: (message) => `${message}` });
  const watched = watchReads(createMemoryStore(disk));
  const opened = await CipherChat.open({
    store: watched.store,
    engine: createFakeEngine({ universe: world.universe, random: world.random }),
    random: world.random,
    clock: world.clock,
    ...world.network.portsFor({}),
  });
  return { chat: opened.conversation(chatId(0)), watched, close: () => opened.close() };
}

const idOf = (number: number): MessageId => numbered(4, number);
const textsOf = (messages: readonly Message[]): readonly string[] =>
  messages.map(({ body }) => (body.kind === 'text' ? body.text : body.kind));
const numbers = (from: number, to: number): readonly string[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => `${from + index}`);

/** All of it, page by page. */
async function walk(chat: Conversation, direction: 'older' | 'newer', limit: number) {
  const found: Message[] = [];
  let page = direction === 'older' ? await chat.page({ limit }) : await chat.page({ limit, after: '' });
  for (;;) {
    if (direction === 'older') found.unshift(...page.messages);
    else found.push(...page.messages);
    const edge = direction === 'older' ? page.messages[0] : page.messages.at(-1);
    const hasMore = direction === 'older' ? page.hasOlder : page.hasNewer;
    if (!hasMore || edge === undefined) return found;
    page = await chat.page(
      direction === 'older' ? { limit, before: edge.place } : { limit, after: edge.place },
    );
    expect(direction === 'older' ? page.hasNewer : page.hasOlder).toBe(true);
  }
}

describe('pages of a conversation', () => {
  it('hold every message once, whichever way they are turned, and however long they are', async () => {
    const { chat, close } = await chatOf(60);
    // Reactions are rows as well, which nobody sees.
    for (const number of [1, 30, 60]) await chat.react(idOf(number), '👍');
    await chat.send('61');
    await chat.react(idOf(2), '👍');
    for (const limit of [1, 2, 7, 59, 60, 61, 62, 500])
      for (const direction of ['older', 'newer'] as const)
        expect(textsOf(await walk(chat, direction, limit))).toEqual(numbers(1, 61));
    await close();
  });

  it('around a message hold it and what stands next to it, on both sides where there is enough', async () => {
    const size = 60;
    const { chat, close } = await chatOf(size);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: size }),
        fc.integer({ min: 1, max: 80 }),
        async (at, limit) => {
          const { messages, hasOlder, hasNewer } = await chat.page({ around: idOf(at), limit });
          const from = Number(textsOf(messages)[0]);
          expect(textsOf(messages)).toEqual(numbers(from, from + Math.min(limit, size) - 1));
          expect(textsOf(messages)).toContain(`${at}`);
          expect([hasOlder, hasNewer]).toEqual([from > 1, from + messages.length <= size]);
          const half = Math.floor((limit - 1) / 2);
          expect(at - from).toBeGreaterThanOrEqual(Math.min(half, at - 1));
          expect(from + messages.length - 1 - at).toBeGreaterThanOrEqual(Math.min(half, size - at));
        },
      ),
    );
    const unknown = chat.page({ around: numbered<MessageId>(4, size + 1) });
    await expect(unknown).rejects.toEqual(new CallRefusedError('unknown-message'));
    await close();
  });

  it('cost the same among ten thousand messages as among two hundred', async () => {
    const costs: number[][] = [];
    for (const size of [200, 10_000]) {
      const { chat, watched, close } = await chatOf(size);
      const cost: number[] = [];
      for (const query of [
        {},
        { around: idOf(size / 2) },
        { before: (await chat.page({ around: idOf(size / 2), limit: 1 })).messages[0]?.place ?? '' },
        { after: (await chat.page({ around: idOf(size / 2), limit: 1 })).messages[0]?.place ?? '' },
      ]) {
        watched.rowsRead.length = 0;
        const { messages } = await chat.page(query);
        expect(messages).toHaveLength(50);
        cost.push(watched.rowsRead.reduce((sum, rows) => sum + rows, 0));
      }
      costs.push(cost);
      await close();
    }
    expect(costs[1]).toEqual(costs[0]);
    expect(Math.max(...costs.flat())).toBeLessThan(110);
  });
});
