/** Going to a message. The client behind it is a list of messages; pages are cut from it as the SDK cuts them. */
import { describe, expect, it } from '@jest/globals';
import type { ConversationId, Message, MessageId } from '@cipherchat/client-sdk';
import { History } from './history.js';
import type { MessageWindow } from './message-window.js';
import type { Call } from './session.js';

const conversation = 'conversation' as ConversationId;

function messageAt(index: number): Message {
  return {
    id: `m${index}` as MessageId,
    conversation,
    place: index.toString().padStart(6, '0'),
    seq: index,
    atMs: index,
    sender: null,
    own: false,
    body: { kind: 'text', text: `${index}` },
    replyTo: null,
    edited: null,
    reactions: [],
    disappearAfterS: null,
    delivery: null,
  };
}

type PageParams = {
  readonly around?: MessageId;
  readonly before?: string;
  readonly after?: string;
  readonly limit: number;
};

function historyOf(count: number) {
  const messages = Array.from({ length: count }, (_, index) => messageAt(index));
  const asked: PageParams[] = [];
  const page = (params: PageParams): MessageWindow => {
    asked.push(params);
    const { around, before, after, limit } = params;
    const cut = (from: number, to: number): MessageWindow => ({
      messages: messages.slice(from, to),
      hasOlder: from > 0,
      hasNewer: to < count,
    });
    if (before !== undefined) return cut(Math.max(0, Number(before) - limit), Number(before));
    if (after !== undefined) return cut(Number(after) + 1, Math.min(count, Number(after) + 1 + limit));
    const at = around === undefined ? count : messages.findIndex(({ id }) => id === around);
    if (at === -1) throw new Error('unknown-message');
    const from = Math.max(0, Math.min(count - limit, at - limit / 2));
    return cut(from, Math.min(count, from + limit));
  };
  const call = (async (_: string, params: PageParams) => page(params)) as unknown as Call;
  return { history: new History(call, conversation), asked };
}

const idsOf = (history: History) => history.window.read()?.messages.map(({ id }) => id) ?? [];

describe('going to a message', () => {
  it('reads what stands around one that is far away', async () => {
    const { history } = historyOf(1_000);
    await history.newest();
    const target = 'm100' as MessageId;
    await expect(history.goTo(target)).resolves.toBe('shown');
    expect(idsOf(history)).toContain(target);
    expect(history.window.read()).toMatchObject({ hasOlder: true, hasNewer: true });
    expect(history.target.read()).toEqual({ message: target });
  });

  it('reads nothing when it is shown already', async () => {
    const { history, asked } = historyOf(1_000);
    await history.newest();
    await history.goTo('m990' as MessageId);
    expect(asked).toHaveLength(1);
  });

  it('is not overtaken by the opening of the conversation, nor by what is being read', async () => {
    const { history } = historyOf(1_000);
    const reading = history.newest();
    const going = history.goTo('m5' as MessageId);
    history.open(null);
    await Promise.all([reading, going]);
    expect(idsOf(history)).toContain('m5');
    const { history: unopened } = historyOf(1_000);
    const goingFirst = unopened.goTo('m5' as MessageId);
    unopened.open(null);
    await goingFirst;
    expect(idsOf(unopened)).toContain('m5');
  });

  it('says that one is gone, and leaves what is shown', async () => {
    const { history } = historyOf(1_000);
    await history.goTo('m5' as MessageId);
    const shown = idsOf(history);
    await expect(history.goTo('deleted' as MessageId)).resolves.toBe('gone');
    expect(idsOf(history)).toEqual(shown);
    expect(history.target.read()).toBeNull();
  });

  it('to one that is gone opens the newest when nothing was shown', async () => {
    const { history } = historyOf(1_000);
    await expect(history.goTo('deleted' as MessageId)).resolves.toBe('gone');
    expect(idsOf(history)).toContain('m999');
  });

  it('twice is two goings, and the end of the first does not end the second', async () => {
    const { history } = historyOf(10);
    const target = 'm5' as MessageId;
    await history.goTo(target);
    const first = history.target.read();
    await history.goTo(target);
    expect(history.target.read()).not.toBe(first);
    if (first !== null) history.arrived(first);
    expect(history.target.read()).toEqual({ message: target });
  });
});

describe('reading on and on', () => {
  it('holds a stretch without gaps, that changes at one end at a time, however long the history is', async () => {
    const count = 3_000;
    const { history } = historyOf(count);
    await history.newest();
    let ends = [idsOf(history).at(0), idsOf(history).at(-1)];
    const jumps: unknown[] = [];
    history.window.subscribe(() => {
      const ids = idsOf(history);
      const next = [ids.at(0), ids.at(-1)];
      // A list that is drawn keeps its place where it knows at which end it grew, or got shorter.
      if (next[0] !== ends[0] && next[1] !== ends[1]) jumps.push([ends, next]);
      ends = next;
      const first = Number(ids[0]?.slice(1));
      expect(ids).toEqual(ids.map((_, index) => `m${first + index}`));
      expect(ids.length).toBeLessThanOrEqual(1_000);
    });
    while (history.window.read()?.hasOlder === true) await history.older();
    expect(idsOf(history)[0]).toBe('m0');
    expect(history.window.read()?.hasNewer).toBe(true);
    while (history.window.read()?.hasNewer === true) await history.newer();
    expect(idsOf(history).at(-1)).toBe(`m${count - 1}`);
    expect(history.window.read()?.hasOlder).toBe(true);
    expect(jumps).toEqual([]);
  });
});

describe('a message that is removed', () => {
  const five = 'm5' as MessageId;
  const texts = (history: History) =>
    history.window.read()?.messages.flatMap(({ body }) => (body.kind === 'text' ? [body.text] : [])) ?? [];

  it('is gone at once where nobody looks', async () => {
    const { history } = historyOf(10);
    await history.newest();
    history.removed(five);
    expect(idsOf(history)).not.toContain(five);
    expect(history.gone.read().size).toBe(0);
  });

  it('is drawn going, and leaves a line and no text, until nobody looks', async () => {
    const { history } = historyOf(10);
    await history.newest();
    const end = history.watch();
    history.removed(five);
    expect([history.gone.read().get(five), texts(history).includes('5')]).toEqual(['leaving', true]);
    history.left([five]);
    history.left([five]);
    expect([history.gone.read().get(five), texts(history).includes('5')]).toEqual(['left', false]);
    expect(idsOf(history)).toHaveLength(10);
    end();
    expect(idsOf(history)).toHaveLength(9);
    expect(history.gone.read().size).toBe(0);
  });

  it('goes with the last who looks, also in the midst of going', async () => {
    const { history } = historyOf(10);
    await history.newest();
    const end = history.watch();
    history.removed(five);
    end();
    history.left([five]);
    expect(idsOf(history)).not.toContain(five);
  });
});
