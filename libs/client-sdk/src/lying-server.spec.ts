/** A server that lies: what its clients notice. Real: all of the client, in virtual time. Faked: the engine and the services. */
import type { ConversationId } from '@cipherchat/protocol';
import { describe, expect, it } from '@jest/globals';
import { problem } from '@cipherchat/protocol';
import type { Alarm, ClientEvents } from './events.js';
import { refusal } from './testing/model-http.js';
import { handOutAnotherAccount } from './testing/changed-account.js';
import { ModelWorld, type ModelPerson } from './testing/model-world.js';

async function meet(params: { readonly seed: number; readonly names: readonly string[] }) {
  const world = new ModelWorld({ seed: params.seed });
  const people: ModelPerson[] = [];
  for (const name of params.names) people.push(await world.person(name));
  return { world, people: people as [ModelPerson, ModelPerson, ModelPerson] };
}

/** Takes the entry at this place out of the log, as if it had never been sent: those after it move up. */
function swallow(params: {
  readonly world: ModelWorld;
  readonly conversation: ConversationId;
  readonly index: number;
}): void {
  const log = params.world.network.server.conversations.get(params.conversation);
  if (log === undefined) throw new Error('there is no such conversation');
  const [swallowed] = log.entries.splice(params.index, 1);
  if (swallowed?.kind !== 'message')
    throw new Error('only a message can go without a trace: a commit is missed at once');
  log.entries.forEach((entry, index) => Object.assign(entry, { seq: index + 1 }));
}

describe('a server that swallows a message', () => {
  it('is noticed at the next one: its sender counts', async () => {
    const { world, people } = await meet({ seed: 31, names: ['ana', 'ben'] });
    const [ana, ben] = people;
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('one');
    await world.clock.runUntil(async () =>
      (await ben.texts(toBen.id).catch((): readonly string[] => [])).includes('one'),
    );
    ben.goOffline();
    await toBen.send('two');
    await toBen.send('three');
    await world.clock.runUntil(async () => (await toBen.messages()).every(({ seq }) => seq !== null));
    const entries = world.network.server.conversations.get(toBen.id)?.entries ?? [];
    swallow({ world, conversation: toBen.id, index: entries.length - 2 });
    ben.goOnline();
    await world.clock.runUntil(async () => (await ben.texts(toBen.id)).includes('three'));
    expect(await ben.texts(toBen.id)).toEqual(['one', 'three']);
    expect(await ben.marks(toBen.id)).toEqual(['messages-missing 1']);
  });
});

describe('a server that calls a group a 1:1', () => {
  it('makes nobody write to a group what is meant for one person', async () => {
    const { world, people } = await meet({ seed: 36, names: ['ana', 'ben', 'cleo'] });
    const [ana, ben, cleo] = people;
    ben.goOffline();
    const group = await ana.client.group({ users: [ben.user, cleo.user] });
    const { conversations } = world.network.server;
    await world.clock.runUntil(() => conversations.has(group.id));
    Object.assign(conversations.get(group.id) ?? {}, { kind: 'direct' });
    ben.goOnline();
    const isShown = (): boolean =>
      ben.client.conversations().some(({ kind, phase }) => kind === 'direct' && phase === 'active');
    await world.clock.runUntil(isShown);
    await ben.client.conversation(group.id).send('between the two of us');
    await world.clock.run(60_000);
    const delivery = (await ben.client.conversation(group.id).messages()).findLast(
      ({ own }) => own,
    )?.delivery;
    expect(delivery).toEqual({ kind: 'failed', failure: 'others-in-direct' });
    expect(await cleo.texts(group.id)).not.toContain('between the two of us');
  });
});

describe('a server that names a commit and does not show it', () => {
  it.each([
    ['the same one', () => 100],
    ['another one each time', (refusals: number) => 100 + refusals],
  ])('%s is sent what it refuses ever more slowly, and all of it in the end', async (_, named) => {
    const { world, people } = await meet({ seed: 35, names: ['ana', 'ben', 'cleo'] });
    const [ana, ben] = people;
    const group = await ana.client.group({ users: [ben.user] });
    await group.send('one');
    await world.clock.runUntil(async () => (await ben.texts(group.id).catch(() => [])).length === 1);
    const { server } = world.network;
    const receive = server.receive.bind(server);
    let refused = 0;
    server.receive = (who, frame) => {
      if (frame.type !== 'append' || who.user !== ana.user) return receive(who, frame);
      refused++;
      return [
        refusal(frame.request, problem('conversation/stale-commit', { lastCommitSeq: named(refused) })),
      ];
    };
    await group.send('two');
    await world.clock.run(600_000);
    expect(refused).toBeGreaterThan(5);
    expect(refused).toBeLessThan(80);
    server.receive = receive;
    await world.clock.runUntil(async () => (await ben.texts(group.id)).includes('two'));
    expect(await ben.texts(group.id)).toEqual(['one', 'two']);
  });
});

describe('a server that goes back to an earlier state', () => {
  it('and does not say so withholds what takes the old places, and is noticed at the next one', async () => {
    const { world, people } = await meet({ seed: 35, names: ['ana', 'ben', 'cleo'] });
    const [ana, ben, cleo] = people;
    const { server } = world.network;
    const group = await ana.client.group({ users: [ben.user, cleo.user] });
    await world.clock.runUntil(() => cleo.client.conversations().some(({ phase }) => phase === 'active'));
    await cleo.client.conversation(group.id).send('from cleo');
    const ofBen = (): Promise<readonly string[]> => ben.texts(group.id).catch((): readonly string[] => []);
    await world.clock.runUntil(async () => (await ofBen()).includes('from cleo'));
    await world.clock.run(60_000);
    const backup = server.backup();
    cleo.goOffline();
    await group.send('known to ben');
    await world.clock.runUntil(async () => (await ofBen()).includes('known to ben'));
    ana.goOffline();
    server.goBack(backup);
    world.network.closeAll(1012);
    cleo.goOnline();
    const ofCleo = cleo.client.conversation(group.id);
    await ofCleo.send('in an old place');
    await world.clock.run(30_000);
    await ofCleo.send('in a new one');
    await world.clock.runUntil(async () => (await ofBen()).includes('in a new one'), 300_000);
    expect(await ofBen()).toEqual(['from cleo', 'known to ben', 'in a new one']);
    expect(await ben.marks(group.id)).toEqual(['messages-missing 1']);
  });

  it('or says so when it did not, again and again, makes members commit, and changes nothing that they hold', async () => {
    const { world, people } = await meet({ seed: 36, names: ['ana', 'ben'] });
    const [ana, ben] = people;
    const toBen = await ana.client.direct(ben.user);
    const texts: string[] = [];
    for (let times = 0; times < 3; times++) {
      const text = `before ${times}`;
      await toBen.send(text);
      texts.push(text);
      await world.clock.runUntil(async () =>
        (await ben.texts(toBen.id).catch((): readonly string[] => [])).includes(text),
      );
      await world.clock.run(30_000);
      world.network.server.sayRestored();
      world.network.closeAll(1012);
      await world.clock.run(60_000);
    }
    await ben.client.conversation(toBen.id).send('after');
    await world.clock.runUntil(async () => (await ana.texts(toBen.id)).includes('after'));
    for (const person of [ana, ben]) {
      expect(await person.texts(toBen.id)).toEqual([...texts, 'after']);
      expect(await person.marks(toBen.id)).toEqual([]);
      expect(new Set(person.told.map(({ id }) => id)).size).toBe(person.told.length);
    }
    expect(world.universe.violations).toEqual([]);
  });
});

describe('a server that gives a known person another account key', () => {
  it('raises an alarm, and nobody is added under that key', async () => {
    const { world, people } = await meet({ seed: 32, names: ['ana', 'ben', 'cleo'] });
    const [ana, ben, cleo] = people;
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('hello');
    await world.clock.runUntil(
      async () => (await ben.texts(toBen.id).catch((): readonly string[] => [])).length === 1,
    );
    const alarms: Alarm[] = [];
    const failures: ClientEvents['action-failed'][] = [];
    ana.on('alarm', (alarm) => alarms.push(alarm));
    ana.on('action-failed', (failure) => failures.push(failure));
    const group = await ana.client.group({ users: [cleo.user] });
    await world.clock.runUntil(() => group.info.phase === 'active');

    handOutAnotherAccount(world, ben.user);
    await group.add([ben.user]);
    await world.clock.runUntil(() => failures.length > 0);

    expect(alarms).toEqual([
      { user: ben.user, device: null, conversation: null, reason: 'account-key-changed' },
      // Where they are known by the key that is now in question, nothing is sent either.
      expect.objectContaining({ user: ben.user, conversation: toBen.id, reason: 'account-key-changed' }),
    ]);
    expect(failures).toEqual([{ conversation: group.id, action: 'add', failure: 'member-not-verified' }]);
    expect((await group.members()).map(({ user }) => user).sort()).toEqual([ana.user, cleo.user].sort());
  });
});

describe('a server that hands out what is no manifest of a known person', () => {
  it('raises an alarm, and they can be added once it gives theirs again', async () => {
    const { world, people } = await meet({ seed: 34, names: ['ana', 'ben', 'cleo'] });
    const [ana, ben, cleo] = people;
    const group = await ana.client.group({ users: [cleo.user] });
    await world.clock.runUntil(() => group.info.phase === 'active');
    const toBen = await ana.client.direct(ben.user);
    await world.clock.runUntil(() => toBen.info.phase === 'active');
    const [cleos] = world.network.server.directory.findManifests({
      users: [{ user: cleo.user, haveVersion: 0 }],
    }).manifests;
    for (const [reason, answer] of [
      ['invalid', Uint8Array.of(1, 2, 3)],
      ['other-user', cleos?.manifest ?? new Uint8Array(0)],
    ] as const) {
      const alarms: Alarm[] = [];
      const failures: ClientEvents['action-failed'][] = [];
      const ends = [
        ana.client.on('alarm', (alarm) => alarms.push(alarm)),
        ana.client.on('action-failed', (failure) => failures.push(failure)),
      ];
      const { directory } = world.network.server;
      const honest = directory.findManifests.bind(directory);
      directory.findManifests = (request) => {
        const { manifests, unknown } = honest(request);
        return {
          manifests: manifests.map(({ user, manifest }) => ({
            user,
            manifest: user === ben.user ? answer : manifest,
          })),
          unknown,
        };
      };
      await group.add([ben.user]);
      await world.clock.runUntil(() => failures.length > 0);
      expect(alarms).toEqual([{ user: ben.user, device: null, conversation: null, reason }]);
      directory.findManifests = honest;
      for (const end of ends) end();
    }
    await group.add([ben.user]);
    await group.send('welcome');
    await world.clock.runUntil(async () => (await ben.texts(group.id).catch(() => [])).length === 1);
  });
});

describe('a server that hands out a key package of its own making', () => {
  it('cannot have it added in the name of somebody', async () => {
    const { world, people } = await meet({ seed: 33, names: ['ana', 'ben', 'eve'] });
    const [ana, ben, eve] = people;
    const failures: ClientEvents['action-failed'][] = [];
    ana.on('action-failed', (failure) => failures.push(failure));
    const { directory } = world.network.server;
    const honest = directory.claim.bind(directory);
    const evesDevice = eve.client.self.device;
    directory.claim = ({ user, devices }) => {
      const answer = honest({ user: eve.user, devices: [evesDevice] });
      const named = answer.claimed.map((item) => ({
        ...item,
        device: devices?.[0] ?? ben.client.self.device,
      }));
      return user === ben.user ? { claimed: named, exhausted: [] } : honest({ user, devices: devices ?? [] });
    };

    const group = await ana.client.group({ users: [ben.user] });
    await world.clock.runUntil(() => failures.length > 0);

    expect(failures).toEqual([{ conversation: group.id, action: 'create', failure: 'member-not-verified' }]);
    expect(world.network.server.conversations.size).toBe(0);
  });
});
