/** What becomes of messages that were refused for good. Real: all of the client. Faked: the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ConversationId, MessageId } from '@cipherchat/protocol';
import { CallRefusedError } from '../call-refused.js';
import { noFaults } from '../testing/model-network.js';
import type { ModelPerson, ModelWorld } from '../testing/model-world.js';
import { meet, reads, restore } from '../testing/restored-world.js';
import { tables } from '../state/tables.js';

async function pair(seed: number) {
  const { world, people } = await meet(seed, 'ana', 'ben');
  const [ana, ben] = people as [ModelPerson, ModelPerson];
  const { id } = await ana.client.direct(ben.user);
  await ana.client.conversation(id).send('start');
  await reads(world, [ana, ben], id, 'start');
  return { world, ana, ben, id, chat: ana.client.conversation(id) };
}

const refuseAll = { ...noFaults, refuseAppend: 1 };
const stateOf = async (person: ModelPerson, id: ConversationId, message: MessageId) =>
  (await person.client.conversation(id).messages({ limit: 500 })).find((found) => found.id === message)
    ?.delivery?.kind ?? 'not here';

async function refused({ world, ana, id }: Awaited<ReturnType<typeof pair>>, text: string) {
  world.network.faults = refuseAll;
  const { id: message } = await ana.client.conversation(id).send(text);
  await world.clock.runUntil(async () => (await stateOf(ana, id, message)) === 'failed');
  world.network.faults = noFaults;
  return message;
}

describe('a message that failed', () => {
  it('is sent when it is tried again, behind what was written since, and shown once', async () => {
    const story = await pair(1);
    const { world, ana, ben, id, chat } = story;
    const message = await refused(story, 'refused at first');
    await chat.send('since');
    await world.clock.run(10_000);
    expect(await ana.texts(id)).toEqual(['start', 'since', 'refused at first']);
    expect(await ben.texts(id)).toEqual(['start', 'since']);
    ana.goOffline();
    await chat.send('behind');
    await chat.retry(message);
    await chat.retry(message);
    expect(await ana.texts(id)).toEqual(['start', 'since', 'behind', 'refused at first']);
    ana.crash();
    await ana.restart();
    ana.goOnline();
    await reads(world, [ben], id, 'refused at first');
    await world.clock.run(10_000);
    for (const person of [ana, ben])
      expect(await person.texts(id)).toEqual(['start', 'since', 'behind', 'refused at first']);
    expect(await stateOf(ana, id, message)).toBe('delivered');
    await ana.client.conversation(id).retry(message);
    expect(await stateOf(ana, id, message)).toBe('delivered');
    expect([...(ana.disk.tables.get(tables.intents.name) ?? [])]).toEqual([]);
  });

  it('sets the timer that it says when it is tried again', async () => {
    const { world, ana, ben, chat, id } = await pair(9);
    world.network.faults = refuseAll;
    await chat.setTimer(60);
    const note = async () => (await chat.messages()).findLast(({ body }) => body.kind === 'timer');
    await world.clock.runUntil(async () => (await note())?.delivery?.kind === 'failed');
    world.network.faults = noFaults;
    expect(chat.info.disappearAfterS).toBe(null);
    await chat.retry((await note())?.id as MessageId);
    await world.clock.run(10_000);
    for (const { client } of [ana, ben]) expect(client.conversation(id).info.disappearAfterS).toBe(60);
  });

  it('is gone when it is given up, and told; what was sent stays', async () => {
    const story = await pair(2);
    const { world, ana, ben, id, chat } = story;
    const gone: unknown[] = [];
    ana.on('message-removed', (event) => gone.push(event));
    const message = await refused(story, 'never mind');
    const sent = (await chat.messages())[0]?.id as MessageId;
    await chat.discard(sent);
    await chat.discard(message);
    await chat.discard(message);
    await chat.retry(message);
    await world.clock.run(10_000);
    expect(gone).toEqual([{ conversation: id, message }]);
    expect([await ana.texts(id), await ben.texts(id)]).toEqual([['start'], ['start']]);
    expect(chat.info.lastMessage?.body).toEqual({ kind: 'text', text: 'start' });
    const reason = await chat
      .retry(id as string as MessageId)
      .catch((error: CallRefusedError) => error.reason);
    expect(reason).toBe('unknown-message');
  });

  it('stays as sent when it had been sent before a restore of the server', async () => {
    const story = await pair(3);
    const { world, ana, ben, id, chat } = story;
    const backup = world.network.server.backup();
    const { id: message } = await chat.send('read by ben');
    await reads(world, [ben], id, 'read by ben');
    await world.clock.runUntil(async () => (await stateOf(ana, id, message)) === 'delivered');
    world.network.faults = refuseAll;
    await restore(world, backup);
    expect(await stateOf(ana, id, message)).toBe('failed');
    await chat.discard(message);
    expect([await stateOf(ana, id, message), await ana.texts(id)]).toEqual([
      'sent',
      ['start', 'read by ben'],
    ]);
    world.network.faults = noFaults;
  });

  it('does not fail when its answer was lost before it was refused: the log holds it', async () => {
    const { world, ana, ben, id, chat } = await pair(4);
    const told: string[] = [];
    ana.on('message-changed', ({ delivery }) => told.push(delivery?.kind ?? ''));
    // The store takes it; neither the answer nor the echo comes, and the log cannot be read.
    world.network.faults = { ...noFaults, loseAnswer: 1, loseLive: 1, loseRequest: 1 };
    const { id: message } = await chat.send('sent after all');
    await world.clock.run(16_000);
    world.network.faults = { ...refuseAll, loseLive: 1, loseRequest: 1 };
    await world.clock.run(60_000);
    expect(await stateOf(ana, id, message)).toBe('queued');
    world.network.faults = refuseAll;
    ben.goOffline();
    ben.goOnline();
    await reads(world, [ben], id, 'sent after all');
    await world.clock.runUntil(async () => (await stateOf(ana, id, message)) === 'delivered');
    expect(told).not.toContain('failed');
    world.network.faults = noFaults;
  });
});

type Act = {
  readonly kind:
    'send' | 'retry' | 'discard' | 'crash' | 'away' | 'back' | 'faults' | 'sound' | 'wait' | 'edit';
  readonly which: number;
};
const anyAct: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom(
    ...(['send', 'send', 'retry', 'retry', 'discard', 'crash', 'away', 'back'] as const),
    ...(['faults', 'faults', 'sound', 'wait', 'wait', 'edit'] as const),
  ),
  which: fc.nat({ max: 30 }),
});

/** Everything that is here of ana's own, by id. */
async function ownOf(ana: ModelPerson, id: ConversationId) {
  const messages = await ana.client.conversation(id).messages({ limit: 500 });
  return messages.filter(({ own, body }) => own && body.kind === 'text');
}

describe('failed messages', () => {
  it('are never shown twice nor lost from who wrote them, whatever the network and the server do', async () => {
    let failures = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(anyAct, { minLength: 15, maxLength: 50 }), async (seed, acts) => {
        const { world, ana, ben, id } = await pair(seed);
        const discarded = new Set<MessageId>();
        for (const [at, act] of acts.entries()) {
          await take({ world, ana, id, discarded }, act, at).catch((error: unknown) => {
            if (!(error instanceof CallRefusedError)) throw error;
          });
          failures += (await ownOf(ana, id)).filter(({ delivery }) => delivery?.kind === 'failed').length;
        }
        world.network.faults = noFaults;
        // Whoever connects anew hears of what went lost on the way.
        for (const person of [ana, ben]) person.goOffline();
        for (const person of [ana, ben]) person.goOnline();
        await world.clock.run(300_000);
        for (const { id: message, delivery } of await ownOf(ana, id))
          if (delivery?.kind === 'failed') await ana.client.conversation(id).retry(message);
        await world.clock.run(300_000);
        const own = await ownOf(ana, id);
        expect(own.map(({ delivery }) => delivery?.kind)).toEqual(own.map(() => 'delivered'));
        const read = ben.told.filter(({ own: isBens, body }) => !isBens && body.kind === 'text');
        const ids = read.map(({ id: message }) => message);
        expect(new Set(ids).size).toBe(ids.length);
        // What others read stands here, and what stands here others read: in the same order.
        expect(await ben.texts(id)).toEqual(await ana.texts(id));
        expect(own.map(({ id: message }) => message).toSorted()).toEqual(ids.toSorted());
        expect(ids.filter((message) => discarded.has(message))).toEqual([]);
        expect([await ana.marks(id), await ben.marks(id)]).toEqual([[], []]);
        expect([ana.faults, ben.faults, world.universe.violations]).toEqual([[], [], []]);
      }),
      { numRuns: 25 },
    );
    expect(failures).toBeGreaterThan(0);
  }, 180_000);
});

async function take(
  story: {
    readonly world: ModelWorld;
    readonly ana: ModelPerson;
    readonly id: ConversationId;
    readonly discarded: Set<MessageId>;
  },
  { kind, which }: Act,
  at: number,
): Promise<unknown> {
  const { world, ana, id, discarded } = story;
  const chat = ana.client.conversation(id);
  const own = await ownOf(ana, id);
  const failed = own.filter(({ delivery }) => delivery?.kind === 'failed');
  const picked = failed[which % Math.max(1, failed.length)]?.id;
  switch (kind) {
    case 'send':
      return chat.send(`text ${at}`);
    case 'edit':
      return chat.edit(own[which % own.length]?.id as MessageId, `edited ${at}`);
    case 'retry':
      return picked === undefined ? null : chat.retry(picked);
    case 'discard':
      if (picked === undefined) return null;
      discarded.add(picked);
      return chat.discard(picked);
    case 'crash':
      ana.crash();
      return ana.restart();
    case 'away':
      return ana.goOffline();
    case 'back':
      return ana.goOnline();
    case 'faults':
      world.network.faults = { ...noFaults, loseAnswer: 0.4, loseLive: 0.4, refuseAppend: 0.5 };
      return null;
    case 'sound':
      world.network.faults = noFaults;
      return null;
    case 'wait':
      return world.clock.run(20_000);
  }
}
