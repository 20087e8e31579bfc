/** Whose word holds when a server comes back from a backup. Real: all of the client. Faked: the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import type { ModelPerson } from './testing/model-world.js';
import { meet, reads, restore } from './testing/restored-world.js';

describe('after a restore of the server, of several who open a conversation again', () => {
  it('a member that had been removed stays out, and one that had been added stays in', async () => {
    const { world, people } = await meet(73, 'ana', 'ben', 'mallory', 'dora');
    const [ana, ben, mallory, dora] = people as [ModelPerson, ModelPerson, ModelPerson, ModelPerson];
    const group = await ana.client.group({ users: [ben.user, mallory.user] });
    await group.send('one');
    await reads(world, [ben, mallory], group.id, 'one');
    await world.clock.run(30_000);
    const backup = world.network.server.backup();
    await group.remove([mallory.user]);
    await world.clock.run(30_000);
    await group.add([dora.user]);
    await world.clock.run(30_000);
    await group.send('without mallory');
    await reads(world, [ben, dora], group.id, 'without mallory');
    await restore(world, backup);
    await group.send('still without mallory');
    await reads(world, [ben, dora], group.id, 'still without mallory');
    await dora.client.conversation(group.id).send('and with dora');
    await reads(world, [ana, ben], group.id, 'and with dora');
    const log = world.network.server.conversations.get(group.id);
    expect(new Set(log?.current().map(({ user }) => user))).toEqual(new Set([ana.user, ben.user, dora.user]));
    expect(await mallory.texts(group.id)).toEqual(['one']);
    for (const person of [ana, ben, dora]) {
      const texts = await person.texts(group.id);
      expect(new Set(texts).size).toBe(texts.length);
      expect(await person.marks(group.id)).toEqual([]);
    }
  });

  it('a member who was removed before one restore and added again before the next stays in', async () => {
    const { world, people } = await meet(90, 'ana', 'ben', 'cleo', 'emil');
    const [ana, ben, cleo, emil] = people as [ModelPerson, ModelPerson, ModelPerson, ModelPerson];
    const group = await ana.client.group({ users: [ben.user, cleo.user, emil.user] });
    await group.send('one');
    await reads(world, [ben, cleo, emil], group.id, 'one');
    await world.clock.run(30_000);
    const first = world.network.server.backup();
    await group.remove([emil.user]);
    await world.clock.run(30_000);
    await restore(world, first);
    await group.send('without emil');
    await reads(world, [ben, cleo], group.id, 'without emil');
    await world.clock.run(30_000);
    const second = world.network.server.backup();
    cleo.goOffline();
    await group.add([emil.user]);
    await group.send('with emil');
    await reads(world, [ben, emil], group.id, 'with emil');
    await world.clock.run(30_000);
    await restore(world, second);
    await group.send('still with emil');
    await reads(world, [ben, emil], group.id, 'still with emil');
    cleo.goOnline();
    await reads(world, [cleo], group.id, 'still with emil');
    await world.clock.run(60_000);
    await cleo.client.conversation(group.id).send('cleo is back');
    await reads(world, [ana, ben, emil], group.id, 'cleo is back');
    const log = world.network.server.conversations.get(group.id);
    expect(new Set(log?.current().map(({ user }) => user))).toEqual(new Set(people.map(({ user }) => user)));
    expect(world.universe.violations).toEqual([]);
  });

  it('a removed member who is back first, and further on, is not followed by those who saw the removal', async () => {
    const { world, people } = await meet(76, 'ana', 'ben', 'mallory', 'dora');
    const [ana, ben, mallory, dora] = people as [ModelPerson, ModelPerson, ModelPerson, ModelPerson];
    const group = await ana.client.group({ users: [ben.user, mallory.user] });
    await group.send('one');
    await reads(world, [ben, mallory], group.id, 'one');
    await world.clock.run(30_000);
    const backup = world.network.server.backup();
    mallory.goOffline();
    await group.remove([mallory.user]);
    await world.clock.run(30_000);
    await group.send('without mallory');
    await reads(world, [ben], group.id, 'without mallory');
    ana.goOffline();
    ben.goOffline();
    world.network.server.restore(backup);
    mallory.goOnline();
    await world.clock.run(60_000);
    await mallory.client.conversation(group.id).send('anybody here?');
    await mallory.client.conversation(group.id).add([dora.user]);
    await world.clock.run(30_000);
    await mallory.client.conversation(group.id).remove([dora.user]);
    await world.clock.run(30_000);
    await mallory.client.conversation(group.id).add([dora.user]);
    await reads(world, [mallory], group.id, 'anybody here?');
    await world.clock.run(60_000);
    await restore(world, backup);
    const log = world.network.server.conversations.get(group.id);
    expect(log?.current().map(({ user }) => user)).toContain(mallory.user);
    ana.goOnline();
    ben.goOnline();
    await world.clock.run(120_000);
    await ana.client.conversation(group.id).send('still without mallory');
    await reads(world, [ana, ben], group.id, 'still without mallory');
    await world.clock.run(60_000);
    expect(new Set(log?.current().map(({ user }) => user))).toEqual(new Set([ana.user, ben.user]));
    expect(await mallory.texts(group.id)).not.toContain('still without mallory');
    expect(world.universe.violations).toEqual([]);
  });

  it('who did not see a removal gives in to one who did, however far each of them has gone on', async () => {
    const { world, people } = await meet(91, 'ana', 'ben', 'mallory', 'dora');
    const [ana, ben, mallory, dora] = people as [ModelPerson, ModelPerson, ModelPerson, ModelPerson];
    const group = await ana.client.group({ users: [ben.user, mallory.user] });
    await group.send('one');
    await reads(world, [ben, mallory], group.id, 'one');
    await world.clock.run(30_000);
    const backup = world.network.server.backup();
    for (const person of [ben, mallory]) person.goOffline();
    await group.remove([mallory.user]);
    await world.clock.run(30_000);
    ana.goOffline();
    world.network.server.restore(backup);
    ben.goOnline();
    const ofBen = ben.client.conversation(group.id);
    await ofBen.add([dora.user]);
    await reads(world, [ben], group.id, 'one');
    await world.clock.run(60_000);
    await ofBen.remove([dora.user]);
    await ofBen.send('of ben, who does not know');
    await world.clock.run(60_000);
    ana.goOnline();
    await group.send('without mallory');
    await reads(world, [ana, ben], group.id, 'without mallory');
    await ofBen.send('of ben, who knows');
    await reads(world, [ana, ben], group.id, 'of ben, who knows');
    await world.clock.run(60_000);
    const log = world.network.server.conversations.get(group.id);
    const headSeq = log?.headSeq;
    expect(new Set(log?.current().map(({ user }) => user))).toEqual(new Set([ana.user, ben.user]));
    expect(await ana.texts(group.id)).toContain('of ben, who does not know');
    await world.clock.run(600_000);
    expect(log?.headSeq).toBe(headSeq);
    expect(world.universe.violations).toEqual([]);
  });

  it('what is written behind an anchor that others outbid reaches them, and leaves them no mark', async () => {
    const { world, people } = await meet(92, 'ana', 'ben', 'cleo', 'dora');
    const [ana, ben, cleo, dora] = people as [ModelPerson, ModelPerson, ModelPerson, ModelPerson];
    const group = await ana.client.group({ users: [ben.user, cleo.user] });
    await group.send('one');
    await reads(world, [ben, cleo], group.id, 'one');
    await world.clock.run(30_000);
    const backup = world.network.server.backup();
    for (const person of [ana, cleo]) person.goOffline();
    await ben.client.conversation(group.id).add([dora.user]);
    await world.clock.runUntil(() => dora.client.conversations().some(({ id }) => id === group.id));
    await ben.client.conversation(group.id).remove([dora.user]);
    await world.clock.run(30_000);
    ben.goOffline();
    world.network.server.restore(backup);
    for (const person of [ana, cleo]) person.goOnline();
    const texts = ['one'];
    for (let count = 0; count < 5; count++) {
      for (const [name, person] of [
        ['ana', ana],
        ['cleo', cleo],
      ] as const) {
        texts.push(`${name} ${count}`);
        await person.client.conversation(group.id).send(`${name} ${count}`);
      }
      await reads(world, [ana, cleo], group.id, `cleo ${count}`);
    }
    ben.goOnline();
    await world.clock.runUntil(() => ben.client.connection.kind === 'live');
    await group.send('last');
    for (const text of [...texts, 'last']) await reads(world, [ana, ben, cleo], group.id, text);
    await world.clock.run(60_000);
    for (const person of [ana, ben, cleo])
      expect([...(await person.texts(group.id))].sort()).toEqual([...texts, 'last'].sort());
    expect(await ben.marks(group.id)).toEqual([]);
    expect(world.universe.violations).toEqual([]);
  });

  it('who hears of the conversation only then, and anchors it first, has what they wrote reach who outbids them', async () => {
    const { world, people } = await meet(94, 'ana', 'ben', 'cleo', 'dora');
    const [ana, ben, cleo, dora] = people as [ModelPerson, ModelPerson, ModelPerson, ModelPerson];
    await world.clock.runUntil(() => people.every(({ client }) => client.connection.kind === 'live'));
    ana.goOffline();
    const group = await ben.client.group({ users: [ana.user, cleo.user] });
    await group.send('start');
    await reads(world, [cleo], group.id, 'start');
    await world.clock.run(30_000);
    const backup = world.network.server.backup();
    await group.add([dora.user]);
    await group.send('lost');
    await reads(world, [dora], group.id, 'lost');
    for (const person of [ben, cleo, dora]) person.goOffline();
    await restore(world, backup);
    // She has the epoch of the backup, and nothing that the restore could have taken.
    ana.goOnline();
    await world.clock.runUntil(() =>
      ana.client.conversations().some(({ id, phase }) => id === group.id && phase === 'active'),
    );
    await ana.client.conversation(group.id).send('of ana');
    await world.clock.run(30_000);
    ben.goOnline();
    await reads(world, [ben], group.id, 'of ana');
    for (const person of [cleo, dora]) person.goOnline();
    for (const text of ['lost', 'of ana']) await reads(world, [ben, cleo, dora], group.id, text);
    expect(people.flatMap(({ faults }) => faults)).toEqual([]);
    expect(world.universe.violations).toEqual([]);
  });

  it('a removal that was due before it waits for the anchor', async () => {
    const { world, people } = await meet(90, 'ana', 'ben', 'cleo');
    const [ana, ben, cleo] = people as [ModelPerson, ModelPerson, ModelPerson];
    const group = await ana.client.group({ users: [ben.user, cleo.user] });
    await group.send('one');
    await reads(world, [ben, cleo], group.id, 'one');
    await world.clock.run(30_000);
    const backup = world.network.server.backup();
    await group.send('two');
    await reads(world, [ben, cleo], group.id, 'two');
    // The others are told, and would remove her within seconds.
    await cleo.client.conversation(group.id).leave();
    await world.clock.runUntil(() => cleo.client.conversations().some(({ phase }) => phase === 'removed'));
    await world.clock.run(500);
    for (const person of [ana, ben]) person.goOffline();
    await world.clock.run(60_000);
    world.network.server.restore(backup);
    for (const person of [ana, ben]) person.goOnline();
    await group.send('three');
    await reads(world, [ben], group.id, 'three');
    for (const person of [ana, ben]) expect(await person.marks(group.id)).toEqual([]);
  });
});
