/**
 * Applies entries of one conversation's log, in order, within one step.
 *
 * Invariants:
 * - Entry by entry, the MLS state, the cursor, the plaintext (or the mark of its absence) and every follow-up intent
 *   change together: they are one write, and the acknowledgement comes after it.
 * - The cursor moves by one at a time, or past a floor below which the server has nothing for us.
 * - Every entry ends in exactly one of: a message, a mark, a merged commit, a skipped void commit, our own echo, a
 *   duplicate, a request, a reset. Until it does, because something must be known first, the cursor stays before it.
 */
import type { ConversationId, LogEntry } from '@cipherchat/protocol';
import { putConversation } from '../conversations/conversation-row.js';
import type { ConversationRow } from '../state/rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { applyAnchor, isFoundedAgain } from './apply-anchor.js';
import { applyCommit } from './apply-commit.js';
import { applyMessage } from './apply-message.js';
import { applyOwn } from './apply-own.js';
import { applyReaddRequest } from '../repair/readd.js';
import { applyReset } from '../repair/reset.js';
import { applied, type Applied, type Applying, type InboxPorts, type Known } from './context.js';
import { judgeContiguity } from './contiguity.js';
import { markGap } from './gap-mark.js';
import { beginRejoin } from './rejoin.js';

export type EntriesOutcome = {
  readonly kind: 'applied' | 'gap' | 'unknown-conversation' | Exclude<Applied['kind'], 'applied'>;
  readonly cursorSeq: number;
};

export async function applyEntries(params: {
  readonly ports: InboxPorts;
  readonly transaction: Transaction;
  readonly conversation: ConversationId;
  readonly entries: readonly LogEntry[];
  /** Entries at or below this are gone, or were before this device joined; 0 where that is not known. */
  readonly floorSeq: number;
  readonly known: Known;
}): Promise<EntriesOutcome> {
  const { ports, transaction, conversation, entries, floorSeq, known } = params;
  const found = await transaction.get(tables.conversations, conversation);
  if (found === null) return { kind: 'unknown-conversation', cursorSeq: 0 };
  let row = found;
  let kind: EntriesOutcome['kind'] = 'applied';
  for (const entry of entries) {
    const applying: Applying = { ...ports, transaction, conversation, entry, known };
    if (row.cursorSeq < floorSeq) row = await passFloor(applying, row, floorSeq);
    const contiguity = judgeContiguity({ cursorSeq: row.cursorSeq, seq: entry.seq });
    if (contiguity === 'duplicate') continue;
    const result: Applied | null = contiguity === 'next' ? await applyEntry(applying, row) : null;
    if (result?.kind !== 'applied') {
      kind = result === null ? 'gap' : result.kind;
      break;
    }
    row = { ...result.row, cursorSeq: entry.seq };
  }
  if (row !== found) putConversation(transaction, row);
  return { kind, cursorSeq: row.cursorSeq };
}

async function applyEntry(applying: Applying, row: ConversationRow): Promise<Applied> {
  const { transaction, conversation, entry } = applying;
  const own = await transaction.get(tables.ownEnvelopes, keyOf.ownEnvelope(conversation, entry.envelope));
  if (own !== null) return applyOwn(applying, row, own);
  switch (entry.kind) {
    case 'message':
      return applyMessage(applying, row);
    case 'commit':
    case 'external-commit':
      return (await isFoundedAgain(applying, row)) ? applyAnchor(applying, row) : applyCommit(applying, row);
    case 'anchor':
      return applyAnchor(applying, row);
    case 'readd-request':
      return applied(await applyReaddRequest(applying, row));
    case 'reset':
      return applied(await applyReset(applying, row));
    case 'tombstone':
      markGap(applying, { row, reason: 'expired', count: 1 });
      return applied(await missCommit(applying, row));
  }
}

/** Retention took what lies below; before this device joined there is nothing to miss. */
async function passFloor(
  applying: Applying,
  row: ConversationRow,
  floorSeq: number,
): Promise<ConversationRow> {
  if (row.cursorSeq > 0) markGap(applying, { row, reason: 'expired', count: floorSeq - row.cursorSeq });
  return missCommit(applying, { ...row, cursorSeq: floorSeq });
}

/** A commit among what is gone leaves our group behind for good: no use in waiting until nothing decrypts. */
async function missCommit(applying: Applying, row: ConversationRow): Promise<ConversationRow> {
  const { entry, memory } = applying;
  // What begins anew builds on nothing that came before: an anchor, or a commit that welcomes this device.
  if (entry.kind === 'anchor' || (row.phase === 'joining' && entry.welcome.length > 0)) return row;
  // A tombstone that lists devices was a commit; any other entry names the commit that its sender had processed.
  const isCommit = entry.kind === 'tombstone' && entry.devices.length > 0;
  const missed = Math.max(isCommit ? entry.seq : 0, entry.commitSeq);
  if (missed <= row.lastCommitSeq) return row;
  const isMember = entry.devices.some(({ device }) => device === memory.profile.device);
  const next = { ...row, lastCommitSeq: missed, minCommitSeq: missed };
  return row.phase === 'active' || (row.phase === 'joining' && isMember) ? beginRejoin(applying, next) : next;
}
