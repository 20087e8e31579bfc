/** Commits in two halves, so that several can be made before one of them reaches the log. */
import { commitFault } from '../commit-check.js';
import type { DeviceRef, GroupMember, PendingCommit } from '../engine.js';
import type { OperationKind } from './counts.js';
import type { ChurnDevice } from './device.js';
import type { Answer } from './log.js';
import { expectSuccess, members, newEnvelope, type Run } from './run-state.js';

/** What a device wants of a commit; kept until it is in the log, or no longer makes sense. */
export type Intent =
  | { readonly kind: 'update'; readonly by: ChurnDevice }
  | {
      readonly kind: 'add' | 'last-resort-join';
      readonly by: ChurnDevice;
      readonly joiners: ReadonlyArray<{ readonly device: ChurnDevice; readonly keyPackage: Uint8Array }>;
    }
  | { readonly kind: 'remove'; readonly by: ChurnDevice; readonly leavers: readonly ChurnDevice[] }
  | { readonly kind: 'external-rejoin' | 'external-join'; readonly by: ChurnDevice };

/** A commit that is stored by its device and not offered to the log yet. */
export type Prepared = {
  readonly intent: Intent;
  readonly envelope: string;
  readonly basedOn: number;
  readonly pending: PendingCommit;
};

export function prepare(run: Run, intent: Intent): Prepared {
  const { by } = intent;
  const envelope = newEnvelope(run);
  const isExternal = intent.kind === 'external-join' || intent.kind === 'external-rejoin';
  const pending = isExternal ? commitExternally(run, by) : commitAsMember(run, intent);
  by.pendingEnvelope = envelope;
  // A client sends no commit that others would void.
  const fault = commitFault({
    membersBefore: isExternal ? rosterOfGroup(run) : by.roster,
    clear: { kind: isExternal ? 'external-commit' : 'commit', devices: devicesAfter(pending) },
    summary: pending.summary,
  });
  if (fault !== null) throw new Error(`${by.name}: its own ${intent.kind} would be void: ${fault}`);
  return { intent, envelope, basedOn: isExternal ? run.log.lastCommitSeq : by.lastCommitSeq, pending };
}

/** Offers it to the log, and counts it when it is taken. */
export function offer(run: Run, prepared: Prepared): Answer {
  const { intent, envelope, basedOn, pending } = prepared;
  const isExternal = intent.kind === 'external-join' || intent.kind === 'external-rejoin';
  const answer = run.log.appendCommit({
    kind: isExternal ? 'external-commit' : 'commit',
    envelope,
    basedOn,
    bytes: pending.commit,
    devices: devicesAfter(pending),
    welcome: pending.welcome,
    groupInfo: pending.groupInfo,
  });
  if (answer.kind === 'accepted') run.counts[countedAs(intent)] += 1;
  return answer;
}

function countedAs(intent: Intent): OperationKind {
  return intent.kind;
}

/** The losing side: the external joiner forgets its group; a member's commit may also stay until the winner is merged. */
export function giveUp(run: Run, device: ChurnDevice): void {
  if (device.joining !== null) device.abandonJoining(run.engine.clearPending(device.joining));
  else device.keep(run.engine.clearPending(device.state));
  device.pendingEnvelope = null;
}

/** What a joiner knows of the group's members, from the GroupInfo. */
function rosterOfGroup(run: Run): readonly GroupMember[] {
  return members(run).find((device) => device.isMember)?.roster ?? [];
}

function commitExternally(run: Run, by: ChurnDevice): PendingCommit {
  const { groupInfo, nowS } = run.log;
  if (groupInfo === null) throw new Error('no GroupInfo yet');
  return by.keepJoining(
    expectSuccess(
      `${by.name} commits externally`,
      run.engine.externalCommit({ keys: by.keys, groupInfo, nowS }),
    ),
  );
}

function commitAsMember(run: Run, intent: Intent): PendingCommit {
  const { by } = intent;
  const add = 'joiners' in intent ? intent.joiners.map(({ keyPackage }) => keyPackage) : [];
  const remove = 'leavers' in intent ? intent.leavers.map(({ keys }) => keys) : [];
  const made = run.engine.commit({ state: by.state, keys: by.keys, add, remove, nowS: run.log.nowS });
  return by.keep(expectSuccess(`${by.name} commits: ${intent.kind}`, made));
}

function devicesAfter({ summary }: PendingCommit): readonly DeviceRef[] {
  return summary.membersAfter.map(({ user, device }) => ({ user, device }));
}
