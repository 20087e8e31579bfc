/** Blocking people. Real: all of the client. Faked: the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import type { PermanentFailure } from './index.js';
import { restore } from './testing/restored-world.js';
import { ModelWorld, type ModelPerson } from './testing/model-world.js';

async function three(seed: number) {
  const world = new ModelWorld({ seed });
  const [ana, ben, cleo] = [await world.person('ana'), await world.person('ben'), await world.person('cleo')];
  const reads = async (person: ModelPerson, id: Parameters<ModelPerson['texts']>[0], text: string) =>
    world.clock.runUntil(async () => (await person.texts(id).catch((): string[] => [])).includes(text));
  return { world, ana, ben, cleo, reads };
}

/** The server has been told whom this person blocks. */
async function isTold(world: ModelWorld, person: ModelPerson): Promise<void> {
  person.client.connectNow();
  await world.clock.run(5_000);
}

describe('somebody who was blocked', () => {
  it('can begin no conversation and add to no group, and is told only that it is not taken', async () => {
    const { world, ana, ben, cleo } = await three(401);
    await ben.client.contacts.block(ana.user);
    await isTold(world, ben);
    const failures: (readonly [string, PermanentFailure])[] = [];
    ana.on('action-failed', ({ action, failure }) => failures.push([action, failure]));
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('hello');
    const group = await ana.client.group({ users: [cleo.user] });
    await group.send('hi');
    await world.clock.runUntil(
      async () => (await cleo.texts(group.id).catch((): string[] => [])).length === 1,
    );
    await group.add([ben.user]);
    await world.clock.run(60_000);
    expect(failures).toEqual([
      ['create', 'not-accepted'],
      ['add', 'not-accepted'],
    ]);
    expect((await toBen.messages()).at(-1)?.delivery?.kind).toBe('failed');
    expect([ben.told, ben.client.conversations(), ben.faults]).toEqual([[], [], []]);
    // Nobody else is meant.
    const fromCleo = await cleo.client.direct(ben.user);
    await fromCleo.send('hello');
    await world.clock.runUntil(() => ben.told.length === 1);
  });

  it('is heard of no more in a conversation of before, and sees nothing; unblocked, what they wrote is there', async () => {
    const { world, ana, ben, reads } = await three(402);
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('before');
    await reads(ben, toBen.id, 'before');
    const heard: string[] = [];
    for (const name of ['message', 'message-changed', 'typing', 'conversation'] as const)
      ben.on(name, () => heard.push(name));
    await ben.client.contacts.block(ana.user);
    expect(ben.client.conversations()).toEqual([]);
    expect(ben.client.contacts.blocked()).toEqual([ana.user]);
    await toBen.send('after');
    toBen.setTyping(true);
    await reads(ben, toBen.id, 'after');
    await ben.client.conversation(toBen.id).markRead();
    await world.clock.run(60_000);
    expect(heard).toEqual([]);
    expect((await toBen.messages()).map(({ delivery }) => delivery?.kind)).toEqual([
      'delivered',
      'delivered',
    ]);
    await ben.client.contacts.unblock(ana.user);
    expect(ben.client.conversations().map(({ id }) => id)).toEqual([toBen.id]);
    expect(await ben.texts(toBen.id)).toEqual(['before', 'after']);
    await toBen.send('again');
    await world.clock.runUntil(() => heard.includes('message'));
  });

  it('is blocked without a network and over a crash, and the server is told when it is back', async () => {
    const { world, ana, ben } = await three(403);
    ben.goOffline();
    await ben.client.contacts.block(ana.user);
    ben.crash();
    await ben.restart();
    expect(ben.client.contacts.blocked()).toEqual([ana.user]);
    ben.goOnline();
    await world.clock.runUntil(() => ben.client.connection.kind === 'live');
    await isTold(world, ben);
    const failures: PermanentFailure[] = [];
    ana.on('action-failed', ({ failure }) => failures.push(failure));
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('hello');
    await world.clock.run(30_000);
    expect(failures).toEqual(['not-accepted']);
    expect(ben.told).toEqual([]);
  });

  it('stays blocked when the server was restored from a backup of before', async () => {
    const { world, ana, ben } = await three(404);
    const backup = world.network.server.backup();
    await ben.client.contacts.block(ana.user);
    await isTold(world, ben);
    await restore(world, backup);
    await world.clock.runUntil(() => ben.client.connection.kind === 'live');
    await isTold(world, ben);
    expect(ben.client.contacts.blocked()).toEqual([ana.user]);
    const failures: PermanentFailure[] = [];
    ana.on('action-failed', ({ failure }) => failures.push(failure));
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('hello');
    await world.clock.run(60_000);
    expect(failures).toEqual(['not-accepted']);
    expect(ben.told).toEqual([]);
  });
});
