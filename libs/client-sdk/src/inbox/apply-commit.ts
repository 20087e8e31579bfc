/**
 * A commit of another device: judge it by what all members have alike, then merge it or skip it. Manifests and
 * our clock have no say (libs/crypto, `commit-check.ts`); they are looked at afterwards, and only stop our sending.
 */
import {
  isWelcomeConsistent,
  type GroupState,
  type StagedCommit,
  type StagedWelcome,
} from '@cipherchat/crypto';
import type { MemberDevice, UserId } from '@cipherchat/protocol';
import { becomeRemoved } from '../conversations/become-removed.js';
import { intentsOf, requeueIntent } from '../outbox/intent-table.js';
import type { IntentRow } from '../outbox/intents.js';
import { offerToJoined } from '../restore/offer-again.js';
import type { ConversationRow } from '../state/rows.js';
import { tables } from '../state/tables.js';
import { afterMerge } from './apply-merge.js';
import { awaitsOwnAnchor } from '../restore/own-anchor.js';
import { passVoidCommit } from '../repair/void-commit.js';
import { dropReadds } from '../repair/readd.js';
import { applied, isFirstLook, type Applied, type Applying } from './context.js';
import { markGap } from './gap-mark.js';
import { addedBy, settleStanding } from '../people/standing.js';
import { judgeEntry } from './judge-entry.js';
import { beginRejoin, endRejoin } from './rejoin.js';

export async function applyCommit(applying: Applying, row: ConversationRow): Promise<Applied> {
  const { transaction, conversation, entry } = applying;
  const standing = await loseRaces(applying, row);
  const group = await transaction.group({ conversation, suite: row.suite });
  // While it waits to get back in, a welcome is what it waits for.
  const awaitsWelcome = group === null || row.phase === 'removed';
  if (awaitsWelcome || (row.phase === 'rejoining' && entry.welcome.length > 0))
    return entry.welcome.length > 0 ? join(applying, row) : applied(await skip(applying, row));
  const judgement = judgeEntry(applying, group);
  // The group goes on without ours, which was made before this could be read.
  if (standing > 0 && judgement.kind !== 'void') return applyCommit(applying, { ...row, leftOutSeq: null });
  if (judgement.kind !== 'merge' && awaitsOwnAnchor(applying))
    return applied({ ...row, lastCommitSeq: entry.seq, skippedEntries: row.skippedEntries + 1 });
  switch (judgement.kind) {
    case 'void':
      // From outside, what is void and what came later than this device cannot be told apart.
      if (row.phase === 'rejoining') return notForUs(applying, row);
      if (isFirstLook(applying)) return { kind: 'needs-refetch' };
      return applied(await passVoidCommit(applying, row));
    case 'repair':
      return notForUs(applying, row);
    case 'merge':
      return mergeInspected(applying, row, { group, staged: judgement.staged });
  }
}

/** Moves the group on by a commit that was found right. */
export async function mergeInspected(
  applying: Applying,
  row: ConversationRow,
  { group, staged }: { readonly group: GroupState; readonly staged: StagedCommit },
): Promise<Applied> {
  const { transaction, engine, entry } = applying;
  const { summary } = staged;
  const merged = engine.mergeCommit({ state: group, staged });
  transaction.putGroup(merged);
  // Added anew in the same commit: with fresh keys, which the welcome gives.
  if (summary.removesSelf && entry.welcome.length > 0) return join(applying, row);
  dropReadds(applying, summary.added);
  if (summary.removesSelf)
    return applied(
      await becomeRemoved({
        transaction,
        memory: applying.memory,
        row: { ...row, lastCommitSeq: entry.seq },
        nowMs: applying.clock.nowMs(),
      }),
    );
  const { membersAfter, committer, kind } = summary;
  // An external commit has no committer among the members before; who joined is who committed.
  const by = committer ?? summary.added[0] ?? null;
  if (kind === 'external')
    await offerToJoined(applying, { row, joined: by === null ? null : (by.user as UserId) });
  return applied(
    await afterMerge(applying, row, { group: merged.next, membersAfter, committer: by, kind, isOwn: false }),
  );
}

/**
 * Perhaps valid for others. The ladder: its bytes once more, then the others' word on it, then an external commit.
 * While this device is waiting to get back in, nothing of the old group matters.
 */
async function notForUs(applying: Applying, row: ConversationRow): Promise<Applied> {
  const { entry, known } = applying;
  const at = { ...row, lastCommitSeq: entry.seq };
  if (row.phase === 'rejoining') {
    const skipped = { ...at, skippedEntries: row.skippedEntries + 1 };
    // It may have been refused while a void commit had left it out, and have given up: listed, it may try.
    return applied(isListed(applying) ? await beginRejoin(applying, skipped) : skipped);
  }
  if (isFirstLook(applying)) return { kind: 'needs-refetch' };
  if (known.compared?.seq !== entry.seq) return { kind: 'needs-comparison' };
  if (known.compared.verdict === 'agreed') return applied(await passVoidCommit(applying, row));
  markGap(applying, { row, reason: 'not-authentic', count: 1 });
  return applied(await beginRejoin(applying, at));
}

/**
 * Another's commit stands here, so ours that built on the same place can never be accepted: it is made anew. One that
 * builds on a later place, which a device that was left out could not read, stands for the time being. Returns how many do.
 */
export async function loseRaces(applying: Applying, row: ConversationRow): Promise<number> {
  const { transaction, memory, conversation, entry } = applying;
  let standing = 0;
  for (const intent of intentsOf({ transaction, memory, conversation })) {
    const { state } = intent;
    const stands =
      row.leftOutSeq !== null &&
      state.kind === 'prepared' &&
      state.as === 'commit' &&
      state.commitSeq >= entry.seq;
    if (stands) standing++;
    else await loseRace(applying, row, intent);
  }
  return standing;
}

async function loseRace(applying: Applying, row: ConversationRow, intent: IntentRow): Promise<void> {
  const { transaction, conversation, engine } = applying;
  if (intent.state.kind !== 'prepared' || intent.state.as === 'message') return;
  requeueIntent(transaction, intent);
  // A group that was founded anew, when the conversation was open again already.
  if (intent.state.as === 'create') return transaction.deleteGroup({ conversation, suite: row.suite });
  if (intent.state.as === 'external-commit')
    return transaction.deletePendingJoin({ conversation, suite: row.suite });
  const group = await transaction.group({ conversation, suite: row.suite });
  if (group !== null && engine.hasPendingCommit(group)) transaction.putGroup(engine.clearPending(group));
}

/** Nothing of it is for this device: it was removed, or its own external commit is still to come. */
async function skip(applying: Applying, row: ConversationRow): Promise<ConversationRow> {
  const { seq } = applying.entry;
  const skipped = { ...row, lastCommitSeq: seq, minCommitSeq: seq, skippedEntries: row.skippedEntries + 1 };
  // Added by an earlier commit, whose welcome has expired; or the group is lost, and it was refused before.
  const isOutside = row.phase === 'joining' || row.phase === 'rejoining';
  return row.phase === 'active' || (isOutside && isListed(applying))
    ? beginRejoin(applying, skipped)
    : skipped;
}

function isListed({ entry, memory }: Applying): boolean {
  return entry.devices.some(({ device }) => device === memory.profile.device);
}

export async function join(applying: Applying, row: ConversationRow): Promise<Applied> {
  const { transaction, conversation, engine, keys, entry } = applying;
  const packages = await transaction.scan(tables.keyPackages, { prefix: '', limit: maxKeyPackages });
  const keyPackages = new Map(packages.map((item) => [item.row.ref, new Map(item.row.privateRecords)]));
  const inspected = engine.inspectWelcome({ keys, welcome: entry.welcome, keyPackages });
  const at = { ...row, lastCommitSeq: entry.seq, minCommitSeq: entry.seq };
  if (inspected.kind === 'failure') {
    markGap(applying, { row: at, reason: 'cannot-join', count: 1 });
    return applied(await beginRejoin(applying, at));
  }
  const { staged } = inspected;
  if (!isOfThisCommit(applying, staged)) {
    // Void for the others too, or a welcome to somewhere else: there is no group to be in.
    markGap(applying, { row: at, reason: 'cannot-join', count: 1 });
    return applied(at);
  }
  await transaction.deleteGroup({ conversation, suite: row.suite });
  const joined = engine.joinWelcome(staged);
  transaction.putGroup(joined);
  if (packages.some((item) => item.row.ref === staged.keyPackageRef && !item.row.lastResort))
    transaction.delete(tables.keyPackages, staged.keyPackageRef);
  const merge = {
    group: joined.next,
    membersAfter: staged.members,
    committer: staged.inviter,
    kind: 'membership',
    isOwn: false,
  } as const;
  const asked = addedBy({ ...at, suite: staged.suite }, inviterOf(staged));
  const merged = await afterMerge(applying, asked, merge);
  const members = (await transaction.get(tables.rosters, conversation))?.members ?? [];
  const settled = await settleStanding(applying, { row: merged, members });
  return applied(await endRejoin(applying, { ...settled, lastActivityMs: entry.atMs }));
}

/** Private halves of one device: 100 for each of two rotations, and the last-resort ones. */
const maxKeyPackages = 1_000;

function inviterOf({ inviter }: StagedWelcome): MemberDevice | null {
  return inviter === null
    ? null
    : { user: inviter.user as MemberDevice['user'], device: inviter.device as MemberDevice['device'] };
}

function isOfThisCommit({ conversation, entry }: Applying, staged: StagedWelcome): boolean {
  return (
    staged.group === conversation &&
    isWelcomeConsistent({ members: staged.members, clear: { kind: 'commit', devices: entry.devices } })
  );
}
