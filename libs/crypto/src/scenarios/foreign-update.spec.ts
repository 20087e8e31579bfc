/**
 * A member that changes who its own leaf says it is, in an otherwise perfect commit. Our own engine has no
 * call for that, so the member runs ts-mls, on a state that was tampered with. Suite 0x0001. Real: both
 * implementations, judgement and credential check.
 */
import { describe, expect, it } from '@jest/globals';
import { judgeCommit } from '../commit-check.js';
import type { DeviceRef } from '../engine.js';
import { nowS, type Peer } from '../openmls-engine-fixture.js';
import { identityOf } from '../openmls-engine-leaves.js';
import { equalBytes } from '../verify/binary.js';
import { MixedGroup } from './mixed-group.js';
import type { TsMlsPeer } from './ts-mls-peer.js';

const start = async () => {
  const group = await MixedGroup.load();
  const ana = (await group.create('ours')) as Peer;
  const [ben, mallory] = [group.peer('ours') as Peer, group.peer('ts-mls') as TsMlsPeer];
  await group.commit(ana, { add: [ben, mallory] });
  return { group, ana, ben, mallory };
};

/** Mallory's own copy of the tree, in which her leaf has another identity or key. */
function tamper(
  mallory: TsMlsPeer,
  change: { readonly identity?: DeviceRef; readonly leafKey?: Uint8Array; readonly leafSecret?: Uint8Array },
): void {
  const { state, keys } = mallory;
  const own = identityOf(keys);
  const ratchetTree = state.ratchetTree.map((node) => {
    if (
      node?.nodeType !== 'leaf' ||
      node.leaf.credential.credentialType !== 'basic' ||
      !equalBytes(node.leaf.credential.identity, own)
    )
      return node;
    const identity = change.identity === undefined ? own : identityOf(change.identity);
    return {
      ...node,
      leaf: {
        ...node.leaf,
        credential: { credentialType: 'basic' as const, identity },
        signaturePublicKey: change.leafKey ?? node.leaf.signaturePublicKey,
      },
    };
  });
  mallory.state = {
    ...state,
    ratchetTree,
    signaturePrivateKey: change.leafSecret ?? state.signaturePrivateKey,
  };
}

const judge = (group: MixedGroup, reader: Peer, commit: Uint8Array, devices: readonly DeviceRef[]) =>
  judgeCommit({
    membersBefore: group.engine.members(reader.state),
    epochBefore: group.engine.epoch(reader.state),
    commitBytes: commit.length,
    clear: { kind: 'commit', devices },
    inspected: group.engine.inspectCommit({ state: reader.state, commit, atS: nowS }),
  });

describe('an update of an own leaf', () => {
  it('is merged when it changes nothing but the keys of the tree', async () => {
    const { group, ana, ben, mallory } = await start();
    const { commit } = await mallory.commit();
    for (const reader of [ana, ben])
      expect(judge(group, reader, commit, group.engine.members(reader.state)).kind).toBe('merge');
  });

  it.each(['another device of the same user', 'a device of another user', 'a member who is there already'])(
    'is void for everybody when it names %s',
    async (whom) => {
      const { group, ana, ben, mallory } = await start();
      const identity: DeviceRef =
        {
          'another device of the same user': {
            user: mallory.keys.user,
            device: '00000000-0000-4000-8000-00000000beef',
          },
          'a device of another user': { user: ana.keys.user, device: '00000000-0000-4000-8000-00000000beef' },
          'a member who is there already': { user: ana.keys.user, device: ana.keys.device },
        }[whom] ?? mallory.keys;
      tamper(mallory, { identity });
      const { commit } = await mallory.commit();
      const claimed = group.engine
        .members(ben.state)
        .map((member) => (member.device === mallory.keys.device ? identity : member));
      for (const reader of [ana, ben]) {
        for (const devices of [claimed, group.engine.members(reader.state)])
          expect(judge(group, reader, commit, devices).kind).toBe('void');
      }
      // Skipped, and the group goes on.
      await group.make(ana).then(({ commit: next }) => ben.receive(next));
      expect(ben.authenticator()).toEqual(ana.authenticator());
    },
  );

  it('is not merged when it brings another leaf key', async () => {
    const { group, ana, ben, mallory } = await start();
    const { leafKey, leafSecret } = group.engine.generateDeviceKeys(mallory.keys);
    tamper(mallory, { leafKey, leafSecret });
    const { commit } = await mallory.commit();
    for (const reader of [ana, ben])
      expect(judge(group, reader, commit, group.engine.members(reader.state)).kind).not.toBe('merge');
  });
});
