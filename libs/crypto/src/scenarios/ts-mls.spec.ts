/**
 * Two implementations in one group, on suite 0x0001: ours (OpenMLS) and ts-mls, both ways, over fixed
 * scenarios. Where they agree on every epoch authenticator and exported secret, a fault would have to
 * be in both. Faults of ts-mls itself stand in `ts-mls-faults.spec.ts`; the scenarios here keep clear of them.
 */
import { describe, expect, it } from '@jest/globals';
import { MixedGroup, type AnyPeer, type Implementation } from './mixed-group.js';

const seats: ReadonlyArray<readonly [Implementation, Implementation]> = [
  ['ours', 'ts-mls'],
  ['ts-mls', 'ours'],
];

describe.each(seats)('a group that %s creates and %s joins', (first, second) => {
  const start = async (): Promise<{
    readonly group: MixedGroup;
    readonly alice: AnyPeer;
    readonly bob: AnyPeer;
  }> => {
    const group = await MixedGroup.load();
    const alice = await group.create(first);
    const bob = group.peer(second);
    await group.commit(alice, { add: [bob] });
    return { group, alice, bob };
  };

  it('by welcome has equal secrets and carries messages both ways', async () => {
    const { group } = await start();
    await group.expectAgreement();
  });

  it('stays in agreement while both commit updates', async () => {
    const { group, alice, bob } = await start();
    for (const committer of [alice, bob, bob, alice]) {
      await group.commit(committer);
      await group.expectAgreement();
    }
  });

  it('lets each implementation add one of each, and remove one of each', async () => {
    const { group, alice, bob } = await start();
    const [carol, dave, erin] = [group.peer(first), group.peer(second), group.peer(first)];
    await group.commit(alice, { add: [carol] });
    await group.expectAgreement();
    await group.commit(bob, { add: [dave, erin] });
    await group.expectAgreement();
    await group.commit(alice, { remove: [dave] });
    await group.expectAgreement();
    await group.commit(bob, { remove: [carol] });
    await group.expectAgreement();
  });

  it('lets one commit remove a member and add another in its place', async () => {
    const { group, alice, bob } = await start();
    const [carol, dave, erin] = [group.peer(second), group.peer(first), group.peer(second)];
    await group.commit(alice, { add: [carol] });
    await group.commit(bob, { remove: [carol], add: [dave] });
    await group.expectAgreement();
    await group.commit(alice, { remove: [dave], add: [erin] });
    await group.expectAgreement();
  });

  it('lets a device of either implementation join by external commit', async () => {
    const { group, alice, bob } = await start();
    const carol = group.peer(second);
    await group.commit(alice);
    await group.joinExternally(carol, alice);
    await group.expectAgreement();
    const dave = group.peer(first);
    await group.commit(bob);
    await group.joinExternally(dave, bob);
    await group.expectAgreement();
    await group.commit(carol);
    await group.commit(dave);
    await group.expectAgreement();
  });

  it('lets a member of either implementation come back by external commit, in place of its old leaf', async () => {
    const { group, alice, bob } = await start();
    const carol = group.peer(first);
    await group.commit(alice, { add: [carol] });
    await group.joinExternally(bob, alice);
    await group.expectAgreement();
    await group.commit(bob);
    await group.joinExternally(carol, bob);
    await group.expectAgreement();
  });

  it('refuses a removed member of either implementation', async () => {
    const { group, alice, bob } = await start();
    const [carol, dave] = [group.peer(first), group.peer(second)];
    await group.commit(alice, { add: [carol, dave] });
    await group.commit(bob, { remove: [carol] });
    await group.commit(alice, { remove: [dave] });
    const ciphertext = await group.encrypt(alice, 'not for the removed');
    await expect(group.decrypt(bob, ciphertext)).resolves.toBe('not for the removed');
    for (const removed of [carol, dave]) await expect(group.decrypt(removed, ciphertext)).rejects.toThrow();
    await expect(async () => carol.receive(group.lastCommit)).rejects.toThrow();
  });

  it('reads messages out of order, and those of the epoch before, but none twice', async () => {
    const { group, alice, bob } = await start();
    const said = ['one', 'two', 'three', 'four'];
    const ciphertexts: Uint8Array[] = [];
    for (const each of said) ciphertexts.push(await group.encrypt(alice, each));
    await group.commit(bob);
    for (const index of [2, 0, 3, 1]) expect(await group.decrypt(bob, ciphertexts[index]!)).toBe(said[index]);
    for (const ciphertext of ciphertexts) await expect(group.decrypt(bob, ciphertext)).rejects.toThrow();
  });
});
