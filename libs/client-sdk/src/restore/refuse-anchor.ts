/**
 * A restore of the server can make members again of people who were removed since the backup. One of them may anchor a
 * group of their own making, of any epoch. Who saw the removal does not follow, and anchors the group as it was;
 * who did not see it follows that anchor when it comes (`inbox/apply-anchor.ts`).
 */
import type { GroupMember } from '@cipherchat/crypto';
import { putConversation } from '../conversations/conversation-row.js';
import { addIntent } from '../outbox/intent-table.js';
import type { Clock } from '../ports/clock.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow, LostRow } from '../state/rows.js';
import type { Transaction } from '../state/transaction.js';

export function takesBackRemoved(params: {
  readonly row: ConversationRow;
  readonly members: readonly GroupMember[];
}): boolean {
  const removed = new Set<string>(params.row.lostByRestore?.removedUsers ?? []);
  return params.members.some(({ user }) => removed.has(user));
}

/** Members again by a commit that we merged: they may come back from here on. */
export function withMembers(
  lost: LostRow | null,
  { seq, members }: { readonly seq: number; readonly members: readonly GroupMember[] },
): LostRow | null {
  if (lost === null) return null;
  const users = new Set<string>(members.map(({ user }) => user));
  const mergedSeq = lost.mergedSeq ?? (seq > lost.sameUntilSeq ? seq : null);
  return { ...lost, mergedSeq, removedUsers: lost.removedUsers.filter((user) => !users.has(user)) };
}

/** Instead of joining anew by it. `false` when there is no group of ours to go on with. */
export async function refuseAnchor(params: {
  readonly transaction: Transaction;
  readonly memory: Memory;
  readonly conversation: ConversationRow;
  readonly clock: Clock;
}): Promise<boolean> {
  const { transaction, memory, conversation, clock } = params;
  const { id, suite } = conversation;
  if ((await transaction.group({ conversation: id, suite })) === null) return false;
  putConversation(transaction, { ...conversation, phase: 'active', lineage: 'own' });
  await addIntent(
    { transaction, memory },
    { conversation: id, work: { kind: 'anchor' }, addedAtMs: clock.nowMs() },
  );
  return true;
}
