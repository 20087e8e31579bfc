/**
 * The repair ladder with real cryptography: a state that went back behind the log. Real: all of the client, OpenMLS in
 * WebAssembly (classical suite: its key packages are quickly made). Faked: the services, time.
 */
import { createOpenMlsEngine, loadMls } from '@cipherchat/crypto';
import { describe, expect, it } from '@jest/globals';
import { ModelWorld, type ModelPerson } from './testing/model-world.js';

async function texts(person: ModelPerson, conversation: Parameters<ModelPerson['texts']>[0]) {
  return person.texts(conversation).catch((): readonly string[] => []);
}

describe('a device whose group state is older than its log', () => {
  it('finds that the others are elsewhere, joins anew by external commit, says what it missed, and reads on', async () => {
    const world = new ModelWorld({ seed: 91, engine: createOpenMlsEngine(await loadMls()), suite: 0x0001 });
    const [ana, ben, cleo] = [
      await world.person('ana'),
      await world.person('ben'),
      await world.person('cleo'),
    ];
    const { id } = await ana.client.group({ users: [ben.user, cleo.user] });
    const everybodyReads = (text: string): Promise<void> =>
      world.clock.runUntil(async () => {
        for (const person of [ana, ben, cleo]) if (!(await texts(person, id)).includes(text)) return false;
        return true;
      }, 600_000);
    await ana.client.conversation(id).send('before');
    await everybodyReads('before');
    await world.clock.run(60_000);
    const old = new Map(ben.disk.tables.get('groups'));
    // The group moves on, and ben with it.
    await ana.client.conversation(id).rename('moved on');
    const dora = await world.person('dora');
    await ana.client.conversation(id).add([dora.user]);
    await world.clock.runUntil(() => dora.client.conversations().some(({ phase }) => phase === 'active'));
    await world.clock.run(60_000);
    await ana.client.conversation(id).remove([dora.user]);
    await world.clock.run(60_000);
    ben.crash();
    const groups = ben.disk.tables.get('groups');
    expect([...old.keys()].some((key) => groups?.get(key) !== old.get(key))).toBe(true);
    groups?.clear();
    for (const [key, value] of old) groups?.set(key, value);
    await ben.restart();
    for (const text of ['1', '2', '3', '4']) {
      await ana.client.conversation(id).send(text);
      await world.clock.run(5_000);
    }
    await world.clock.run(120_000);
    const log = world.network.server.conversations.get(id);
    expect(log?.entries.filter(({ kind }) => kind === 'external-commit')).toHaveLength(1);
    await ben.client.conversation(id).send('ben is back');
    await everybodyReads('ben is back');
    await cleo.client.conversation(id).send('welcome back');
    await everybodyReads('welcome back');
    const marks = await ben.marks(id);
    expect(marks.length).toBeGreaterThan(0);
    for (const person of [ana, cleo]) expect(await person.marks(id)).toEqual([]);
    for (const person of [ana, ben, cleo]) expect(person.faults).toEqual([]);
  });
});

describe('a conversation that an administrator resets, since nobody who is there has its group', () => {
  it('is founded anew, and outbid by the state of before when that is back', async () => {
    const world = new ModelWorld({ seed: 92, engine: createOpenMlsEngine(await loadMls()), suite: 0x0001 });
    const [ana, ben, cleo] = [
      await world.person('ana'),
      await world.person('ben'),
      await world.person('cleo'),
    ];
    const { id } = await ana.client.group({ users: [ben.user, cleo.user] });
    const read = (people: readonly ModelPerson[], text: string): Promise<void> =>
      world.clock.runUntil(async () => {
        for (const person of people) if (!(await texts(person, id)).includes(text)) return false;
        return true;
      }, 600_000);
    const everybody = [ana, ben, cleo];
    for (const person of everybody) {
      await person.client.conversation(id).send(`of ${person.username}`);
      await read(everybody, `of ${person.username}`);
    }
    await world.clock.run(60_000);
    const log = world.network.server.conversations.get(id);
    if (log === undefined) throw new Error('no such conversation');
    for (const person of [ben, cleo]) {
      person.crash();
      person.disk.tables.get('groups')?.clear();
    }
    log.groupInfo = { bytes: Uint8Array.of(9), commitSeq: log.lastCommitSeq };
    await ana.client.conversation(id).send('of ana alone');
    await world.clock.run(5_000);
    ana.goOffline();
    for (const person of [ben, cleo]) await person.restart();
    await world.clock.runUntil(
      () => [ben, cleo].every(({ client }) => client.conversation(id).info.repair === 'unanswered'),
      6 * 3_600_000,
    );
    world.network.server.store.reset(log);
    await ben.client.conversation(id).send('in the new group');
    await world.clock.run(600_000);
    await read([ben, cleo], 'in the new group');
    expect(log.entries.filter(({ kind }) => kind === 'anchor')).toHaveLength(1);
    ana.goOnline();
    await read([ana], 'in the new group');
    await ana.client.conversation(id).send('ana is back');
    await read(everybody, 'ana is back');
    await cleo.client.conversation(id).send('all are');
    await read(everybody, 'all are');
    for (const person of everybody) {
      expect(person.faults).toEqual([]);
      const all = await person.texts(id);
      expect(new Set(all).size).toBe(all.length);
    }
  });
});
