/** What the person has seen. */
import type { ConversationId, MessageId } from '@cipherchat/protocol';
import { putConversation } from '../conversations/conversation-row.js';
import type { Memory } from '../state/memory.js';
import { entryParts, placeInLog } from '../state/places.js';
import type { ConversationRow } from '../state/rows.js';
import type { SummaryRow } from '../state/summary-rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { findMessage } from './message-table.js';
import { findUnread, isUnread, summaryOf } from './summaries.js';

const pageRows = 200;

/** `all`: what is here now. A seq is one that another device of this account was shown. */
export type ReadThrough =
  | { readonly kind: 'all' }
  | { readonly kind: 'message'; readonly message: MessageId }
  | { readonly kind: 'seq'; readonly seq: number };

export async function markRead(
  here: { readonly transaction: Transaction; readonly memory: Memory },
  params: { readonly conversation: ConversationId; readonly through: ReadThrough },
): Promise<void> {
  const { transaction } = here;
  const { conversation, through } = params;
  const row = await transaction.get(tables.conversations, conversation);
  const seen = row === null ? null : await positionOf(transaction, { row, through });
  if (row === null || seen === null) return;
  if (seen.seq > row.readSeq) putConversation(transaction, { ...row, readSeq: seen.seq });
  const summary = summaryOf(here, conversation);
  if (seen.place > summary.readPlace) await readThrough(here, { conversation, summary, place: seen.place });
}

type Position = { readonly seq: number; readonly place: string };

/** Never past what is here: what comes next would count as seen. `null` for a message that is gone. */
async function positionOf(
  transaction: Transaction,
  { row, through }: { readonly row: ConversationRow; readonly through: ReadThrough },
): Promise<Position | null> {
  const all = {
    seq: row.cursorSeq,
    place: placeInLog({ row, seq: row.cursorSeq + 1, part: entryParts.expired }),
  };
  switch (through.kind) {
    case 'all':
      return all;
    case 'seq': {
      const seq = Math.min(through.seq, row.cursorSeq);
      return seq === row.cursorSeq ? all : { seq, place: placeInLog({ row, seq, part: entryParts.last }) };
    }
    case 'message': {
      const found = await findMessage({ transaction, conversation: row.id, message: through.message });
      if (found === null) return null;
      if (found.place >= all.place) return all;
      return { seq: Math.min(found.seq ?? 0, row.cursorSeq), place: found.place };
    }
  }
}

/** Reads what was seen just now, and no more: who reads all that there is has read each message once. */
async function readThrough(
  here: { readonly transaction: Transaction; readonly memory: Memory },
  read: { readonly conversation: ConversationId; readonly summary: SummaryRow; readonly place: string },
): Promise<void> {
  const { transaction } = here;
  const { conversation, summary, place } = read;
  let { unreadCount } = summary;
  for (let after = keyOf.message(conversation, summary.readPlace); unreadCount > 0;) {
    const rows = await transaction.scan(tables.messages, {
      prefix: keyOf.groupPrefix(conversation),
      after,
      limit: pageRows,
    });
    const seen = rows.filter((found) => found.row.place <= place);
    unreadCount -= seen.filter((found) => isUnread(found.row, summary.readPlace)).length;
    const last = rows.at(-1);
    if (last === undefined || seen.length < pageRows) break;
    after = last.key;
  }
  const next = { ...summary, unreadCount, readPlace: place };
  const firstUnread =
    unreadCount === 0 ? null : await findUnread(transaction, { conversation, summary: next });
  transaction.put(tables.summaries, conversation, { ...next, firstUnread });
}
