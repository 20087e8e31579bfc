/** Replay, reordering, epochs, key package lifetimes. Real: OpenMLS in WebAssembly. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { MlsEngine } from './engine.js';
import { Peer, dayS, groupOf, loadEngine, nowS, ok, suites } from './openmls-engine-fixture.js';

describe.each(suites)('the limits of the engine on suite 0x%s', (suite) => {
  let engine: MlsEngine;
  beforeAll(async () => {
    engine = await loadEngine();
  });
  const pair = () => groupOf(engine, suite, 2) as [Peer, Peer];

  it('refuses a replayed message, and still reads the next', () => {
    const [alice, bob] = pair();
    const first = alice.encrypt('once');
    expect(bob.decrypt(first)).toBe('once');
    expect(bob.failsToDecrypt(first)).toBe('replayed');
    expect(bob.decrypt(alice.encrypt('twice'))).toBe('twice');
  });

  it('refuses a replayed commit', () => {
    const [alice, bob] = pair();
    const { commit } = alice.commit();
    bob.receive(commit);
    expect(engine.inspectCommit({ state: bob.state, commit, atS: nowS })).toMatchObject({
      code: 'wrong-epoch',
      epoch: 1n,
    });
  });

  it('reads 60 messages that arrive in reverse order', () => {
    const [alice, bob] = pair();
    const sent = Array.from({ length: 60 }, (_, index) => alice.encrypt(`message ${index}`));
    const read = sent.toReversed().map((ciphertext) => bob.decrypt(ciphertext));
    expect(read.toReversed()).toEqual(sent.map((_, index) => `message ${index}`));
  });

  it('gives up a message that lies more than 64 steps behind', () => {
    const [alice, bob] = pair();
    const late = alice.encrypt('late');
    for (let index = 0; index < 65; index++) bob.decrypt(alice.encrypt(`${index}`));
    expect(bob.failsToDecrypt(late)).toBe('replayed');
  });

  it('reads 1,000 steps ahead, and says too-far-ahead beyond', () => {
    const [alice, bob] = pair();
    let ciphertext = alice.encrypt('0');
    for (let index = 1; index <= 1_000; index++) ciphertext = alice.encrypt(`${index}`);
    const beyond = alice.encrypt('1001');
    expect(bob.failsToDecrypt(beyond)).toBe('too-far-ahead');
    expect(bob.decrypt(ciphertext)).toBe('1000');
    expect(bob.decrypt(beyond)).toBe('1001');
  });

  it('reads messages of four past epochs, not of the fifth', () => {
    const [alice, bob] = pair();
    const messages = [alice.encrypt('epoch 1')];
    for (let epoch = 2; epoch <= 6; epoch++) {
      const { commit } = alice.commit();
      alice.mergeOwn();
      bob.receive(commit);
      messages.push(alice.encrypt(`epoch ${epoch}`));
    }
    expect(messages.slice(1).map((ciphertext) => bob.decrypt(ciphertext))).toEqual([
      'epoch 2',
      'epoch 3',
      'epoch 4',
      'epoch 5',
      'epoch 6',
    ]);
    expect(engine.decrypt({ state: bob.state, ciphertext: messages[0]! })).toEqual({
      kind: 'failure',
      code: 'wrong-epoch',
      epoch: 1n,
    });
  });

  it('names the sender of a past epoch, also when another device sits on the leaf now', () => {
    const [alice, bob, carol] = groupOf(engine, suite, 3) as [Peer, Peer, Peer];
    const ciphertext = bob.encrypt('last words');
    const dave = new Peer(engine, suite, 4);
    const { commit, welcome, summary } = alice.commit({ remove: [bob], add: [dave.keyPackage()] });
    expect(summary.added).toMatchObject([{ leafIndex: 1 }]);
    alice.mergeOwn();
    carol.receive(commit);
    dave.join(welcome);
    for (const reader of [alice, carol]) {
      const { sender, epoch } = ok(engine.decrypt({ state: reader.state, ciphertext }));
      expect(sender).toEqual({
        user: bob.keys.user,
        device: bob.keys.device,
        leafIndex: 1,
        leafKey: bob.keys.leafKey,
      });
      expect(epoch).toBe(1n);
    }
    expect(ok(engine.decrypt({ state: carol.state, ciphertext: dave.encrypt('hi') })).sender.device).toBe(
      dave.keys.device,
    );
  });

  it('opens two welcomes with one last-resort key package', () => {
    const bob = new Peer(engine, suite, 2);
    const add = bob.keyPackage({ lastResort: true });
    for (const number of [1, 3]) {
      const creator = new Peer(engine, suite, number).create();
      const { welcome } = creator.commit({ add: [add] });
      creator.mergeOwn();
      bob.join(welcome);
      expect(bob.decrypt(creator.encrypt('again'))).toBe('again');
    }
    expect(ok(engine.inspectKeyPackage({ publicBytes: add, nowS })).info.lastResort).toBe(true);
  });

  it('shows what a key package says', () => {
    const bob = new Peer(engine, suite, 2);
    const { info } = ok(engine.inspectKeyPackage({ publicBytes: bob.keyPackage(), nowS }));
    expect(info).toMatchObject({
      user: bob.keys.user,
      device: bob.keys.device,
      leafKey: bob.keys.leafKey,
      suite,
      lastResort: false,
      notAfterS: nowS + 30 * dayS,
    });
    expect([...bob.keyPackages.keys()]).toEqual([info.ref]);
  });

  it('refuses a key package before and after its lifetime, by the time that it is given', () => {
    const [alice, bob] = [new Peer(engine, suite, 1).create(), new Peer(engine, suite, 2)];
    const add = bob.keyPackage();
    const inspectAt = (at: number) => engine.inspectKeyPackage({ publicBytes: add, nowS: at });
    expect(inspectAt(nowS + 31 * dayS)).toMatchObject({ code: 'invalid-key-package' });
    expect(inspectAt(nowS - 2 * dayS)).toMatchObject({ code: 'invalid-key-package' });
    expect(inspectAt(nowS + 29 * dayS).kind).toBe('key-package');
    expect(
      engine.commit({ state: alice.state, keys: alice.keys, add: [add], remove: [], nowS: nowS + 31 * dayS }),
    ).toMatchObject({
      code: 'invalid-key-package',
    });
  });

  it('judges the key packages of a received commit by the time of its envelope, not by the clock of the reader', () => {
    const [alice, bob] = pair();
    const { commit } = alice.commit({ add: [new Peer(engine, suite, 3).keyPackage()] });
    const inspectAt = (atS: number) => engine.inspectCommit({ state: bob.state, commit, atS });
    expect(inspectAt(nowS + 31 * dayS)).toMatchObject({ code: 'invalid-commit' });
    expect(inspectAt(nowS).kind).toBe('staged');
  });

  it('holds its own commit to the same time: what is void for the others is not merged here', () => {
    const [alice, bob] = pair();
    const { commit } = alice.commit({ add: [new Peer(engine, suite, 3).keyPackage()] });
    const atS = nowS + 31 * dayS;
    expect(engine.mergePending({ state: alice.state, atS })).toMatchObject({ code: 'invalid-commit' });
    expect(engine.inspectCommit({ state: bob.state, commit, atS })).toMatchObject({ code: 'invalid-commit' });
    alice.take(engine.clearPending(alice.state));
    expect(bob.decrypt(alice.encrypt('still together'))).toBe('still together');
  });

  it('says wrong-epoch for messages from before it joined', () => {
    const [alice, bob] = pair();
    const early = bob.encrypt('before carol');
    const carol = new Peer(engine, suite, 3);
    const { commit, welcome } = alice.commit({ add: [carol.keyPackage()] });
    alice.mergeOwn();
    bob.receive(commit);
    carol.join(welcome);
    expect(engine.decrypt({ state: carol.state, ciphertext: early })).toEqual({
      kind: 'failure',
      code: 'wrong-epoch',
      epoch: 1n,
    });
    expect(alice.decrypt(early)).toBe('before carol');
  });

  it('refuses to add a device twice, and a key package of another suite', () => {
    const [alice, bob] = pair();
    const commit = (add: Uint8Array) =>
      engine.commit({ state: alice.state, keys: alice.keys, add: [add], remove: [], nowS });
    expect(commit(bob.keyPackage())).toMatchObject({ code: 'invalid-key-package' });
    const other = new Peer(
      engine,
      suites.find((candidate) => candidate !== suite)!,
      3,
    );
    expect(commit(other.keyPackage())).toMatchObject({ code: 'unsupported-suite' });
  });

  it('finds no key package for a welcome that is for somebody else', () => {
    const [alice, bob, eve] = [
      new Peer(engine, suite, 1).create(),
      new Peer(engine, suite, 2),
      new Peer(engine, suite, 3),
    ];
    const { welcome } = alice.commit({ add: [bob.keyPackage()] });
    eve.keyPackage();
    expect(
      engine.inspectWelcome({ keys: eve.keys, welcome: welcome!, keyPackages: eve.keyPackages }),
    ).toMatchObject({ code: 'no-key-package' });
  });

  it('refuses messages and commits of another group', () => {
    const [alice] = pair();
    const other = new Peer(engine, suite, 7);
    other.take(
      engine.createGroup({ keys: other.keys, group: '00000000-0000-4000-8000-000000000bad', suite, nowS }),
    );
    expect(alice.failsToDecrypt(other.encrypt('x'))).toBe('wrong-group');
    expect(
      engine.inspectCommit({ state: alice.state, commit: other.commit().commit, atS: nowS }),
    ).toMatchObject({ code: 'wrong-group' });
  });
});
