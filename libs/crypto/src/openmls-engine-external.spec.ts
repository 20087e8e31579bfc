/** External commits: back into a group whose state was lost, or into one anew. Real: OpenMLS in WebAssembly. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { MlsEngine } from './engine.js';
import {
  Peer,
  flipped,
  group,
  groupOf,
  loadEngine,
  nowS,
  ok,
  reloaded,
  suites,
} from './openmls-engine-fixture.js';

describe.each(suites)('joining by external commit on suite 0x%s', (suite) => {
  let engine: MlsEngine;
  beforeAll(async () => {
    engine = await loadEngine();
  });

  /** A group of three, and the GroupInfo that the last commit published. */
  const trio = () => {
    const [alice, bob, carol] = groupOf(engine, suite, 3) as [Peer, Peer, Peer];
    const { commit, groupInfo } = bob.commit();
    bob.mergeOwn();
    for (const peer of [alice, carol]) peer.receive(commit);
    return { alice, bob, carol, groupInfo };
  };

  it('replaces the old leaf of a device that lost its state', () => {
    const { alice, bob, carol, groupInfo } = trio();
    const joined = bob.take(ok(engine.externalCommit({ keys: bob.keys, groupInfo, nowS })));
    expect(joined.next.group).toBe(group);
    expect(joined.summary).toMatchObject({
      kind: 'external',
      committer: null,
      updated: [],
      removesSelf: false,
      epochAfter: 3n,
    });
    expect(joined.summary.removed).toMatchObject([{ device: bob.keys.device, leafIndex: 1 }]);
    expect(joined.summary.added).toMatchObject([{ device: bob.keys.device, leafIndex: 1 }]);
    for (const peer of [alice, carol]) expect(peer.receive(joined.commit)).toEqual(joined.summary);
    bob.mergeOwn();
    for (const peer of [alice, carol]) expect(peer.authenticator()).toEqual(bob.authenticator());
    expect(engine.members(alice.state)).toEqual(joined.summary.membersAfter);
    expect(bob.decrypt(alice.encrypt('welcome back'))).toBe('welcome back');
    expect(carol.decrypt(bob.encrypt('thanks'))).toBe('thanks');
  });

  it('adds a new leaf for a device that was no member', () => {
    const { alice, bob, carol, groupInfo } = trio();
    const dave = new Peer(engine, suite, 4);
    const { commit, summary } = dave.take(ok(engine.externalCommit({ keys: dave.keys, groupInfo, nowS })));
    expect(summary.removed).toEqual([]);
    expect(summary.added).toMatchObject([{ device: dave.keys.device, leafIndex: 3 }]);
    for (const peer of [alice, bob, carol]) expect(peer.receive(commit)).toEqual(summary);
    dave.mergeOwn();
    expect(dave.decrypt(carol.encrypt('hi'))).toBe('hi');
    expect(engine.members(dave.state)).toEqual(engine.members(alice.state));
  });

  it('fills the leftmost blank leaf, also when the replaced leaf is further right', () => {
    const { alice, bob, carol } = trio();
    const removal = carol.commit({ remove: [alice] });
    carol.mergeOwn();
    bob.receive(removal.commit);
    const { commit, summary } = carol.take(
      ok(engine.externalCommit({ keys: carol.keys, groupInfo: removal.groupInfo, nowS })),
    );
    expect(summary.removed).toMatchObject([{ device: carol.keys.device, leafIndex: 2 }]);
    expect(summary.added).toMatchObject([{ device: carol.keys.device, leafIndex: 0 }]);
    expect(bob.receive(commit)).toEqual(summary);
    expect(engine.members(bob.state)).toEqual(summary.membersAfter);
  });

  it('can be joined by the GroupInfo of every kind of commit: create-and-add, removal, external', () => {
    const [alice, bob] = [new Peer(engine, suite, 1).create(), new Peer(engine, suite, 2)];
    let { groupInfo } = alice.commit({ add: [bob.keyPackage()] });
    alice.mergeOwn();
    for (const number of [3, 4]) {
      const peer = new Peer(engine, suite, number);
      const joined = peer.take(ok(engine.externalCommit({ keys: peer.keys, groupInfo, nowS })));
      alice.receive(joined.commit);
      peer.mergeOwn();
      expect(peer.decrypt(alice.encrypt('in'))).toBe('in');
      groupInfo = joined.groupInfo;
    }
  });

  it('is pending until its envelope is seen, also after a crash, and sends nothing before', async () => {
    const { alice, bob, groupInfo } = trio();
    const { commit, summary } = bob.take(ok(engine.externalCommit({ keys: bob.keys, groupInfo, nowS })));
    expect(engine.encrypt({ state: bob.state, keys: bob.keys, plaintext: new Uint8Array(1) })).toMatchObject({
      code: 'pending-commit',
    });
    expect(engine.commit({ state: bob.state, keys: bob.keys, add: [], remove: [], nowS })).toMatchObject({
      code: 'pending-commit',
    });
    const restarted = await loadEngine();
    const state = reloaded(bob.state);
    expect(restarted.hasPendingCommit(state)).toBe(true);
    const merged = ok(restarted.mergePending({ state, atS: nowS }));
    expect(merged.summary).toEqual(summary);
    expect(merged.changes.remove).toEqual(['pending-join']);
    alice.receive(commit);
    bob.state = merged.next;
    expect(bob.decrypt(alice.encrypt('ok'))).toBe('ok');
  });

  it('leaves nothing behind when it is cleared', () => {
    const { bob, groupInfo } = trio();
    const { next, changes } = ok(engine.externalCommit({ keys: bob.keys, groupInfo, nowS }));
    const cleared = engine.clearPending(next);
    expect(cleared.next.records.size).toBe(0);
    expect([...cleared.changes.remove].sort()).toEqual(changes.put.map(([key]) => key).sort());
  });

  it('loses against a commit that came first, and is made again from the newer GroupInfo', () => {
    const { alice, bob, carol, groupInfo } = trio();
    const stale = ok(engine.externalCommit({ keys: bob.keys, groupInfo, nowS }));
    const won = carol.commit();
    carol.mergeOwn();
    alice.receive(won.commit);
    expect(engine.inspectCommit({ state: alice.state, commit: stale.commit, atS: nowS })).toMatchObject({
      code: 'wrong-epoch',
    });
    const again = bob.take(ok(engine.externalCommit({ keys: bob.keys, groupInfo: won.groupInfo, nowS })));
    alice.receive(again.commit);
    bob.mergeOwn();
    expect(alice.decrypt(bob.encrypt('second try'))).toBe('second try');
  });

  it('refuses a member commit in plain text: only external commits may be public', () => {
    const { alice, bob, groupInfo } = trio();
    const { commit } = ok(engine.externalCommit({ keys: bob.keys, groupInfo, nowS }));
    // MLSMessage: version (2), wire format (2): 1 = PublicMessage. A member's commit is a PrivateMessage: 2.
    expect([...commit.slice(0, 4)]).toEqual([0, 1, 0, 1]);
    expect([...alice.commit().commit.slice(0, 4)]).toEqual([0, 1, 0, 2]);
  });

  it('fails with a typed failure for every flipped bit of its parts, and leaves the state as it was', () => {
    const { alice, bob, groupInfo } = trio();
    const { commit } = ok(engine.externalCommit({ keys: bob.keys, groupInfo, nowS }));
    for (let bit = 0; bit < commit.length * 8; bit += 97) {
      expect(engine.inspectCommit({ state: alice.state, commit: flipped(commit, bit), atS: nowS }).kind).toBe(
        'failure',
      );
    }
    expect(alice.receive(commit).kind).toBe('external');
  });
});
