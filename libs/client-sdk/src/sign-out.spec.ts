/** Real: all of the client. Played: the services, the MLS engine (its ciphertext is JSON), time. */
import { describe, expect, it } from '@jest/globals';
import { keysRoutes, problem } from '@cipherchat/protocol';
import { refuse } from './testing/model-http.js';
import { ModelPerson } from './testing/model-world.js';
import { allRead, begin, isActive, tellStories, world } from './testing/story.js';

async function keyOf(person: ModelPerson): Promise<string> {
  const key = await world.waitFor(person.client.recovery.newKey());
  await world.waitFor(person.client.recovery.confirm(key));
  return key;
}

const isEmpty = (person: ModelPerson): boolean =>
  [...person.disk.tables.values()].every((table) => table.size === 0);

/** Ana with two devices, and ben. */
async function twoDevices(seed: number) {
  const [ana, ben] = (await begin({ seed, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
  const toBen = await ana.client.direct(ben.user);
  await toBen.send('one');
  await allRead([ben], toBen.id, ['one']);
  const key = await keyOf(ana);
  const second = new ModelPerson(world, 'ana');
  await second.recover({ recoveryKey: key, lost: [] });
  await isActive(second, toBen.id);
  await world.clock.run(20_000);
  return { ana, second, ben, conversation: toBen.id, key };
}

const devicesIn = async (
  person: ModelPerson,
  conversation: Awaited<ReturnType<typeof twoDevices>>['conversation'],
) => (await person.client.conversation(conversation).members()).map(({ device }) => device).sort();

describe('signing out', () => {
  tellStories({});

  it('leaves nothing here, and removes the device where the account has another', async () => {
    const { ana, second, ben, conversation } = await twoDevices(1);
    const states: string[] = [];
    ana.on('connection', (state) => states.push(state.kind === 'stopped' ? state.reason : state.kind));
    const gone = ana.client.self.device;
    expect(await world.waitFor(ana.client.signOut())).toEqual({ server: 'told' });
    expect([isEmpty(ana), states]).toEqual([true, ['signed-out']]);
    await ana.client.close();
    await expect(ana.restart()).rejects.toMatchObject({ name: 'NoProfileError' });
    await world.clock.runUntil(async () => !(await devicesIn(ben, conversation)).includes(gone));
    expect(world.network.server.directory.isRevoked(gone)).toBe(true);
    expect(await devicesIn(ben, conversation)).toEqual(
      [second.client.self.device, ben.client.self.device].sort(),
    );
    await second.client.conversation(conversation).send('still here');
    await allRead([ben], conversation, ['one', 'still here']);
  });

  it('of the last device leaves the person in their conversations, to come back to', async () => {
    const [ana, ben] = (await begin({ seed: 2, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('one');
    await allRead([ben], toBen.id, ['one']);
    const key = await keyOf(ana);
    const { id } = toBen;
    expect(await world.waitFor(ana.client.signOut())).toEqual({ server: 'told' });
    expect(isEmpty(ana)).toBe(true);
    await ben.client.conversation(id).send('are you there?');
    await world.clock.run(60_000);
    await ana.recover({ recoveryKey: key });
    await isActive(ana, id);
    await ana.client.conversation(id).send('again');
    await allRead([ben], id, ['one', 'are you there?', 'again']);
    await allRead([ana], id, ['again']);
  });

  it('without a network leaves nothing here all the same, and says that the server was not told', async () => {
    const { ana, second, ben, conversation } = await twoDevices(3);
    const gone = ana.client.self.device;
    ana.goOffline();
    const signedOut = ana.client.signOut();
    await world.clock.runUntil(() => isEmpty(ana), 1_000);
    expect(await world.waitFor(signedOut)).toEqual({ server: 'not-told' });
    expect(await devicesIn(ben, conversation)).toContain(gone);
    // Another device does it.
    await world.waitFor(second.client.account.revokeDevice(gone));
    await world.clock.runUntil(async () => !(await devicesIn(ben, conversation)).includes(gone));
  });

  it('waits a few seconds for a server that does not answer, and no longer', async () => {
    const { ana } = await twoDevices(4);
    ana.loseRequests();
    const beganAt = world.clock.nowMs();
    expect(await world.waitFor(ana.client.signOut())).toEqual({ server: 'not-told' });
    expect(world.clock.nowMs() - beganAt).toBeLessThanOrEqual(5_000);
    expect(isEmpty(ana)).toBe(true);
  });

  it('is told although another device changed the manifest meanwhile, and although the token is not good any more', async () => {
    const { ana, second } = await twoDevices(5);
    const gone = ana.client.self.device;
    world.network.server.forgetTokens();
    const stale = refuse(
      world.network.server,
      keysRoutes.publishManifest,
      problem('directory/manifest-stale', { version: 9 }),
    );
    const signedOut = ana.client.signOut();
    await world.clock.run(20);
    stale();
    expect(await world.waitFor(signedOut)).toEqual({ server: 'told' });
    expect(world.network.server.directory.isRevoked(gone)).toBe(true);
    expect(world.network.server.directory.isRevoked(second.client.self.device)).toBe(false);
  });

  it('of a device that was removed is no news to the server', async () => {
    const { ana, second } = await twoDevices(6);
    await world.waitFor(second.client.account.revokeDevice(ana.client.self.device));
    ana.crash();
    await ana.restart();
    await world.clock.runUntil(() => ana.client.connection.kind === 'stopped');
    expect(await world.waitFor(ana.client.signOut())).toEqual({ server: 'told' });
    expect(isEmpty(ana)).toBe(true);
  });

  it('crashed in the middle has left nothing here', async () => {
    const { ana } = await twoDevices(7);
    void ana.client.signOut();
    await world.clock.runUntil(() => isEmpty(ana), 1_000);
    ana.crash();
    await world.clock.run(10_000);
    await expect(ana.restart()).rejects.toMatchObject({ name: 'NoProfileError' });
  });
});

describe('deleting the account', () => {
  tellStories({});

  it('leaves nothing here once the server has done it, and everything while it has not', async () => {
    const [ana] = (await begin({ seed: 8, names: ['ana'] })) as [ModelPerson];
    ana.goOffline();
    await expect(world.waitFor(ana.client.deleteAccount())).rejects.toMatchObject({ name: 'NetworkError' });
    expect(isEmpty(ana)).toBe(false);
    ana.goOnline();
    await world.waitFor(ana.client.deleteAccount());
    expect(isEmpty(ana)).toBe(true);
  });
});
