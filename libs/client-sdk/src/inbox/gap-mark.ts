/** Marks of what is missing: every loss stands in the conversation where it happened. */
import { idFromRandom, type MessageId } from '@cipherchat/protocol';
import { addMessage, type ShownRow } from '../messages/message-table.js';
import { entryParts, placeInLog } from '../state/places.js';
import type { GapReason } from '../state/gap-reason.js';
import type { ConversationRow, MessageRow } from '../state/rows.js';
import type { Applying } from './context.js';

export function markGap(
  applying: Applying,
  params: {
    readonly row: ConversationRow;
    readonly reason: GapReason;
    readonly count: number;
    readonly sender?: MessageRow['sender'];
  },
): void {
  const { transaction, entry, conversation, memory, random } = applying;
  const row: ShownRow = {
    message: idFromRandom<MessageId>(random),
    conversation,
    place: placeInLog({ row: params.row, seq: entry.seq, part: partOf(params.reason) }),
    seq: entry.seq,
    atMs: entry.atMs,
    sender: params.sender ?? null,
    body: { kind: 'gap', reason: params.reason, count: params.count },
    state: { kind: 'received' },
  };
  const { reason, count } = params;
  transaction.after(() => applying.lost({ reason, count }));
  addMessage({ transaction, row, view: { profile: memory.profile, conversation: params.row } });
}

/** What is missing stands before the entry that made it known; what cannot be read stands in its place. */
function partOf(reason: GapReason): number {
  switch (reason) {
    case 'expired':
      return entryParts.expired;
    case 'messages-missing':
      return entryParts.missing;
    case 'new-device':
    case 'rejoined':
      return entryParts.rejoined;
    default:
      return entryParts.message;
  }
}
