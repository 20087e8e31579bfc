/**
 * What decides whether a commit is merged.
 *
 * Every member must decide alike, or the group splits for good. So the decision is a pure function of
 * what all members have alike: the group's members before, the commit's bytes, the clear part that the
 * store keeps with them (kind and device list), and the store's timestamp, by which `inspectCommit`
 * judges lifetimes of added leaves. No clock of our own, no manifest, no kind of conversation: those may
 * differ between members and only raise alarms (`credential-check.ts`).
 *
 * A commit that is invalid for all is *void*: everybody skips it, the epoch stays, and the next commit
 * builds on its seq. One that may have failed only here leads to the repair ladder (design.md §5).
 */
import type { CommitSummary, DeviceRef, GroupMember, MlsFailure, StagedCommit } from './engine.js';
import { cryptoLimits } from './limits.js';
import { equalBytes } from './verify/binary.js';

export type VoidReason =
  | 'too-large'
  /** RFC 9420 says no, or the bytes are no commit of this group and epoch: the same for every member. */
  | 'mls-invalid'
  /** The store was told "commit" for an external commit, or the other way round. */
  | 'kind-differs'
  /** The clear device list, by which the store routes, is not the list of members after the commit. */
  | 'device-list-differs'
  | 'device-repeated'
  | 'too-many-devices'
  /** A leaf that was updated names another user or device, has another key, or is not the committer's. */
  | 'update-foreign'
  /** An external commit that adds not just one device, or removes more than that device's old leaf. */
  | 'external-not-alone'
  /** An external commit by a user of whom no device was a member. */
  | 'external-stranger';

export type CommitJudgement =
  | { readonly kind: 'merge'; readonly staged: StagedCommit }
  | { readonly kind: 'void'; readonly reason: VoidReason }
  /** Perhaps valid for others: enter the repair ladder. */
  | { readonly kind: 'repair'; readonly failure: MlsFailure };

/** The clear part of a log entry, as the store gave it. */
export type ClearPart = {
  readonly kind: 'commit' | 'external-commit';
  readonly devices: readonly DeviceRef[];
};

/**
 * Judges a received commit, after `MlsEngine.inspectCommit` and before `mergeCommit`.
 * @param params.membersBefore, params.epochBefore of the state that the commit was inspected with.
 * @param params.commitBytes length of the commit's ciphertext.
 */
export function judgeCommit(params: {
  readonly membersBefore: readonly GroupMember[];
  readonly epochBefore: bigint;
  readonly commitBytes: number;
  readonly clear: ClearPart;
  readonly inspected: { readonly kind: 'staged'; readonly staged: StagedCommit } | MlsFailure;
}): CommitJudgement {
  const { membersBefore, epochBefore, commitBytes, clear, inspected } = params;
  if (commitBytes > cryptoLimits.maxCommitBytes) return { kind: 'void', reason: 'too-large' };
  if (inspected.kind === 'failure')
    return isFailureOfAll({ failure: inspected, epochBefore })
      ? { kind: 'void', reason: 'mls-invalid' }
      : { kind: 'repair', failure: inspected };
  const reason = commitFault({ membersBefore, clear, summary: inspected.staged.summary });
  return reason === null ? { kind: 'merge', staged: inspected.staged } : { kind: 'void', reason };
}

/**
 * The same rules for a commit of our own before it is sent: one that others would void must not leave
 * the device. `null` when they would merge it.
 */
export function commitFault(params: {
  readonly membersBefore: readonly GroupMember[];
  readonly clear: ClearPart;
  readonly summary: CommitSummary;
}): VoidReason | null {
  const { membersBefore, clear, summary } = params;
  const { membersAfter } = summary;
  if ((summary.kind === 'external') !== (clear.kind === 'external-commit')) return 'kind-differs';
  if (membersAfter.length > cryptoLimits.maxConversationDevices) return 'too-many-devices';
  if (new Set(membersAfter.map(({ device }) => device)).size !== membersAfter.length)
    return 'device-repeated';
  if (!isSameDevices(membersAfter, clear.devices)) return 'device-list-differs';
  if (summary.kind === 'external') return faultOfExternal({ membersBefore, summary });
  return summary.updated.every((leaf) => isOwnUpdate({ leaf, summary, membersBefore }))
    ? null
    : 'update-foreign';
}

/** Whether a welcome gives the group that the clear list of its commit says. If not, the commit is void for the others too. */
export function isWelcomeConsistent(params: {
  readonly members: readonly GroupMember[];
  readonly clear: ClearPart;
}): boolean {
  return params.clear.kind === 'commit' && isSameDevices(params.members, params.clear.devices);
}

/** RFC 9420 §12.4.3.2 allows more than we do; what is refused here could only serve to smuggle a device in or out. */
function faultOfExternal({
  membersBefore,
  summary,
}: {
  readonly membersBefore: readonly GroupMember[];
  readonly summary: CommitSummary;
}): VoidReason | null {
  const [joiner] = summary.added;
  if (joiner === undefined || summary.added.length !== 1) return 'external-not-alone';
  const removesOnlyItself =
    summary.removed.length <= 1 && summary.removed.every((leaf) => isSameDevice(leaf, joiner));
  // The engine's list must agree with what it says was added and removed.
  const isOldLeaf = membersBefore.some((member) => isSameDevice(member, joiner));
  const expectedCount = membersBefore.length + (isOldLeaf ? 0 : 1);
  if (!removesOnlyItself || summary.membersAfter.length !== expectedCount) return 'external-not-alone';
  return membersBefore.some(({ user }) => user === joiner.user) ? null : 'external-stranger';
}

/** Without standalone proposals only the committer's own leaf changes, and a device keeps its key for life. */
function isOwnUpdate(params: {
  readonly leaf: GroupMember;
  readonly summary: CommitSummary;
  readonly membersBefore: readonly GroupMember[];
}): boolean {
  const { leaf, summary, membersBefore } = params;
  const before = membersBefore.find(({ leafIndex }) => leafIndex === leaf.leafIndex);
  if (before === undefined || summary.committer?.leafIndex !== leaf.leafIndex) return false;
  return isSameDevice(before, leaf) && equalBytes(before.leafKey, leaf.leafKey);
}

function isSameDevice(left: DeviceRef, right: DeviceRef): boolean {
  return left.user === right.user && left.device === right.device;
}

/** As sets; a device named twice is no set. */
function isSameDevices(members: readonly DeviceRef[], listed: readonly DeviceRef[]): boolean {
  const users = new Map(listed.map(({ user, device }) => [device, user]));
  if (users.size !== listed.length || users.size !== members.length) return false;
  return members.every(({ user, device }) => users.get(device) === user);
}

/**
 * Failures that follow from bytes and group state alone. A commit of an epoch that this device has not
 * reached may be void, or this device may have missed a merge: only the others can tell. `not-authentic` is not among them: a committer
 * can encrypt path secrets that fail for some members only (RFC 9420 §16.12), and who is right is found
 * by comparing epoch authenticators.
 */
function isFailureOfAll({
  failure,
  epochBefore,
}: {
  readonly failure: MlsFailure;
  readonly epochBefore: bigint;
}): boolean {
  switch (failure.code) {
    case 'wrong-epoch':
      return failure.epoch === undefined || failure.epoch <= epochBefore;
    case 'malformed':
    case 'wrong-group':
    case 'replayed':
    case 'too-far-ahead':
    case 'invalid-commit':
    case 'invalid-key-package':
    case 'unsupported-suite':
      return true;
    case 'own-message':
    case 'not-authentic':
    case 'no-key-package':
    case 'not-a-member':
    case 'pending-commit':
    case 'no-pending-commit':
    case 'engine-lost':
      return false;
  }
}
