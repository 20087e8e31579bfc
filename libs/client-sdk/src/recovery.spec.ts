/** Real: all of the client. Played: the services, the MLS engine (its ciphertext is JSON), time. */
import { describe, expect, it } from '@jest/globals';
import {
  authRoutes,
  conversationRoutes,
  problem,
  type ConversationId,
  type DeviceId,
} from '@cipherchat/protocol';
import { RecoveryKeyDiffersError, RecoveryRefusedError } from './recovery/recovery-errors.js';
import { refuse } from './testing/model-http.js';
import { ModelPerson } from './testing/model-world.js';
import { allRead, begin, isActive, tellStories, world } from './testing/story.js';

const busy = problem('service/unavailable', { retryAfterMs: 100 });

/** Makes a recovery key and checks it. */
async function keyOf(person: ModelPerson): Promise<string> {
  const key = await world.waitFor(person.client.recovery.newKey());
  await world.waitFor(person.client.recovery.confirm(key));
  return key;
}

const leavesOf = async (person: ModelPerson, conversation: ConversationId): Promise<readonly DeviceId[]> =>
  (await person.client.conversation(conversation).members()).map(({ device }) => device);

async function untilLeaves(
  people: readonly ModelPerson[],
  conversation: ConversationId,
  devices: readonly DeviceId[],
): Promise<void> {
  const wanted = [...devices].sort().join();
  await world.clock.runUntil(async () => {
    for (const person of people)
      if ([...(await leavesOf(person, conversation))].sort().join() !== wanted) return false;
    return true;
  });
}

describe('a recovery key', () => {
  tellStories({});

  it('counts when it was checked, and a newer one when that was', async () => {
    const [ana] = (await begin({ seed: 1, names: ['ana'] })) as [ModelPerson];
    const told: string[] = [];
    ana.on('recovery', (state) => told.push(state));
    const { recovery } = ana.client;
    expect(recovery.state).toBe('unset');
    const [first, second] = [await world.waitFor(recovery.newKey()), await world.waitFor(recovery.newKey())];
    expect([recovery.state, first === second]).toEqual(['unchecked', false]);
    await expect(recovery.confirm(first)).rejects.toThrow(RecoveryKeyDiffersError);
    await expect(recovery.confirm(second.slice(1))).rejects.toMatchObject({ reason: 'malformed-key' });
    expect(recovery.state).toBe('unchecked');
    await world.waitFor(recovery.confirm(second.toLowerCase().replaceAll('-', ' ')));
    await world.waitFor(recovery.confirm(second));
    expect(recovery.state).toBe('set');
    const third = await world.waitFor(recovery.newKey());
    expect(recovery.state).toBe('set');
    await world.waitFor(recovery.confirm(third));
    await expect(recovery.confirm(second)).rejects.toThrow(RecoveryKeyDiffersError);
    expect(told).toEqual(['unchecked', 'unchecked', 'set', 'set', 'set']);
  });

  it('is not called set while the server has not got its record, and is checked after a restart all the same', async () => {
    const [ana] = (await begin({ seed: 2, names: ['ana'] })) as [ModelPerson];
    ana.goOffline();
    const key = await world.waitFor(ana.client.recovery.newKey());
    await expect(world.waitFor(ana.client.recovery.confirm(key))).rejects.toThrow();
    expect(ana.client.recovery.state).toBe('unchecked');
    ana.crash();
    await ana.restart();
    expect(ana.client.recovery.state).toBe('unchecked');
    await world.waitFor(ana.client.recovery.confirm(key));
    expect(ana.client.recovery.state).toBe('set');
  });

  it('is not in what the device stores', async () => {
    const [ana] = (await begin({ seed: 3, names: ['ana'] })) as [ModelPerson];
    const key = await keyOf(ana);
    const stored = JSON.stringify(
      [...ana.disk.tables.values()].map((table) =>
        [...table.values()].map((value) => Buffer.from(value).toString('latin1')),
      ),
    );
    expect(stored).not.toContain(key);
    expect(stored).not.toContain(key.slice(0, 9));
  });

  it('is given to a server that lost it again', async () => {
    const [ana] = (await begin({ seed: 4, names: ['ana'] })) as [ModelPerson];
    const backup = world.network.server.backup();
    const key = await keyOf(ana);
    world.network.server.restore(backup);
    ana.crash();
    await ana.restart();
    await world.clock.run(60_000);
    ana.crash();
    const again = await recovered(ana, key);
    expect(again.client.recovery.state).toBe('set');
  });
});

/** The person again, on a new disk: whatever they had is gone. */
async function recovered(
  person: ModelPerson,
  recoveryKey: string,
  lost: 'all' | readonly DeviceId[] = 'all',
): Promise<ModelPerson> {
  const again = new ModelPerson(world, person.username);
  await again.recover({ recoveryKey, lost });
  return again;
}

describe('who lost their device', () => {
  tellStories({});

  it('is back in all conversations, without what was said before, and the lost device is out', async () => {
    const [ana, ben, cleo] = (await begin({ seed: 10, names: ['ana', 'ben', 'cleo'] })) as [
      ModelPerson,
      ModelPerson,
      ModelPerson,
    ];
    const toBen = await ana.client.direct(ben.user);
    const group = await ana.client.group({ users: [ben.user, cleo.user], name: 'three' });
    await toBen.send('before');
    await group.send('before, to all');
    await allRead([ana, ben], toBen.id, ['before']);
    await allRead([ana, ben, cleo], group.id, ['before, to all']);
    const key = await keyOf(ana);
    const lost = ana.client.self.device;
    const number = (await world.waitFor(ben.client.safetyNumber(ana.user))).digits;
    const alarms: string[] = [];
    for (const person of [ben, cleo]) person.on('alarm', ({ reason }) => alarms.push(reason));
    ana.crash();

    const again = await recovered(ana, key);
    expect(again.user).toBe(ben.client.conversations().find(({ id }) => id === toBen.id)?.peer);
    for (const { id } of [toBen, group]) await isActive(again, id);
    await untilLeaves([again, ben], toBen.id, [again.client.self.device, ben.client.self.device]);
    await untilLeaves([again, ben, cleo], group.id, [
      again.client.self.device,
      ben.client.self.device,
      cleo.client.self.device,
    ]);
    await again.client.conversation(toBen.id).send('I am back');
    await ben.client.conversation(group.id).send('welcome');
    await allRead([ben], toBen.id, ['before', 'I am back']);
    await allRead([again], toBen.id, ['I am back']);
    await allRead([again], group.id, ['welcome']);
    await allRead([cleo], group.id, ['before, to all', 'welcome']);
    for (const { id } of [toBen, group]) expect(await again.marks(id)).toEqual(['new-device 0']);
    const shown = await again.client.conversation(group.id).messages({ limit: 100 });
    expect(shown.map(({ body }) => body.kind)).toEqual(['gap', 'devices', 'text']);
    // The others see that there is another device, and that one is gone.
    const seen = await ben.client.conversation(toBen.id).messages({ limit: 100 });
    expect(seen.flatMap(({ body }) => (body.kind === 'devices' ? body.changes : []))).toEqual([
      { user: again.user, added: 1, removed: 0 },
      { user: again.user, added: 0, removed: 1 },
    ]);
    expect(again.client.conversations().map(({ standing }) => standing)).toEqual(['accepted', 'accepted']);
    // The person is the same: nobody is asked to compare anything.
    expect((await world.waitFor(ben.client.safetyNumber(again.user))).digits).toBe(number);
    expect(alarms).not.toContain('account-key-changed');
    expect(alarms).not.toContain('forked');
    // The lost one, should it be found, learns it.
    await ana.restart();
    await world.clock.runUntil(() => ana.client.connection.kind === 'stopped');
    expect(ana.client.connection).toEqual({ kind: 'stopped', reason: 'device-revoked' });
    expect(lost).toBe(ana.client.self.device);
  });

  it('is not asked anew whom they want, however late their own joining reaches them', async () => {
    const [ana, ben] = (await begin({ seed: 17, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
    const [key, lost] = [await keyOf(ana), ana.client.self.device];
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('before');
    await allRead([ben], toBen.id, ['before']);
    ana.crash();
    const again = new ModelPerson(world, 'ana', 'kept');
    await again.recover({ recoveryKey: key });
    let answerNow = (): void => undefined;
    again.probe = ({ step, point }) => {
      if (step !== 'outbox/prepare' || point !== 'done') return;
      again.probe = () => undefined;
      answerNow = refuse(world.network.server, conversationRoutes.readPage, busy);
    };
    await world.clock.run(60_000);
    expect(world.network.server.directory.isRevoked(lost)).toBe(false);
    answerNow();
    await isActive(again, toBen.id);
    expect(again.client.conversations().map(({ standing }) => standing)).toEqual(['accepted']);
    await world.clock.runUntil(() => world.network.server.directory.isRevoked(lost));
  });

  it('reads what was written to them in between, once and in the order of writing', async () => {
    const [ana, ben, cleo] = (await begin({ seed: 16, names: ['ana', 'ben', 'cleo'] })) as [
      ModelPerson,
      ModelPerson,
      ModelPerson,
    ];
    const group = await ana.client.group({ users: [ben.user, cleo.user], name: 'three' });
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('had');
    await group.send('had, all');
    await allRead([ana, ben], toBen.id, ['had']);
    await allRead([ana, ben, cleo], group.id, ['had, all']);
    await ben.client.conversation(toBen.id).send('had, too');
    await allRead([ana], toBen.id, ['had', 'had, too']);
    const key = await keyOf(ana);
    await world.clock.runUntil(async () => {
      const last = (await ben.client.conversation(toBen.id).messages({ limit: 1 })).at(-1);
      return last?.delivery?.kind === 'delivered';
    });
    ana.crash();
    for (const text of ['one', 'two']) await ben.client.conversation(toBen.id).send(text);
    await ben.client.conversation(group.id).send('from ben');
    await cleo.client.conversation(group.id).send('from cleo');
    await allRead([ben, cleo], group.id, ['had, all', 'from ben', 'from cleo']);

    const again = await recovered(ana, key);
    await isActive(again, toBen.id);
    await ben.client.conversation(toBen.id).send('three');
    await allRead([again], toBen.id, ['one', 'two', 'three']);
    await world.clock.runUntil(async () => (await again.texts(group.id)).length === 2);
    expect([...(await again.texts(group.id))].sort()).toEqual(['from ben', 'from cleo']);
    // Who had them sees nothing twice, and nothing moves.
    await world.clock.run(60_000);
    await allRead([ben], toBen.id, ['had', 'had, too', 'one', 'two', 'three']);
    await allRead([ben, cleo], group.id, ['had, all', 'from ben', 'from cleo']);
    expect(await again.marks(toBen.id)).toEqual(['new-device 0']);
  });

  it('keeps the devices that were not lost', async () => {
    const [ana, ben] = (await begin({ seed: 11, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('one');
    await allRead([ben], toBen.id, ['one']);
    const again = await recovered(ana, await keyOf(ana), []);
    await isActive(again, toBen.id);
    const all = [ana, again, ben].map(({ client }) => client.self.device);
    await untilLeaves([ana, again, ben], toBen.id, all);
    await again.client.conversation(toBen.id).send('from the second');
    await allRead([ana, ben], toBen.id, ['one', 'from the second']);
  });

  it('is refused with a key of another account, of another spelling, or that was replaced', async () => {
    const [ana, ben] = (await begin({ seed: 12, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
    const [old, bens] = [await keyOf(ana), await keyOf(ben)];
    const key = await keyOf(ana);
    for (const wrong of [old, bens])
      await expect(recovered(ana, wrong)).rejects.toMatchObject({
        name: 'RecoveryRefusedError',
        reason: 'unknown',
      });
    await expect(recovered(ana, key.replace(/.$/, '*'))).rejects.toMatchObject({ reason: 'malformed-key' });
    const nobody = new ModelPerson(world, 'nobody');
    await expect(nobody.recover({ recoveryKey: key })).rejects.toThrow(RecoveryRefusedError);
    // And the disk is as empty as before: the right key is taken.
    const again = new ModelPerson(world, 'ana');
    await expect(again.recover({ recoveryKey: old })).rejects.toThrow(RecoveryRefusedError);
    await again.recover({ recoveryKey: key });
    await expect(again.recover({ recoveryKey: key })).rejects.toMatchObject({ name: 'ProfileExistsError' });
  });

  it('is told when the server gives what its key did not seal, or a manifest of another account', async () => {
    const [ana, ben] = (await begin({ seed: 13, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
    const [key] = [await keyOf(ana), await keyOf(ben)];
    const { recovery, accounts } = world.network.server.directory;
    const manifestOfBen = accounts.get(ben.user)!.manifest;
    const lies = [
      (found: { readonly record: Uint8Array; readonly manifest: Uint8Array }) => ({
        ...found,
        record: found.record.map((byte, index) => (index === 150 ? byte ^ 1 : byte)),
      }),
      (found: { readonly record: Uint8Array; readonly manifest: Uint8Array }) => ({
        ...found,
        manifest: manifestOfBen,
      }),
    ];
    for (const lie of lies) {
      recovery.falsify = lie;
      await expect(recovered(ana, key)).rejects.toMatchObject({ reason: 'not-authentic' });
    }
    recovery.falsify = (found) => found;
    await recovered(ana, key);
  });

  it('goes on with the same device after a lost answer, a crash, or both', async () => {
    const [ana, ben] = (await begin({ seed: 14, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('one');
    await allRead([ben], toBen.id, ['one']);
    const key = await keyOf(ana);
    ana.crash();
    const again = new ModelPerson(world, 'ana');
    const answerNow = refuse(world.network.server, authRoutes.addDevice, busy);
    await expect(again.recover({ recoveryKey: key })).rejects.toThrow();
    answerNow();
    await again.recover({ recoveryKey: key });
    const { device } = again.client.self;
    again.crash();
    await again.restart();
    expect(again.client.self.device).toBe(device);
    await isActive(again, toBen.id);
    await untilLeaves([again, ben], toBen.id, [device, ben.client.self.device]);
  });

  it('crashes at any step of it, and is back all the same', async () => {
    for (const step of [
      'session/registered',
      'inbox/know-conversation',
      'outbox/prepare',
      'inbox/apply-entries',
      'keys/store-manifests',
    ] as const)
      for (const point of ['begun', 'written', 'done'] as const) {
        const [ana, ben] = (await begin({ seed: 15, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
        const toBen = await ana.client.direct(ben.user);
        await toBen.send('one');
        await allRead([ben], toBen.id, ['one']);
        const key = await keyOf(ana);
        ana.crash();
        const again = new ModelPerson(world, 'ana');
        let crashed = false;
        again.probe = (at) => {
          if (crashed || at.step !== step || at.point !== point) return;
          crashed = true;
          again.crash();
        };
        await Promise.race([
          again.recover({ recoveryKey: key }).catch(() => undefined),
          world.clock.runUntil(() => crashed),
        ]);
        await world.clock.runUntil(() => crashed);
        await again.recover({ recoveryKey: key }).catch(() => again.restart());
        await isActive(again, toBen.id);
        await untilLeaves([again, ben], toBen.id, [again.client.self.device, ben.client.self.device]);
        await again.client.conversation(toBen.id).send('back');
        await allRead([ben], toBen.id, ['one', 'back']);
      }
  });

  it('and does so on two devices at once has both, and the lost one is out', async () => {
    const [ana, ben] = (await begin({ seed: 16, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('one');
    await allRead([ben], toBen.id, ['one']);
    const key = await keyOf(ana);
    ana.crash();
    const both = [new ModelPerson(world, 'ana'), new ModelPerson(world, 'ana')];
    await Promise.all(both.map((each) => each.recover({ recoveryKey: key })));
    for (const each of both) await isActive(each, toBen.id);
    await untilLeaves(
      [...both, ben],
      toBen.id,
      [...both, ben].map(({ client }) => client.self.device),
    );
    await both[0]!.client.conversation(toBen.id).send('from one');
    await allRead([ben], toBen.id, ['one', 'from one']);
    await allRead([both[1]!], toBen.id, ['from one']);
    for (const each of both) expect(each.faults).toEqual([]);
  });

  it('is in the account at once, also where a conversation cannot be joined, and the lost device is out in the end', async () => {
    const [ana, ben] = (await begin({ seed: 17, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('one');
    await allRead([ben], toBen.id, ['one']);
    const key = await keyOf(ana);
    const lost = ana.client.self.device;
    ana.crash();
    const again = new ModelPerson(world, 'ana');
    const answerNow = refuse(world.network.server, conversationRoutes.readGroupInfo, busy);
    await again.recover({ recoveryKey: key });
    await world.clock.run(5 * 60_000);
    expect(world.network.server.directory.isRevoked(lost)).toBe(false);
    await world.clock.run(7 * 60_000);
    expect(world.network.server.directory.isRevoked(lost)).toBe(true);
    answerNow();
  });
});
