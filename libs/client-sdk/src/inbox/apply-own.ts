/**
 * Our own envelope, met in the log. A sender cannot decrypt its own message, and a commit is merged here and
 * nowhere else: the answer to its sending may be lost, late, or true of a place that others reached differently.
 */
import { afterOwnAnchor } from '../restore/own-anchor.js';
import { acceptRow } from '../people/standing.js';
import { finishMessage } from '../outbox/finish-message.js';
import type { GroupState } from '@cipherchat/crypto';
import { deleteIntent, requeueIntent } from '../outbox/intent-table.js';
import type { IntentRow } from '../outbox/intents.js';
import type { ConversationRow, OwnEnvelopeRow } from '../state/rows.js';
import { keyOf, tables } from '../state/tables.js';
import { afterMerge } from './apply-merge.js';
import { applied, type Applied, type Applying } from './context.js';
import { markGap } from './gap-mark.js';
import { beginRejoin, endRejoin } from './rejoin.js';

export async function applyOwn(
  applying: Applying,
  row: ConversationRow,
  own: OwnEnvelopeRow,
): Promise<Applied> {
  const { transaction, memory, conversation, entry, clock } = applying;
  transaction.delete(tables.ownEnvelopes, keyOf.ownEnvelope(conversation, own.envelope));
  const intent = await transaction.get(tables.intents, own.intent);
  if (own.message !== null)
    return applied(
      await finishMessage({
        transaction,
        memory,
        row,
        message: own.message,
        intent,
        seq: entry.seq,
        atMs: entry.atMs,
        nowMs: clock.nowMs(),
      }),
    );
  if (intent === null || intent.state.kind === 'queued') return applied({ ...row, lastCommitSeq: entry.seq });
  return applied(await mergeOwn(applying, row, intent));
}

async function mergeOwn(
  applying: Applying,
  row: ConversationRow,
  intent: IntentRow,
): Promise<ConversationRow> {
  const { transaction, conversation, memory, engine, entry } = applying;
  const ref = { conversation, suite: row.suite };
  const join = intent.work.kind === 'rejoin' ? await transaction.pendingJoin(ref) : null;
  const pending = join ?? (await transaction.group(ref));
  const merged =
    pending === null ? null : engine.mergePending({ state: pending, atS: Math.floor(entry.atMs / 1000) });
  if (merged?.kind === 'merged') {
    deleteIntent(transaction, intent);
    if (join === null) transaction.putGroup(merged);
    else await replaceGroup(applying, row, merged.next);
    // The conversation was there before this device came to its account.
    const isNewcomer =
      row.skippedEntries === 0 && (await transaction.get(tables.rosters, conversation)) === null;
    const { membersAfter, kind, committer, added } = merged.summary;
    const by = committer ?? added[0] ?? null;
    const after = await afterMerge(applying, row, {
      group: merged.next,
      membersAfter,
      committer: by,
      kind,
      isOwn: true,
    });
    if (join !== null) {
      if (!isNewcomer) return endRejoin(applying, after);
      markGap(applying, { row, reason: 'new-device', count: 0 });
      // Which of them the person had accepted went with the lost devices: they are what was there, and not asked anew.
      const known = memory.profile.recovery === null ? after : await acceptRow(applying, after);
      return endRejoin(applying, { ...known, phase: 'joining' });
    }
    if (intent.work.kind === 'found') return afterOwnAnchor(await endRejoin(applying, after));
    if (intent.work.kind === 'anchor') return afterOwnAnchor(after);
    // Made before this device began to doubt its state, it ends no doubt.
    return after.phase === 'creating' ? { ...after, phase: 'active' } : after;
  }
  if (pending !== null && merged?.code === 'invalid-commit')
    return voidOwn(applying, row, { intent, pending });
  // Cannot be, unless the store was damaged: the group is joined anew rather than left behind.
  deleteIntent(transaction, intent);
  markGap(applying, { row, reason: 'keys-gone', count: 1 });
  return beginRejoin(applying, { ...row, lastCommitSeq: entry.seq });
}

/** A key package had expired when the server stored the commit: void for everyone, so for us. Made again with new ones. */
function voidOwn(
  applying: Applying,
  row: ConversationRow,
  params: { readonly intent: IntentRow; readonly pending: GroupState },
): ConversationRow {
  const { transaction, engine, entry } = applying;
  const cleared = engine.clearPending(params.pending);
  if (params.intent.work.kind === 'rejoin') transaction.putPendingJoin(cleared);
  else transaction.putGroup(cleared);
  const queued = requeueIntent(transaction, params.intent);
  transaction.put(tables.intents, queued.key, { ...queued, claimed: [] });
  return { ...row, lastCommitSeq: entry.seq };
}

/** The joined group takes the place of the old one, record by record. */
async function replaceGroup(
  applying: Applying,
  row: ConversationRow,
  joined: Parameters<Applying['transaction']['putGroup']>[0]['next'],
): Promise<void> {
  const { transaction, conversation } = applying;
  await transaction.deletePendingJoin({ conversation, suite: row.suite });
  await transaction.deleteGroup({ conversation, suite: row.suite });
  transaction.putGroup({ next: joined, changes: { put: [...joined.records], remove: [] } });
}
