/**
 * Who is off: this device, or what it met. Members state which commits they merged and a digest of the epoch after
 * each; equal digests are equal group states. A pure decision over the statements.
 *
 * A member can lie. So people are counted, not devices, and a majority decides: of the members, or, when the wait
 * is over, of those who stated something. Where this device is not in the majority, and where nobody says
 * anything, it is the one that joins anew; the worst that a lie brings about is that. A device of one's own
 * that merged what this one could not is believed at once.
 */
import type { DeviceId, EpochStatement, UserId } from '@cipherchat/protocol';
import { limits } from '@cipherchat/protocol';
import type { ConversationRow, MergeRow } from '../state/rows.js';

/** `agreed`: the others are where this device is. `off`: this device is elsewhere. */
export type ComparisonVerdict = 'agreed' | 'off';

export type Stated = { readonly user: UserId; readonly device: DeviceId; readonly statement: EpochStatement };

/** The commit that this device's epoch stands on; 0 before the first. Those between it and the last commit are void. */
export function epochSeqOf(row: Pick<ConversationRow, 'merges'>): number {
  return row.merges.at(-1)?.seq ?? 0;
}

export function keepMerges(kept: readonly MergeRow[], merged: MergeRow): readonly MergeRow[] {
  return [...kept, merged].slice(-limits.maxStatedMerges);
}

/** `digest`: of the group state as it is now. `doubtSeq`: of a commit that cannot be processed, 0 when the epoch itself is in doubt. */
export function statementOf(params: {
  readonly row: Pick<ConversationRow, 'lastCommitSeq' | 'merges'>;
  readonly doubtSeq: number;
  readonly digest: Uint8Array;
}): EpochStatement {
  const { row, doubtSeq, digest } = params;
  const merges = row.merges.map((merge, index) =>
    index === row.merges.length - 1 ? { ...merge, digest } : merge,
  );
  return { commitSeq: row.lastCommitSeq, doubtSeq, merges };
}

/** `null` while more statements may change it. */
export function judgeComparison(params: {
  readonly own: { readonly user: UserId; readonly device: DeviceId };
  readonly statement: EpochStatement;
  readonly stated: readonly Stated[];
  /** Of the group, this user included. */
  readonly users: ReadonlySet<UserId>;
  readonly wait: 'goes-on' | 'is-over';
}): ComparisonVerdict | null {
  const { own, statement, stated, users, wait } = params;
  const others = stated.filter(({ device, user }) => device !== own.device && users.has(user));
  const stances = others.map(({ user, statement: theirs }) => ({
    user,
    stance: stanceOf({ theirs, ours: statement }),
  }));
  const usersWith = (wanted: Stance): ReadonlySet<UserId> =>
    new Set(stances.filter(({ stance }) => stance === wanted).map(({ user }) => user));
  const against = usersWith('against');
  // Whose devices say both says that something is wrong.
  const agreeing = new Set([...usersWith('with')].filter((user) => !against.has(user)));
  if (against.has(own.user)) return 'off';
  const ours = new Set([own.user, ...agreeing]);
  if (users.size > 1 && ours.size * 2 > users.size) return 'agreed';
  if (users.size > 1 && against.size * 2 >= users.size) return 'off';
  if (wait === 'goes-on') return null;
  return agreeing.size > 0 && ours.size > against.size ? 'agreed' : 'off';
}

type Stance = 'with' | 'against' | 'unknown';

function stanceOf({
  theirs,
  ours,
}: {
  readonly theirs: EpochStatement;
  readonly ours: EpochStatement;
}): Stance {
  const { doubtSeq } = ours;
  const epoch = ours.merges.at(-1);
  if (epoch === undefined) return 'unknown';
  if (doubtSeq !== 0 && theirs.merges.some(({ seq }) => seq === doubtSeq)) return 'against';
  const same = theirs.merges.find(({ seq }) => seq === epoch.seq);
  if (same !== undefined) {
    if (!isSameDigest(same.digest, epoch.digest)) return 'against';
    const hasMet = doubtSeq === 0 || theirs.commitSeq >= doubtSeq || theirs.doubtSeq === doubtSeq;
    return hasMet ? 'with' : 'unknown';
  }
  // They were past the commit that our epoch stands on, remember that time, and did not merge it.
  const oldest = theirs.merges[0];
  return oldest !== undefined && oldest.seq < epoch.seq && theirs.commitSeq >= epoch.seq
    ? 'against'
    : 'unknown';
}

/** Of public digests: there is nothing to hide by constant time. */
function isSameDigest(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
