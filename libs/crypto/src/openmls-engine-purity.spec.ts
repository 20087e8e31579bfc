/** The engine is a function of its arguments: it changes none of them, and an old state is as good as new. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { GroupState, MlsEngine } from './engine.js';
import { Peer, groupOf, loadEngine, nowS, ok, reloaded, suites, text } from './openmls-engine-fixture.js';

/** Everything that an argument holds, by value. Handles are opaque, and said to be used up. */
function snapshot(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof Map) return [...value].map(([key, item]) => [key, snapshot(item)]);
  if (Array.isArray(value)) return value.map(snapshot);
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .filter(([key]) => key !== 'handle')
      .map(([key, item]) => [key, snapshot(item)]);
  }
  return value;
}

/** The engine, checking at every call that the arguments are afterwards what they were before. */
function watched(engine: MlsEngine, calls: Map<string, number>): MlsEngine {
  return new Proxy(engine, {
    get(target, name: keyof MlsEngine & string) {
      const method = target[name] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        const before = snapshot(args);
        const result = method.apply(target, args);
        expect(snapshot(args)).toEqual(before);
        calls.set(name, (calls.get(name) ?? 0) + 1);
        return result;
      };
    },
  });
}

describe.each(suites)('purity on suite 0x%s', (suite) => {
  let engine: MlsEngine;
  beforeAll(async () => {
    engine = await loadEngine();
  });

  it('leaves the arguments of every call unchanged', () => {
    const calls = new Map<string, number>();
    const checked = watched(engine, calls);
    const [alice, bob, carol] = groupOf(checked, suite, 3) as [Peer, Peer, Peer];
    bob.decrypt(alice.encrypt('x'));
    const { commit, groupInfo } = alice.commit({ remove: [carol] });
    alice.mergeOwn();
    carol.commit();
    carol.take(checked.clearPending(carol.state));
    bob.receive(commit);
    carol.receive(commit);
    ok(checked.externalCommit({ keys: carol.keys, groupInfo, nowS }));
    ok(checked.inspectKeyPackage({ publicBytes: carol.keyPackage(), nowS }));
    checked.members(alice.state);
    checked.epoch(alice.state);
    checked.hasPendingCommit(alice.state);
    alice.authenticator();
    checked.exportSecret({ state: alice.state, label: 'l', context: new Uint8Array(2), length: 16 });
    bob.failsToDecrypt(new Uint8Array(30));
    expect([...calls.keys()].sort()).toEqual(Object.keys(engine).sort());
  });

  it('starts from the same point each time that an older state is given', () => {
    const [alice, bob] = groupOf(engine, suite, 2) as [Peer, Peer];
    const ciphertext = alice.encrypt('read me twice');
    const before = bob.state;
    const read = () => ok(engine.decrypt({ state: before, ciphertext }));
    const first = read();
    expect(text(first.plaintext)).toBe('read me twice');
    expect(text(read().plaintext)).toBe('read me twice');
    expect(engine.decrypt({ state: first.next, ciphertext })).toMatchObject({ code: 'replayed' });
  });

  it('stages a commit as often as it is asked, and merges whichever is wanted', () => {
    const [alice, bob] = groupOf(engine, suite, 2) as [Peer, Peer];
    const { commit } = alice.commit();
    alice.mergeOwn();
    const state = bob.state;
    const staged = [1, 2, 3].map(() => ok(engine.inspectCommit({ state, commit, atS: nowS })).staged);
    bob.take(engine.mergeCommit({ state, staged: staged[1]! }));
    expect(bob.decrypt(alice.encrypt('in step'))).toBe('in step');
    expect(() => engine.mergeCommit({ state, staged: staged[1]! })).toThrow(TypeError);
    expect(() => engine.mergeCommit({ state: bob.state, staged: staged[2]! })).toThrow(TypeError);
  });

  it('uses a ratchet step again when the records of the last one were lost: why callers store first', () => {
    // Note [Store before you send]: this is the accident that the callers' order of work prevents.
    const [alice, bob] = groupOf(engine, suite, 2) as [Peer, Peer];
    const stored = reloaded(alice.state);
    const sent = alice.encrypt('sent, then crashed before storing');
    alice.state = stored;
    const again = alice.encrypt('from the older records');
    expect(bob.decrypt(sent)).toBe('sent, then crashed before storing');
    expect(bob.failsToDecrypt(again)).toBe('replayed');
  });

  it('works from reloaded records after every single step', () => {
    const [alice, bob] = groupOf(engine, suite, 2) as [Peer, Peer];
    for (let round = 0; round < 12; round++) {
      for (const peer of [alice, bob]) peer.state = reloaded(peer.state);
      const [from, to] = round % 2 === 0 ? [alice, bob] : [bob, alice];
      expect(to.decrypt(from.encrypt(`round ${round}`))).toBe(`round ${round}`);
      if (round % 3 !== 2) continue;
      const { commit } = from.commit();
      for (const peer of [alice, bob]) peer.state = reloaded(peer.state);
      to.receive(commit);
      from.mergeOwn();
    }
    expect(alice.authenticator()).toEqual(bob.authenticator());
  });

  it('exports exactly what changed: a store fed with the changes equals the state', () => {
    const [alice, bob] = groupOf(engine, suite, 2) as [Peer, Peer];
    const store = new Map(bob.state.records);
    const apply = (state: GroupState) => {
      for (const [key, value] of bob.changes.put) store.set(key, value);
      for (const key of bob.changes.remove) store.delete(key);
      expect(snapshot(store)).toEqual(snapshot(new Map(state.records)));
    };
    bob.decrypt(alice.encrypt('x'));
    expect(bob.changes.put.map(([key]) => key)).toEqual(['secrets']);
    apply(bob.state);
    bob.commit();
    apply(bob.state);
    bob.mergeOwn();
    apply(bob.state);
  });

  it('keeps more groups than it has live handles for', () => {
    const peers = Array.from({ length: 70 }, (_, index) => new Peer(engine, suite, index + 1).create());
    for (const peer of peers) peer.encrypt('a');
    for (const peer of peers) peer.encrypt('b');
    expect(peers.map((peer) => engine.members(peer.state).length)).toEqual(peers.map(() => 1));
  });
});
