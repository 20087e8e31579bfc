/** The checks around the engine, with the real engine on both suites: real leaves, commits, welcomes and exporters. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { accountKeyFromSecret, signManifest } from './account-key.js';
import { isWelcomeConsistent, judgeCommit } from './commit-check.js';
import { checkCredentials } from './credential-check.js';
import { signDeviceProof } from './device-proof.js';
import type { MlsEngine } from './engine.js';
import { dayS, group, loadEngine, nowS, ok, Peer, suites } from './openmls-engine-fixture.js';
import { deriveSignalSecret, openSignal, sealSignal } from './signal.js';
import { signInContext, verifyDeviceProof } from './verify/device-proof.js';
import type { VerifiedManifest } from './verify/manifest.js';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

/** The manifest by which the peer's account names its one device. */
function manifestOf(peer: Peer, leafKey = peer.keys.leafKey): VerifiedManifest {
  const accountKey = accountKeyFromSecret(new Uint8Array(32).fill(0x80 + peer.number));
  const { user, device } = peer.keys;
  const devices = [
    { device, leafKey, nameCiphertext: new Uint8Array(0), addedAtS: nowS - dayS, expiresAtS: nowS + dayS },
  ];
  return signManifest({
    accountKey,
    manifest: { user, accountKey: accountKey.publicKey, version: 1, devices },
  });
}

const manifestsOf = (peers: readonly Peer[]) =>
  new Map(peers.map((peer) => [peer.keys.user, manifestOf(peer)]));
const judge = (
  peer: Peer,
  params: {
    readonly commit: Uint8Array;
    readonly listed: readonly Peer[];
    readonly kind?: 'commit' | 'external-commit';
  },
) =>
  judgeCommit({
    membersBefore: peer.engine.members(peer.state),
    epochBefore: peer.engine.epoch(peer.state),
    commitBytes: params.commit.length,
    clear: { kind: params.kind ?? 'commit', devices: params.listed.map(({ keys }) => keys) },
    inspected: peer.engine.inspectCommit({ state: peer.state, commit: params.commit, atS: nowS }),
  });

describe.each(suites.map((suite) => [suite.toString(16), suite] as const))('suite 0x%s', (_name, suite) => {
  let engine: MlsEngine;
  beforeAll(async () => {
    engine = await loadEngine();
  });
  const peer = (number: number) => new Peer(engine, suite, number);

  /** Ana and Ben in one group, with Cleo outside. */
  function pair() {
    const [ana, ben, cleo] = [peer(1).create(), peer(2), peer(3)];
    const { welcome } = ana.commit({ add: [ben.keyPackage()] });
    ana.mergeOwn();
    ben.join(welcome);
    return { ana, ben, cleo };
  }

  it('merges an add whose clear list is right, and the joiner finds the list consistent', () => {
    const { ana, ben, cleo } = pair();
    const { commit, welcome } = ana.commit({ add: [cleo.keyPackage()] });
    expect(judge(ben, { commit, listed: [ana, ben, cleo] }).kind).toBe('merge');
    const { staged } = ok(
      engine.inspectWelcome({ keys: cleo.keys, welcome: welcome!, keyPackages: cleo.keyPackages }),
    );
    const clear = { kind: 'commit', devices: [ana, ben, cleo].map(({ keys }) => keys) } as const;
    expect(isWelcomeConsistent({ members: staged.members, clear })).toBe(true);
    expect(
      isWelcomeConsistent({ members: staged.members, clear: { ...clear, devices: clear.devices.slice(1) } }),
    ).toBe(false);
  });

  it('voids a commit whose clear list hides a member or names one more, and leaves the group as it was', () => {
    const { ana, ben, cleo } = pair();
    const { commit } = ana.commit({ add: [cleo.keyPackage()] });
    for (const listed of [
      [ana, ben],
      [ana, ben, cleo, peer(4)],
    ]) {
      expect(judge(ben, { commit, listed })).toEqual({ kind: 'void', reason: 'device-list-differs' });
    }
    expect(judge(ben, { commit, listed: [ana, ben, cleo], kind: 'external-commit' })).toEqual({
      kind: 'void',
      reason: 'kind-differs',
    });
    expect(engine.members(ben.state)).toHaveLength(2);
  });

  it('voids a replayed commit, and goes to repair with one of an epoch it has not reached', () => {
    const { ana, ben } = pair();
    const first = ana.commit();
    ana.mergeOwn();
    const second = ana.commit();
    expect(judge(ben, { commit: second.commit, listed: [ana, ben] }).kind).toBe('repair');
    ben.receive(first.commit);
    expect(judge(ben, { commit: first.commit, listed: [ana, ben] })).toEqual({
      kind: 'void',
      reason: 'mls-invalid',
    });
    expect(judge(ben, { commit: second.commit, listed: [ana, ben] }).kind).toBe('merge');
  });

  it('merges the external commit of a member’s device and voids a stranger’s', () => {
    const { ana, ben, cleo } = pair();
    const { groupInfo } = ana.commit();
    ana.mergeOwn();
    const strange = ok(engine.externalCommit({ keys: cleo.keys, groupInfo, nowS }));
    expect(judge(ana, { commit: strange.commit, listed: [ana, ben, cleo], kind: 'external-commit' })).toEqual(
      { kind: 'void', reason: 'external-stranger' },
    );
    const rejoin = ok(engine.externalCommit({ keys: ben.keys, groupInfo, nowS }));
    expect(judge(ana, { commit: rejoin.commit, listed: [ana, ben], kind: 'external-commit' }).kind).toBe(
      'merge',
    );
    const second = new Peer(engine, suite, 12);
    const benToo = { ...second.keys, user: ben.keys.user };
    const newDevice = ok(engine.externalCommit({ keys: benToo, groupInfo, nowS }));
    const listed = [ana, ben, { keys: benToo } as Peer];
    expect(judge(ana, { commit: newDevice.commit, listed, kind: 'external-commit' }).kind).toBe('merge');
  });

  it('finds the leaves of a group genuine, and a leaf of another key not, whatever was merged', () => {
    const { ana, ben } = pair();
    const members = engine.members(ben.state);
    const checked = (manifests: ReadonlyMap<string, VerifiedManifest>) =>
      checkCredentials({ members, manifests, pins: new Map(), nowS }).checked.map(({ verdict }) => verdict);
    expect(checked(manifestsOf([ana, ben]))).toEqual(['genuine', 'genuine']);
    expect(
      checked(new Map([...manifestsOf([ana, ben]), [ben.keys.user, manifestOf(ben, peer(9).keys.leafKey)]])),
    ).toEqual(['genuine', 'leaf-key-differs']);
    expect(checked(manifestsOf([ana]))).toEqual(['genuine', 'manifest-missing']);
  });

  it('opens a signal for members of the epoch, and not for one who was removed before it', () => {
    const { ana, ben, cleo } = pair();
    const added = ana.commit({ add: [cleo.keyPackage()] });
    ana.mergeOwn();
    ben.receive(added.commit);
    cleo.join(added.welcome);
    const before = deriveSignalSecret({ engine, state: cleo.state });
    const removal = ana.commit({ remove: [cleo] });
    ana.mergeOwn();
    ben.receive(removal.commit);
    const [anas, bens] = [ana, ben].map(({ state }) => deriveSignalSecret({ engine, state }));
    expect(anas).toEqual(bens);
    const signal = { kind: 'read', seq: 9 } as const;
    const { device } = ana.keys;
    const ciphertext = sealSignal({ secret: anas!, conversation: group, device, signal, random });
    const opened = { conversation: group, device, kind: 'read', ciphertext } as const;
    expect(openSignal({ ...opened, secrets: [bens!] })).toEqual({ kind: 'signal', signal });
    expect(openSignal({ ...opened, secrets: [before] })).toEqual({ kind: 'failure', code: 'unknown-epoch' });
    expect(openSignal({ ...opened, secrets: [{ ...before, epoch: anas!.epoch }] })).toEqual({
      kind: 'failure',
      code: 'not-authentic',
    });
  });

  it('signs in with the key that signs its leaves', () => {
    const { keys } = peer(1);
    const input = { context: signInContext, challenge: random(32), device: keys.device } as const;
    const signature = signDeviceProof({ ...input, leafSecret: keys.leafSecret });
    expect(verifyDeviceProof({ ...input, leafKey: keys.leafKey, signature })).toBe(true);
  });
});
