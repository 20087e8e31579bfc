/** Members and servers that do what they must not, and devices that lost their state. Real: all of the client. Faked: the engine, the services, time. */
import type { CommitBundle, ConversationId, DeviceId, EnvelopeId, UserId } from '@cipherchat/protocol';
import { idFromRandom } from '@cipherchat/protocol';
import { describe, expect, it } from '@jest/globals';
import type { Alarm } from './events.js';
import { createFakeEngine } from './testing/fake-engine.js';
import { ModelWorld, type ModelPerson } from './testing/model-world.js';

async function pair(seed: number) {
  const world = new ModelWorld({ seed });
  const [ana, ben] = [await world.person('ana'), await world.person('ben')];
  const conversation = await ana.client.direct(ben.user);
  await conversation.send('one');
  await world.clock.runUntil(() => ben.client.conversations().some(({ phase }) => phase === 'active'));
  await ben.client.conversation(conversation.id).send('two');
  await world.clock.run(20_000);
  expect(await ana.texts(conversation.id)).toEqual(['one', 'two']);
  return { world, ana, ben, conversation, log: logOf(world, conversation.id) };
}

function logOf(world: ModelWorld, conversation: ConversationId) {
  const log = world.network.server.conversations.get(conversation);
  if (log === undefined) throw new Error('there is no such conversation');
  return log;
}

/** What a server can make of the GroupInfo it stores: a device that joins by external commit, in any member's name. */
function smuggle(world: ModelWorld, conversation: ConversationId, user: UserId) {
  const log = logOf(world, conversation);
  const engine = createFakeEngine({ universe: world.universe, random: world.random });
  const device = idFromRandom<DeviceId>(world.random);
  const keys = engine.generateDeviceKeys({ user, device });
  const nowS = Math.floor(world.clock.nowMs() / 1000);
  const made = engine.externalCommit({ keys, groupInfo: log.groupInfo.bytes, nowS });
  if (made.kind === 'failure') throw new Error(made.code);
  const envelope = idFromRandom<EnvelopeId>(world.random);
  const bundle: CommitBundle = {
    envelope,
    kind: 'external-commit',
    commitSeq: log.lastCommitSeq,
    commit: made.commit,
    devices: made.summary.membersAfter as unknown as CommitBundle['devices'],
    groupInfo: made.groupInfo,
    welcome: new Uint8Array(0),
  };
  log.commit({ from: { user, device }, bundle, atMs: world.clock.nowMs() });
  const merged = engine.mergePending({ state: made.next, atS: nowS });
  if (merged.kind === 'failure') throw new Error(merged.code);
  return { engine, keys, device, state: merged.next };
}

function alarmsOf(person: ModelPerson): readonly Alarm[] {
  const alarms: Alarm[] = [];
  person.on('alarm', (alarm) => alarms.push(alarm));
  return alarms;
}

describe('a server that adds a device of its own in a person’s name', () => {
  it('is found out: the device is shown, what it says is not, and it is removed', async () => {
    const { world, ana, ben, conversation, log } = await pair(41);
    const alarms = alarmsOf(ben);
    const ghost = smuggle(world, conversation.id, ana.user);
    const said = ghost.engine.encrypt({
      state: ghost.state,
      keys: ghost.keys,
      plaintext: new Uint8Array(256),
    });
    if (said.kind === 'failure') throw new Error(said.code);
    const from = { user: ana.user, device: ghost.device };
    const envelope = idFromRandom<EnvelopeId>(world.random);
    log.append({ from, envelope, commitSeq: log.lastCommitSeq, ciphertext: said.ciphertext, atMs: 1 });
    await ben.client.conversation(conversation.id).send('for ana only');
    await world.clock.runUntil(
      async () => (await ana.texts(conversation.id)).includes('for ana only'),
      200_000,
    );
    expect(alarms).toMatchObject([{ user: ana.user, device: ghost.device, reason: 'device-not-listed' }]);
    const members = await ben.client.conversation(conversation.id).members();
    expect(members.map(({ device }) => device)).not.toContain(ghost.device);
    expect(members.every(({ check }) => check === 'genuine')).toBe(true);
    expect(await ben.texts(conversation.id)).toEqual(['one', 'two', 'for ana only']);
    expect(await ben.marks(conversation.id)).toEqual(['sender-not-verified 1']);
    // Nothing was encrypted for the group while the ghost was in it.
    const removal = log.entries.findLast(({ kind }) => kind === 'commit')?.seq ?? 0;
    const message = log.entries.at(-1);
    expect(message?.kind).toBe('message');
    expect(message?.seq).toBeGreaterThan(removal);
  });
});

describe('a member that commits nonsense', () => {
  it('stops nobody: the commit is void, and the next one builds on its place', async () => {
    const { world, ana, ben, conversation, log } = await pair(42);
    const devices = log.current().map(({ user, device }) => ({ user, device }));
    const { user, device } = ben.client.self;
    const nonsense: CommitBundle = {
      envelope: idFromRandom<EnvelopeId>(world.random),
      kind: 'commit',
      commitSeq: log.lastCommitSeq,
      commit: Uint8Array.of(1, 2, 3),
      devices,
      groupInfo: log.groupInfo.bytes,
      welcome: new Uint8Array(0),
    };
    log.commit({ from: { user, device }, bundle: nonsense, atMs: world.clock.nowMs() });
    await conversation.send('three');
    await ben.client.conversation(conversation.id).send('four');
    for (const person of [ana, ben])
      await world.clock.runUntil(async () => (await person.texts(conversation.id)).length === 4);
    expect([...(await ben.texts(conversation.id))].sort()).toEqual(['four', 'one', 'three', 'two']);
    expect([...(await ana.marks(conversation.id)), ...(await ben.marks(conversation.id))]).toEqual([]);
  });

  it('or messages that nobody can read: each leaves a mark, and the others are read', async () => {
    const { world, ana, ben, conversation, log } = await pair(43);
    const { user, device } = ben.client.self;
    for (let count = 0; count < 2; count++) {
      const envelope = idFromRandom<EnvelopeId>(world.random);
      const ciphertext = Uint8Array.of(count);
      log.append({ from: { user, device }, envelope, commitSeq: log.lastCommitSeq, ciphertext, atMs: 1 });
    }
    await ben.client.conversation(conversation.id).send('three');
    await world.clock.runUntil(async () => (await ana.texts(conversation.id)).length === 3);
    expect(await ana.marks(conversation.id)).toEqual(['not-authentic 1', 'not-authentic 1']);
    expect(ana.client.conversation(conversation.id).info.phase).toBe('active');
  });
});

describe('a device that lost its group state', () => {
  it('joins anew by itself, says what it missed, and reads on', async () => {
    const { world, ana, ben, conversation } = await pair(44);
    ben.crash();
    ben.disk.tables.get('groups')?.clear();
    await conversation.send('unreadable');
    await world.clock.run(5_000);
    await ben.restart();
    await world.clock.runUntil(async () => (await ben.marks(conversation.id)).length > 0);
    expect(await ben.marks(conversation.id)).toEqual(['rejoined 1']);
    await conversation.send('readable again');
    await world.clock.runUntil(async () => (await ben.texts(conversation.id)).includes('readable again'));
    await ben.client.conversation(conversation.id).send('and answered');
    await world.clock.runUntil(async () => (await ana.texts(conversation.id)).includes('and answered'));
    expect(await ben.texts(conversation.id)).toEqual(['one', 'two', 'readable again', 'and answered']);
  });

  it('also when it only cannot decrypt any more', async () => {
    const { world, ana, ben, conversation } = await pair(45);
    // An older copy of the disk: ratchets and epochs that the group has left behind.
    const old = new Map(ben.disk.tables.get('groups'));
    for (let round = 0; round < 60; round++) await conversation.send(`filler ${round}`);
    await ana.client.conversation(conversation.id).send('last');
    await world.clock.runUntil(async () => (await ben.texts(conversation.id)).includes('last'));
    await world.clock.run(60_000);
    ben.crash();
    ben.disk.tables.set('groups', old);
    await ben.restart();
    for (const text of ['a', 'b', 'c', 'd']) await conversation.send(text);
    await world.clock.runUntil(async () =>
      (await ben.marks(conversation.id)).some((mark) => mark.startsWith('rejoined')),
    );
    await conversation.send('readable again');
    await world.clock.runUntil(async () => (await ben.texts(conversation.id)).includes('readable again'));
    expect(world.universe.violations).toEqual([]);
  });
});
