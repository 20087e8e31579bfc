/**
 * Faults of ts-mls 1.6.4, each with its reproduction. These tests assert that the fault is there: one
 * that fails says that a newer ts-mls has mended it, and that the scenarios may be widened.
 */
import { describe, expect, it } from '@jest/globals';
import {
  createGroupInfoWithExternalPubAndRatchetTree,
  decodeMlsMessage,
  encodeMlsMessage,
  generateKeyPackageWithKey,
  joinGroupExternal,
} from 'ts-mls';
import { nowS, type Peer } from '../openmls-engine-fixture.js';
import { MixedGroup, type AnyPeer } from './mixed-group.js';
import type { TsMlsPeer } from './ts-mls-peer.js';

describe('ts-mls 1.6.4', () => {
  /**
   * RFC 9420 §7.4 and §12.4.1: the commit secret follows the path secret of the last node of the committer's FILTERED
   * direct path. ts-mls goes on to the root, one `path` step too far, where that root is not on the path
   * because the other half of the tree is empty. The two sides then are in different epochs.
   */
  describe('derives another commit secret when the other half of the tree is empty', () => {
    const leaveOneHalf = async (
      implementations: readonly ['ours' | 'ts-mls', 'ours' | 'ts-mls'],
    ): Promise<{ readonly group: MixedGroup; readonly members: readonly AnyPeer[] }> => {
      const group = await MixedGroup.load();
      const alice = await group.create('ts-mls');
      const bob = group.peer('ours');
      const [carol, dave] = implementations.map((implementation) => group.peer(implementation)) as [
        AnyPeer,
        AnyPeer,
      ];
      // Leaves: alice 0, bob 1, carol 2, dave 3. Without alice and bob the left half is empty.
      await group.commit(alice, { add: [bob, carol, dave] });
      await group.commit(carol, { remove: [bob] });
      await group.expectAgreement();
      return { group, members: [alice, carol, dave] };
    };

    it('as the receiver: it refuses a valid commit', async () => {
      const { group, members } = await leaveOneHalf(['ours', 'ts-mls']);
      const [alice, carol, dave] = members as [AnyPeer, AnyPeer, AnyPeer];
      const { commit } = await group.make(carol, { remove: [alice] });
      await expect(dave.receive(commit) as Promise<void>).rejects.toThrow(
        'Could not verify confirmation tag',
      );
    });

    it('as the committer: ours refuses its commit', async () => {
      const { group, members } = await leaveOneHalf(['ts-mls', 'ours']);
      const [alice, carol, dave] = members as [AnyPeer, AnyPeer, Peer];
      const { commit } = await group.make(carol, { remove: [alice] });
      expect(group.engine.inspectCommit({ state: dave.state, commit, atS: nowS })).toMatchObject({
        kind: 'failure',
        code: 'not-authentic',
      });
    });
  });

  /**
   * RFC 9420 §12.4.3.1: a leaf that a node lists as unmerged must be listed by the nodes BETWEEN leaf and
   * node too. ts-mls wants every node above the leaf, up to the root, to have the same list.
   */
  it('refuses to join a valid tree in which nodes of one path differ in their unmerged leaves', async () => {
    const group = await MixedGroup.load();
    const alice = await group.create('ours');
    const [bob, carol, dave, erin, frank] = Array.from({ length: 5 }, () => group.peer('ours')) as Peer[];
    const grace = group.peer('ts-mls');
    // Leaves: alice 0, bob 1, carol 2, dave 3, erin 4.
    await group.commit(alice, { add: [bob!, carol!, dave!, erin!] });
    await group.commit(carol!, { remove: [alice] });
    // Frank takes leaf 0: unmerged in node 3, above leaves 0 to 3. Erin's path makes the root anew, without unmerged leaves.
    const { welcome } = await group.make(erin!, { add: [frank!, grace] });
    frank!.join(welcome);
    await expect(grace.join(welcome) as Promise<void>).rejects.toThrow(
      'non-blank intermediate node must list leaf node in its unmerged_leaves',
    );
  });

  /**
   * RFC 9420 §12.4.3.2: `struct { HPKEPublicKey external_pub; } ExternalPub`, and an HPKEPublicKey is
   * `opaque<V>`: the extension's data begins with the length of the key. ts-mls neither writes nor reads it.
   */
  describe('leaves the length out of the external_pub extension', () => {
    it('as the writer: nobody else can join by its GroupInfo', async () => {
      const group = await MixedGroup.load();
      const alice = (await group.create('ts-mls')) as TsMlsPeer;
      const groupInfo = await createGroupInfoWithExternalPubAndRatchetTree(alice.state, [], group.cs);
      const bytes = encodeMlsMessage({ version: 'mls10', wireformat: 'mls_group_info', groupInfo });
      expect(
        groupInfo.extensions.find(({ extensionType }) => extensionType === 'external_pub')?.extensionData,
      ).toHaveLength(32);
      const bob = group.peer('ours');
      expect(group.engine.externalCommit({ keys: bob.keys, groupInfo: bytes, nowS })).toMatchObject({
        kind: 'failure',
      });
    });

    it('as the reader: it cannot join by the GroupInfo of others', async () => {
      const group = await MixedGroup.load();
      const alice = (await group.create('ts-mls')) as TsMlsPeer;
      const [message] = decodeMlsMessage(await alice.groupInfo(), 0) ?? [];
      if (message?.wireformat !== 'mls_group_info') throw new Error('no GroupInfo');
      const { keys } = group.peer('ts-mls');
      const { publicPackage, privatePackage } = await generateKeyPackageWithKey(
        { credentialType: 'basic', identity: new Uint8Array(32) },
        {
          versions: ['mls10'],
          ciphersuites: [group.cs.name],
          extensions: [],
          proposals: [],
          credentials: ['basic'],
        },
        { notBefore: 0n, notAfter: BigInt(nowS) },
        [],
        { signKey: keys.leafSecret, publicKey: keys.leafKey },
        group.cs,
      );
      await expect(
        joinGroupExternal(message.groupInfo, publicPackage, privatePackage, false, group.cs),
      ).rejects.toThrow('Invalid public key');
    });
  });
});
