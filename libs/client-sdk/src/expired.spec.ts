/** A device that comes back after the server deleted what it had not fetched. Real: all of the client. Faked: the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import { ModelWorld, type ModelPerson } from './testing/model-world.js';

async function pair(seed: number) {
  const world = new ModelWorld({ seed });
  const [ana, ben] = [await world.person('ana'), await world.person('ben')];
  const conversation = await ana.client.direct(ben.user);
  await conversation.send('one');
  await world.clock.runUntil(() => ben.client.conversations().some(({ phase }) => phase === 'active'));
  await ben.client.conversation(conversation.id).send('two');
  await world.clock.run(20_000);
  const log = world.network.server.conversations.get(conversation.id);
  if (log === undefined) throw new Error('there is no such conversation');
  return { world, ana, ben, conversation, log };
}

async function talksAgain(world: ModelWorld, people: readonly [ModelPerson, ModelPerson], id: never) {
  const [ana, ben] = people;
  await ana.client.conversation(id).send('back again');
  await world.clock.runUntil(async () => (await ben.texts(id)).includes('back again'), 300_000);
  await ben.client.conversation(id).send('so am I');
  await world.clock.runUntil(async () => (await ana.texts(id)).includes('so am I'), 300_000);
}

describe('a device that was away for longer than messages are kept', () => {
  it('shows one mark for what is gone, and goes on where no commit is among it', async () => {
    const { world, ana, ben, conversation, log } = await pair(61);
    ben.goOffline();
    for (const text of ['a', 'b', 'c']) await conversation.send(text);
    await world.clock.run(5_000);
    log.expire({ clearedSeq: log.headSeq - 1, floorSeq: 0 });
    ben.goOnline();
    await world.clock.runUntil(async () => (await ben.texts(conversation.id)).includes('c'));
    expect(await ben.marks(conversation.id)).toEqual(['expired 1', 'expired 1', 'messages-missing 2']);
    await talksAgain(world, [ana, ben], conversation.id as never);
    expect(await ben.marks(conversation.id)).toEqual(['expired 1', 'expired 1', 'messages-missing 2']);
    expect(world.universe.violations).toEqual([]);
  });

  it('joins anew at once where a commit is among what is gone', async () => {
    const { world, ana, ben, conversation, log } = await pair(62);
    ben.goOffline();
    // Past the messages after which a device renews its keys, twice.
    for (let commits = 0; commits < 2; commits++) {
      const before = log.lastCommitSeq;
      for (let round = 0; round < 60; round++) await conversation.send(`filler ${round}`);
      await world.clock.run(120_000);
      expect(log.lastCommitSeq).toBeGreaterThan(before);
    }
    log.expire({ clearedSeq: log.lastCommitSeq - 1, floorSeq: log.lastCommitSeq - 1 });
    ben.goOnline();
    await world.clock.runUntil(
      async () => (await ben.marks(conversation.id)).some((mark) => mark.startsWith('rejoined')),
      300_000,
    );
    expect((await ben.marks(conversation.id)).filter((mark) => mark.startsWith('expired'))).toHaveLength(1);
    expect((await ben.marks(conversation.id)).filter((mark) => mark.startsWith('keys-gone'))).toEqual([]);
    await talksAgain(world, [ana, ben], conversation.id as never);
    expect(world.universe.violations).toEqual([]);
  });

  it('joins by itself where its welcome is gone', async () => {
    const { world, ana, ben, log: other } = await pair(63);
    expect(other.headSeq).toBeGreaterThan(0);
    const cleo = await world.person('cleo');
    cleo.goOffline();
    const group = await ana.client.group({ users: [ben.user, cleo.user] });
    await group.send('hello');
    await world.clock.run(60_000);
    const log = world.network.server.conversations.get(group.id);
    if (log === undefined) throw new Error('there is no such group');
    await ben.client.conversation(group.id).send('hello yourself');
    await world.clock.run(60_000);
    log.expire({ clearedSeq: log.headSeq, floorSeq: log.headSeq });
    cleo.goOnline();
    await world.clock.runUntil(
      () => cleo.client.conversations().some(({ id, phase }) => id === group.id && phase === 'active'),
      300_000,
    );
    await talksAgain(world, [ana, cleo], group.id as never);
  });
});
