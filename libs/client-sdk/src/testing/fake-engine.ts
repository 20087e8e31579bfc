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
  type CipherSuite,
  type CommitSummary,
  type DeviceKeys,
  type DeviceRef,
  type GroupMember,
  type GroupState,
  type MlsEngine,
  type MlsFailure,
  type RecordChanges,
  type StagedCommit,
  type StagedWelcome,
} from '@cipherchat/crypto';
import { equalBytes } from '../keys/equal-bytes.js';
import type { Random } from '../ports/random.js';
import { fromJson, toJson } from './fake-bytes.js';

const maxPastEpochs = 4;
/** JSON has no infinity. */
const noEndS = Number.MAX_SAFE_INTEGER;

type Epoch = { readonly name: string; readonly number: number; readonly members: readonly GroupMember[] };
type Pending = { readonly kind: 'commit' | 'join'; readonly summary: PlainSummary; readonly next: Epoch };
type PlainSummary = Omit<CommitSummary, 'epochAfter'> & { readonly epochAfter: number };
type FakeState = {
  readonly own: DeviceRef;
  readonly epoch: Epoch;
  /** Newest first. */
  readonly past: readonly Epoch[];
  readonly nextGeneration: number;
  readonly seen: readonly string[];
  readonly pending: Pending | null;
  readonly removed: boolean;
};
type Message = { readonly type: 'message'; readonly group: string; readonly epoch: string; readonly number: number; readonly sender: GroupMember; readonly generation: number; readonly plaintext: Uint8Array };
type Commit = { readonly type: 'commit'; readonly group: string; readonly from: string; readonly next: Epoch; readonly summary: PlainSummary; readonly addedUntilS: number };
type Welcome = { readonly type: 'welcome'; readonly group: string; readonly suite: CipherSuite; readonly epoch: Epoch; readonly inviter: GroupMember; readonly refs: readonly string[] };
type GroupInfo = { readonly type: 'group-info'; readonly group: string; readonly suite: CipherSuite; readonly epoch: Epoch };
type KeyPackage = GroupMember & { readonly type: 'key-package'; readonly ref: string; readonly suite: CipherSuite; readonly lastResort: boolean; readonly notAfterS: number };

/** What all fake engines of a test share: names of epochs, and the evidence. */
export class FakeUniverse {
  private count = 0;
  private readonly sentUnder = new Map<string, string>();
  /** Broken rules, for a test to find none. */
  readonly violations: string[] = [];

  fresh(what: string): string {
    return `${what}-${++this.count}`;
  }

  /** Called with every ciphertext that left a device. */
  observe(ciphertext: Uint8Array): void {
    const message = fromJson<Message | Commit>(ciphertext);
    if (message?.type !== 'message') return;
    const step = `${message.epoch}/${message.sender.device}/${message.generation}`;
    const text = new TextDecoder().decode(ciphertext);
    const known = this.sentUnder.get(step);
    if (known !== undefined && known !== text) this.violations.push(`ratchet step used twice: ${step}`);
    this.sentUnder.set(step, text);
  }
}

const record = 'state';
const failure = (code: MlsFailure['code']): MlsFailure => ({ kind: 'failure', code });
const isSame = (left: DeviceRef, right: DeviceRef): boolean => left.user === right.user && left.device === right.device;

function read(state: GroupState): FakeState {
  const bytes = state.records.get(record);
  const found = bytes === undefined ? null : fromJson<FakeState>(bytes);
  if (found === null) throw new Error('no such group state');
  return found;
}

function write<Output>(group: Pick<GroupState, 'group' | 'suite'>, state: FakeState, output: Output): { readonly next: GroupState; readonly changes: RecordChanges } & Output {
  const value = toJson(state);
  return { next: { group: group.group, suite: group.suite, records: new Map([[record, value]]) }, changes: { put: [[record, value]], remove: [] }, ...output };
}

const summaryOf = (plain: PlainSummary): CommitSummary => ({ ...plain, epochAfter: BigInt(plain.epochAfter) });

function enter(state: FakeState, next: Epoch): FakeState {
  const removed = !next.members.some((member) => isSame(member, state.own));
  return { ...state, epoch: next, past: [state.epoch, ...state.past].slice(0, maxPastEpochs), nextGeneration: 0, pending: null, removed };
}

export function createFakeEngine(params: { readonly universe: FakeUniverse; readonly random: Random }): MlsEngine {
  const { universe, random } = params;
  const nextEpoch = (epoch: Epoch | null, members: readonly GroupMember[]): Epoch => ({ name: universe.fresh('epoch'), number: (epoch?.number ?? -1) + 1, members });

  return {
    generateDeviceKeys: ({ user, device }): DeviceKeys => {
      // Real keys: manifests and sign-in are not faked.
      const { publicKey, secret } = accountKeyFromSecret(random(32));
      return { user, device, leafKey: publicKey, leafSecret: secret };
    },

    generateKeyPackage: ({ keys, suite, lastResort, notAfterS }) => {
      const ref = universe.fresh('package');
      const { user, device, leafKey } = keys;
      const publicBytes = toJson({ type: 'key-package', user, device, leafKey, leafIndex: 0, ref, suite, lastResort, notAfterS } satisfies KeyPackage);
      return { ref, publicBytes, privateRecords: new Map([['private', new TextEncoder().encode(ref)]]), lastResort, notAfterS };
    },

    inspectKeyPackage: ({ publicBytes, nowS }) => {
      const found = fromJson<KeyPackage>(publicBytes);
      if (found?.type !== 'key-package' || found.notAfterS < nowS) return failure('invalid-key-package');
      return { kind: 'key-package', info: found };
    },

    createGroup: ({ keys, group, suite }) => {
      const { user, device, leafKey } = keys;
      const epoch = nextEpoch(null, [{ user, device, leafKey, leafIndex: 0 }]);
      return write({ group, suite }, { own: { user, device }, epoch, past: [], nextGeneration: 0, seen: [], pending: null, removed: false }, { kind: 'created' as const });
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

    commit: ({ state, keys, add, remove }) => {
      const found = read(state);
      if (found.removed) return failure('not-a-member');
      if (found.pending !== null) return failure('pending-commit');
      const packages = add.map((bytes) => fromJson<KeyPackage>(bytes));
      if (packages.some((item) => item?.type !== 'key-package')) return failure('invalid-key-package');
      const removed = found.epoch.members.filter((member) => remove.some((target) => isSame(member, target)));
      const stay = found.epoch.members.filter((member) => !removed.includes(member));
      const firstFree = Math.max(-1, ...found.epoch.members.map(({ leafIndex }) => leafIndex)) + 1;
      const added = packages.flatMap((item, index) => (item === null ? [] : [{ user: item.user, device: item.device, leafKey: item.leafKey, leafIndex: firstFree + index }]));
      const committer = found.epoch.members.find((member) => isSame(member, keys)) ?? null;
      const next = nextEpoch(found.epoch, [...stay, ...added]);
      const summary: PlainSummary = {
        committer,
        kind: added.length + removed.length > 0 ? 'membership' : 'update',
        added,
        removed,
        updated: committer === null ? [] : [committer],
        membersAfter: next.members,
        removesSelf: false,
        epochAfter: next.number,
      };
      const addedUntilS = Math.min(noEndS, ...packages.map((item) => item?.notAfterS ?? noEndS));
      const commit = toJson({ type: 'commit', group: state.group, from: found.epoch.name, next, summary, addedUntilS } satisfies Commit);
      const refs = packages.map((item) => item?.ref ?? '');
      const welcome = committer === null || added.length === 0 ? null : toJson({ type: 'welcome', group: state.group, suite: state.suite, epoch: next, inviter: committer, refs } satisfies Welcome);
      const groupInfo = toJson({ type: 'group-info', group: state.group, suite: state.suite, epoch: next } satisfies GroupInfo);
      return write(state, { ...found, pending: { kind: 'commit', summary, next } }, { kind: 'pending' as const, commit, welcome, groupInfo, summary: summaryOf(summary) });
    },

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
        return { next: { ...state, records: new Map() }, changes: { put: [], remove: [record] }, kind: 'cleared' };
      }
      return write(state, { ...found, pending: null }, { kind: 'cleared' as const });
    },

    externalCommit: ({ keys, groupInfo }) => {
      const info = fromJson<GroupInfo>(groupInfo);
      if (info?.type !== 'group-info') return failure('malformed');
      const old = info.epoch.members.filter((member) => member.device === keys.device && equalBytes(member.leafKey, keys.leafKey));
      const stay = info.epoch.members.filter((member) => !old.includes(member));
      const joiner = { user: keys.user, device: keys.device, leafKey: keys.leafKey, leafIndex: Math.max(-1, ...stay.map(({ leafIndex }) => leafIndex)) + 1 };
      const next = nextEpoch(info.epoch, [...stay, joiner]);
      const summary: PlainSummary = { committer: null, kind: 'external', added: [joiner], removed: old, updated: [], membersAfter: next.members, removesSelf: false, epochAfter: next.number };
      const group = { group: info.group, suite: info.suite };
      const commit = toJson({ type: 'commit', group: info.group, from: info.epoch.name, next, summary, addedUntilS: noEndS } satisfies Commit);
      const state: FakeState = { own: { user: keys.user, device: keys.device }, epoch: next, past: [], nextGeneration: 0, seen: [], pending: { kind: 'join', summary, next }, removed: false };
      return write(group, state, { kind: 'pending' as const, commit, welcome: null, groupInfo: toJson({ type: 'group-info', ...group, epoch: next } satisfies GroupInfo), summary: summaryOf(summary) });
    },

    inspectCommit: ({ state, commit, atS }) => {
      const found = read(state);
      const received = fromJson<Commit>(commit);
      if (found.removed) return failure('not-a-member');
      if (received?.type !== 'commit') return failure('malformed');
      if (received.group !== state.group) return failure('wrong-group');
      if (received.from !== found.epoch.name) return failure('wrong-epoch');
      if (received.addedUntilS < atS) return failure('invalid-commit');
      const removesSelf = !received.next.members.some((member) => isSame(member, found.own));
      return { kind: 'staged', staged: { summary: summaryOf({ ...received.summary, removesSelf }), handle: received } };
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
      return { kind: 'staged', staged: { group, suite, members: epoch.members, inviter, epoch: BigInt(epoch.number), keyPackageRef, handle } };
    },

    joinWelcome: (staged: StagedWelcome) => {
      const { own, received } = staged.handle as { readonly own: DeviceRef; readonly received: Welcome };
      return write(staged, { own, epoch: received.epoch, past: [], nextGeneration: 0, seen: [], pending: null, removed: false }, { kind: 'joined' as const });
    },

    encrypt: ({ state, keys, plaintext }) => {
      const found = read(state);
      const sender = found.epoch.members.find((member) => isSame(member, keys));
      if (found.removed || sender === undefined) return failure('not-a-member');
      const generation = found.nextGeneration;
      const ciphertext = toJson({ type: 'message', group: state.group, epoch: found.epoch.name, number: found.epoch.number, sender, generation, plaintext } satisfies Message);
      return write(state, { ...found, nextGeneration: generation + 1 }, { kind: 'encrypted' as const, ciphertext, epoch: BigInt(found.epoch.number) });
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
      return write(state, { ...found, seen: kept }, { kind: 'message' as const, sender: message.sender, plaintext: message.plaintext, epoch: BigInt(message.number) });
    },
  };
}
