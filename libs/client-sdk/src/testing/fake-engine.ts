/**
 * An MLS engine without cryptography, which keeps MLS's rules and notices when they are broken.
 *
 * A state holds its epoch's random name, its members, the next generation of its own ratchet and the
 * generations it has seen. "Ciphertext" is JSON in clear. What the network sees is shown to a
 * `FakeUniverse`, which throws away no evidence: two different messages under one (epoch, device,
 * generation) are what a reused nonce would be.
 */
import {
  accountKeyFromSecret,
  type DeviceKeys,
  type DeviceRef,
  type GroupState,
  type MlsEngine,
  type StagedCommit,
  type StagedWelcome,
} from '@cipherchat/crypto';
import type { Random } from '../ports/random.js';
import { fromJson, toJson } from './fake-bytes.js';
import { makeCommit, makeExternalCommit, nextEpoch } from './fake-commits.js';
import {
  type Commit,
  type KeyPackage,
  type Message,
  type Welcome,
  enter,
  failure,
  isSame,
  read,
  summaryOf,
  write,
} from './fake-group.js';
import type { FakeUniverse } from './fake-universe.js';

export function createFakeEngine(params: {
  readonly universe: FakeUniverse;
  readonly random: Random;
}): MlsEngine {
  const { universe, random } = params;
  return {
    generateDeviceKeys: ({ user, device }): DeviceKeys => {
      // Real keys: manifests and sign-in are not faked.
      const { publicKey, secret } = accountKeyFromSecret(random(32));
      return { user, device, leafKey: publicKey, leafSecret: secret };
    },

    generateKeyPackage: ({ keys, suite, lastResort, notAfterS }) => {
      const ref = universe.fresh('package');
      const { user, device, leafKey } = keys;
      const publicBytes = toJson({
        type: 'key-package',
        user,
        device,
        leafKey,
        leafIndex: 0,
        ref,
        suite,
        lastResort,
        notAfterS,
      } satisfies KeyPackage);
      return {
        ref,
        publicBytes,
        privateRecords: new Map([['private', new TextEncoder().encode(ref)]]),
        lastResort,
        notAfterS,
      };
    },

    inspectKeyPackage: ({ publicBytes, nowS }) => {
      const found = fromJson<KeyPackage>(publicBytes);
      if (found?.type !== 'key-package' || found.notAfterS < nowS) return failure('invalid-key-package');
      return { kind: 'key-package', info: found };
    },

    createGroup: ({ keys, group, suite }) => {
      const { user, device, leafKey } = keys;
      const epoch = nextEpoch(universe, null, [{ user, device, leafKey, leafIndex: 0 }]);
      return write(
        { group, suite },
        {
          own: { user, device },
          epoch,
          past: [],
          nextGeneration: 0,
          seen: [],
          pending: null,
          removed: false,
        },
        { kind: 'created' as const },
      );
    },

    members: (state) => read(state).epoch.members,
    epoch: (state) => BigInt(read(state).epoch.number),
    epochAuthenticator: (state) => new TextEncoder().encode(read(state).epoch.name),
    exportSecret: ({ state, length }) => {
      // All members of an epoch derive the same; its name is what they share.
      const name = new TextEncoder().encode(read(state).epoch.name);
      return Uint8Array.from({ length }, (_, index) => name[index % name.length] ?? 0);
    },
    hasPendingCommit: (state) => read(state).pending !== null,

    commit: (params) => makeCommit(universe, params),

    mergePending: ({ state }) => {
      const found = read(state);
      if (found.pending === null) return failure('no-pending-commit');
      const { pending } = found;
      const entered = pending.kind === 'join' ? { ...found, pending: null } : enter(found, pending.next);
      return write(state, entered, { kind: 'merged' as const, summary: summaryOf(pending.summary) });
    },

    clearPending: (state) => {
      const found = read(state);
      if (found.pending?.kind === 'join') {
        return {
          next: { ...state, records: new Map() },
          changes: { put: [], remove: [...state.records.keys()] },
          kind: 'cleared',
        };
      }
      return write(state, { ...found, pending: null }, { kind: 'cleared' as const });
    },

    externalCommit: (params) => makeExternalCommit(universe, params),

    inspectCommit: ({ state, commit, atS }) => {
      const found = read(state);
      const received = fromJson<Commit>(commit);
      if (found.removed) return failure('not-a-member');
      if (received?.type !== 'commit') return failure('malformed');
      if (received.group !== state.group) return failure('wrong-group');
      if (received.from !== found.epoch.name) {
        // As in MLS, the epoch is told, but two forks of one epoch are only told apart by what does not verify.
        const epoch = received.next.number - 1;
        return epoch === found.epoch.number
          ? failure('not-authentic')
          : { ...failure('wrong-epoch'), epoch: BigInt(epoch) };
      }
      if (received.brokenFor?.includes(found.own.device) === true) return failure('not-authentic');
      if (received.addedUntilS < atS) return failure('invalid-commit');
      const removesSelf = !received.next.members.some((member) => isSame(member, found.own));
      return {
        kind: 'staged',
        staged: { summary: summaryOf({ ...received.summary, removesSelf }), handle: received },
      };
    },

    mergeCommit: ({ state, staged }: { readonly state: GroupState; readonly staged: StagedCommit }) =>
      write(state, enter(read(state), (staged.handle as Commit).next), { kind: 'merged' as const }),

    inspectWelcome: ({ keys, welcome, keyPackages }) => {
      const received = fromJson<Welcome>(welcome);
      if (received?.type !== 'welcome') return failure('malformed');
      const keyPackageRef = received.refs.find((ref) => keyPackages.has(ref));
      const isForUs = received.epoch.members.some((member) => isSame(member, keys));
      if (keyPackageRef === undefined || !isForUs) return failure('no-key-package');
      const { group, suite, inviter, epoch } = received;
      const handle = { own: { user: keys.user, device: keys.device }, received };
      return {
        kind: 'staged',
        staged: {
          group,
          suite,
          members: epoch.members,
          inviter,
          epoch: BigInt(epoch.number),
          keyPackageRef,
          handle,
        },
      };
    },

    joinWelcome: (staged: StagedWelcome) => {
      const { own, received } = staged.handle as { readonly own: DeviceRef; readonly received: Welcome };
      return write(
        staged,
        { own, epoch: received.epoch, past: [], nextGeneration: 0, seen: [], pending: null, removed: false },
        { kind: 'joined' as const },
      );
    },

    encrypt: ({ state, keys, plaintext }) => {
      const found = read(state);
      const sender = found.epoch.members.find((member) => isSame(member, keys));
      if (found.removed || sender === undefined) return failure('not-a-member');
      const generation = found.nextGeneration;
      const ciphertext = toJson({
        type: 'message',
        group: state.group,
        epoch: found.epoch.name,
        number: found.epoch.number,
        sender,
        generation,
        plaintext,
      } satisfies Message);
      return write(
        state,
        { ...found, nextGeneration: generation + 1 },
        { kind: 'encrypted' as const, ciphertext, epoch: BigInt(found.epoch.number) },
      );
    },

    decrypt: ({ state, ciphertext }) => {
      const found = read(state);
      const message = fromJson<Message>(ciphertext);
      if (found.removed) return failure('not-a-member');
      if (message?.type !== 'message') return failure('malformed');
      if (message.group !== state.group) return failure('wrong-group');
      const epoch = [found.epoch, ...found.past].find(({ name }) => name === message.epoch);
      if (epoch === undefined) return { ...failure('wrong-epoch'), epoch: BigInt(message.number) };
      const step = `${message.epoch}/${message.sender.device}/${message.generation}`;
      if (found.seen.includes(step)) return failure('replayed');
      if (isSame(message.sender, found.own)) return failure('own-message');
      const kept = [...found.seen, step].slice(-1_000);
      return write(
        state,
        { ...found, seen: kept },
        {
          kind: 'message' as const,
          sender: message.sender,
          plaintext: message.plaintext,
          epoch: BigInt(message.number),
        },
      );
    },
  };
}
