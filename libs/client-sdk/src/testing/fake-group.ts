/** What a fake group is, on the wire and in the store. */
import type {
  CipherSuite,
  CommitSummary,
  DeviceRef,
  GroupMember,
  GroupState,
  MlsFailure,
  RecordChanges,
} from '@cipherchat/crypto';
import { fromJson, toJson } from './fake-bytes.js';

const maxPastEpochs = 4;

export type Epoch = {
  readonly name: string;
  readonly number: number;
  readonly members: readonly GroupMember[];
};
export type Pending = {
  readonly kind: 'commit' | 'join';
  readonly summary: PlainSummary;
  readonly next: Epoch;
};
export type PlainSummary = Omit<CommitSummary, 'epochAfter'> & { readonly epochAfter: number };
export type FakeState = {
  readonly own: DeviceRef;
  readonly epoch: Epoch;
  /** Newest first. */
  readonly past: readonly Epoch[];
  readonly nextGeneration: number;
  readonly seen: readonly string[];
  readonly pending: Pending | null;
  readonly removed: boolean;
};
export type Message = {
  readonly type: 'message';
  readonly group: string;
  readonly epoch: string;
  readonly number: number;
  readonly sender: GroupMember;
  readonly generation: number;
  readonly plaintext: Uint8Array;
};
export type Commit = {
  readonly type: 'commit';
  readonly group: string;
  readonly from: string;
  readonly next: Epoch;
  readonly summary: PlainSummary;
  readonly addedUntilS: number;
  /** Devices for which a malicious committer encrypted the path wrongly (RFC 9420 §16.12). */
  readonly brokenFor?: readonly string[];
};
export type Welcome = {
  readonly type: 'welcome';
  readonly group: string;
  readonly suite: CipherSuite;
  readonly epoch: Epoch;
  readonly inviter: GroupMember;
  readonly refs: readonly string[];
};
export type GroupInfo = {
  readonly type: 'group-info';
  readonly group: string;
  readonly suite: CipherSuite;
  readonly epoch: Epoch;
};
export type KeyPackage = GroupMember & {
  readonly type: 'key-package';
  readonly ref: string;
  readonly suite: CipherSuite;
  readonly lastResort: boolean;
  readonly notAfterS: number;
};

const record = 'state';
export const failure = (code: MlsFailure['code']): MlsFailure => ({ kind: 'failure', code });
export const isSame = (left: DeviceRef, right: DeviceRef): boolean =>
  left.user === right.user && left.device === right.device;

export function read(state: GroupState): FakeState {
  const bytes = state.records.get(record);
  const found = bytes === undefined ? null : fromJson<FakeState>(bytes);
  if (found === null) throw new Error('no such group state');
  return found;
}

export function write<Output>(
  group: Pick<GroupState, 'group' | 'suite'>,
  state: FakeState,
  output: Output,
): { readonly next: GroupState; readonly changes: RecordChanges } & Output {
  const value = toJson(state);
  return {
    next: { group: group.group, suite: group.suite, records: new Map([[record, value]]) },
    changes: { put: [[record, value]], remove: [] },
    ...output,
  };
}

export const summaryOf = (plain: PlainSummary): CommitSummary => ({
  ...plain,
  epochAfter: BigInt(plain.epochAfter),
});

export function enter(state: FakeState, next: Epoch): FakeState {
  const removed = !next.members.some((member) => isSame(member, state.own));
  return {
    ...state,
    epoch: next,
    past: [state.epoch, ...state.past].slice(0, maxPastEpochs),
    nextGeneration: 0,
    pending: null,
    removed,
  };
}
