/** Real: OpenMLS in WebAssembly. Nothing is mocked; the store is the state's own records. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { MlsEngine } from './engine.js';
import {
  Peer,
  group,
  groupOf,
  loadEngine,
  nowS,
  ok,
  reloaded,
  suites,
  text,
} from './openmls-engine-fixture.js';

describe.each(suites)('the engine on suite 0x%s', (suite) => {
  let engine: MlsEngine;
  beforeAll(async () => {
    engine = await loadEngine();
  });

  const pair = () => groupOf(engine, suite, 2) as [Peer, Peer];

  it('lets two devices join a group and exchange messages both ways', () => {
    const [alice, bob] = pair();
    expect(bob.decrypt(alice.encrypt('hello bob'))).toBe('hello bob');
    expect(alice.decrypt(bob.encrypt('hello alice'))).toBe('hello alice');
    expect(bob.authenticator()).toEqual(alice.authenticator());
  });

  it('shows a welcome before joining: group, inviter, members and the key package that it used', () => {
    const [alice, bob] = [new Peer(engine, suite, 1).create(), new Peer(engine, suite, 2)];
    const add = bob.keyPackage();
    const { welcome } = alice.commit({ add: [add] });
    alice.mergeOwn();
    const { staged } = ok(
      engine.inspectWelcome({ keys: bob.keys, welcome: welcome!, keyPackages: bob.keyPackages }),
    );
    expect(staged).toMatchObject({
      group,
      suite,
      epoch: 1n,
      inviter: { user: alice.keys.user, device: alice.keys.device, leafIndex: 0 },
    });
    expect(staged.members.map((member) => member.device)).toEqual([alice.keys.device, bob.keys.device]);
    expect(staged.members[1]!.leafKey).toEqual(bob.keys.leafKey);
    expect(staged.keyPackageRef).toBe([...bob.keyPackages.keys()][0]);
  });

  it('names the sender of a message by its leaf', () => {
    const [alice, bob] = pair();
    const { sender, epoch } = ok(engine.decrypt({ state: bob.state, ciphertext: alice.encrypt('x') }));
    expect(sender).toEqual({
      user: alice.keys.user,
      device: alice.keys.device,
      leafIndex: 0,
      leafKey: alice.keys.leafKey,
    });
    expect(epoch).toBe(1n);
  });

  it('keeps five devices in agreement while each sends and each commits an update', () => {
    const peers = groupOf(engine, suite, 5);
    for (const committer of peers) {
      const others = peers.filter((peer) => peer !== committer);
      const ciphertext = committer.encrypt(`from ${committer.number}`);
      expect(others.map((peer) => peer.decrypt(ciphertext))).toEqual(
        others.map(() => `from ${committer.number}`),
      );
      const { commit, welcome, summary } = committer.commit();
      expect(welcome).toBeNull();
      expect(summary).toMatchObject({ kind: 'update', added: [], removed: [], removesSelf: false });
      for (const peer of others) expect(peer.receive(commit)).toEqual(summary);
      committer.mergeOwn();
    }
    for (const peer of peers) expect(peer.authenticator()).toEqual(peers[0]!.authenticator());
  });

  it('summarises adds and removals as the members that are there after the merge', () => {
    const peers = groupOf(engine, suite, 4) as [Peer, Peer, Peer, Peer];
    const [alice, bob, carol] = peers;
    const [eve, frank] = [new Peer(engine, suite, 5), new Peer(engine, suite, 6)];
    const { commit, welcome, summary } = bob.commit({
      add: [eve.keyPackage(), frank.keyPackage()],
      remove: [carol],
    });
    expect(summary.kind).toBe('membership');
    expect(summary.committer).toMatchObject({ device: bob.keys.device });
    expect(summary.removed.map((member) => member.device)).toEqual([carol.keys.device]);
    // RFC 9420 §7.7: to the leftmost blank leaf, which the removal made, then a new one.
    expect(summary.added.map((member) => [member.device, member.leafIndex])).toEqual([
      [eve.keys.device, 2],
      [frank.keys.device, 4],
    ]);
    expect(alice.receive(commit)).toEqual(summary);
    bob.mergeOwn();
    eve.join(welcome);
    for (const peer of [alice, bob, eve]) expect(engine.members(peer.state)).toEqual(summary.membersAfter);
    expect(engine.epoch(alice.state)).toBe(summary.epochAfter);
  });

  it('removes a device that then reads nothing more', () => {
    const [alice, bob, carol] = groupOf(engine, suite, 3) as [Peer, Peer, Peer];
    const { commit } = alice.commit({ remove: [carol] });
    const before = carol.state;
    alice.mergeOwn();
    bob.receive(commit);
    const secret = alice.encrypt('without carol');
    expect(bob.decrypt(secret)).toBe('without carol');
    // Before it processes the removal, the next epoch is out of its reach; afterwards, everything is.
    expect(carol.failsToDecrypt(secret)).toBe('wrong-epoch');
    expect(carol.receive(commit)).toMatchObject({ removesSelf: true });
    expect(carol.failsToDecrypt(secret)).toBe('not-a-member');
    expect(ok(engine.inspectCommit({ state: before, commit, atS: nowS })).staged.summary.removesSelf).toBe(
      true,
    );
    expect(
      engine.encrypt({ state: carol.state, keys: carol.keys, plaintext: new Uint8Array(1) }),
    ).toMatchObject({ code: 'not-a-member' });
  });

  it('clears the commit that lost against a concurrent one, and redoes it in the next epoch', () => {
    const [alice, bob, carol] = groupOf(engine, suite, 3) as [Peer, Peer, Peer];
    const dave = new Peer(engine, suite, 4);
    const add = dave.keyPackage();
    const won = alice.commit();
    const lost = bob.commit({ add: [add] });
    alice.mergeOwn();
    bob.take(engine.clearPending(bob.state));
    expect(engine.hasPendingCommit(bob.state)).toBe(false);
    for (const peer of [bob, carol]) peer.receive(won.commit);
    expect(carol.engine.inspectCommit({ state: carol.state, commit: lost.commit, atS: nowS })).toMatchObject({
      code: 'wrong-epoch',
      epoch: 1n,
    });
    // The claimed key package is used again.
    const redone = bob.commit({ add: [add] });
    bob.mergeOwn();
    for (const peer of [alice, carol]) peer.receive(redone.commit);
    dave.join(redone.welcome);
    expect(dave.decrypt(carol.encrypt('hi dave'))).toBe('hi dave');
  });

  it('merging the commit of another clears a pending one of our own', () => {
    const [alice, bob] = pair();
    const { commit } = alice.commit();
    alice.mergeOwn();
    bob.commit();
    bob.receive(commit);
    expect(engine.hasPendingCommit(bob.state)).toBe(false);
    expect(bob.decrypt(alice.encrypt('still here'))).toBe('still here');
  });

  it('encrypts for the current epoch while an own commit is pending, but makes no second commit', () => {
    const [alice, bob] = pair();
    const { commit } = alice.commit();
    const ciphertext = alice.encrypt('between');
    expect(engine.commit({ state: alice.state, keys: alice.keys, add: [], remove: [], nowS })).toMatchObject({
      code: 'pending-commit',
    });
    expect(bob.decrypt(ciphertext)).toBe('between');
    alice.mergeOwn();
    bob.receive(commit);
    expect(bob.decrypt(alice.encrypt('after'))).toBe('after');
  });

  it('says that there is no pending commit to merge', () => {
    const [alice] = pair();
    expect(engine.mergePending({ state: alice.state, atS: nowS })).toEqual({
      kind: 'failure',
      code: 'no-pending-commit',
    });
  });

  it('cannot process its own echo: neither the message nor the commit', () => {
    const [alice] = pair();
    const ciphertext = alice.encrypt('echo');
    expect(alice.failsToDecrypt(ciphertext)).toBe('own-message');
    const { commit } = alice.commit();
    expect(engine.inspectCommit({ state: alice.state, commit, atS: nowS })).toMatchObject({
      code: 'own-message',
    });
  });

  it('survives a crash between commit and envelope: records loaded by a new engine merge the pending commit', async () => {
    const [alice, bob] = pair();
    const { commit, summary } = alice.commit();
    alice.encrypt('also stored');
    const restarted = await loadEngine();
    const state = reloaded(alice.state);
    expect(restarted.hasPendingCommit(state)).toBe(true);
    const merged = ok(restarted.mergePending({ state, atS: nowS }));
    expect(merged.summary).toEqual(summary);
    bob.receive(commit);
    const { ciphertext } = ok(
      restarted.encrypt({ state: merged.next, keys: alice.keys, plaintext: new Uint8Array([1]) }),
    );
    expect(ok(engine.decrypt({ state: bob.state, ciphertext })).plaintext).toEqual(new Uint8Array([1]));
  });

  it('derives the same exporter secret for all members, another for another label, context or epoch', () => {
    const [alice, bob] = pair();
    const secret = (peer: Peer, label: string, context: string) =>
      engine.exportSecret({
        state: peer.state,
        label,
        context: new TextEncoder().encode(context),
        length: 32,
      });
    expect(secret(bob, 'signal', 'a')).toEqual(secret(alice, 'signal', 'a'));
    expect(secret(bob, 'signal', 'b')).not.toEqual(secret(alice, 'signal', 'a'));
    expect(secret(bob, 'other', 'a')).not.toEqual(secret(alice, 'signal', 'a'));
    const old = secret(alice, 'signal', 'a');
    alice.commit();
    alice.mergeOwn();
    expect(secret(alice, 'signal', 'a')).not.toEqual(old);
  });

  it('refuses to remove a device that is not a member, and itself', () => {
    const [alice, bob] = pair();
    const stranger = new Peer(engine, suite, 9);
    const remove = (peer: Peer) =>
      engine.commit({ state: alice.state, keys: alice.keys, add: [], remove: [peer.keys], nowS });
    expect(remove(stranger)).toMatchObject({ code: 'not-a-member' });
    expect(remove(alice)).toMatchObject({ code: 'invalid-commit' });
    expect(text(ok(engine.decrypt({ state: alice.state, ciphertext: bob.encrypt('fine') })).plaintext)).toBe(
      'fine',
    );
  });
});
