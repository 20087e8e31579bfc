/**
 * A message begins to count: for who sent it when the server has it, for who received it when it was read. Written down
 * with what makes it so, in the same step.
 *
 * Note [Two tables of expiries]. `expiriesToBegin` names by place what was received and not read yet, so that reading need
 * not look at messages that stay; `expiries` names by due time what counts, so that a sweep need not either.
 */
import type { ConversationId, MessageId } from '@cipherchat/protocol';
import { findMessage, putMessage } from '../messages/message-table.js';
import { summaryOf } from '../messages/summaries.js';
import type { Memory } from '../state/memory.js';
import type { ExpiryRow } from '../state/expiry-rows.js';
import type { MessageRow } from '../state/rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { countedTime } from './expiry-clock.js';

type Here = { readonly transaction: Transaction; readonly memory: Memory };

/** In one write. */
const maxBegunPerStep = 200;

/** Of a message that stays, or counts already, nothing. `dueMs`: when what it was done to goes. */
export function beginExpiry(
  here: Here,
  { row, nowMs, dueMs }: { readonly row: MessageRow; readonly nowMs: number; readonly dueMs?: number },
): void {
  const { transaction } = here;
  const { disappears, conversation, message } = row;
  if (disappears === undefined || disappears.dueMs !== undefined) return;
  const { afterS } = disappears;
  const counted = { conversation, message, afterS, nowMs };
  const due = dueMs === undefined ? count(here, counted) : putExpiry(here, { conversation, message, dueMs });
  putMessage(transaction, { before: row, after: { ...row, disappears: { afterS, dueMs: due } } });
}

/** From now on; when it is due. */
export function count(
  here: Here,
  params: {
    readonly conversation: ConversationId;
    readonly message: MessageId;
    readonly afterS: number;
    readonly nowMs: number;
  },
): number {
  const { conversation, message, afterS, nowMs } = params;
  const dueMs = countedTime(here, { nowMs }) + afterS * 1000;
  return putExpiry(here, { conversation, message, dueMs });
}

function putExpiry({ transaction }: Here, expiry: ExpiryRow): number {
  transaction.put(tables.expiries, keyOf.expiry(expiry), expiry);
  return expiry.dueMs;
}

/** One that arrived counts when it is read; at once, where this person wrote it on another device. */
export function expectReading(
  here: Here,
  { row, nowMs }: { readonly row: MessageRow; readonly nowMs: number },
): void {
  const { transaction, memory } = here;
  if (row.disappears === undefined) return;
  if (row.sender?.user === memory.profile.user) return beginExpiry(here, { row, nowMs });
  transaction.put(tables.expiriesToBegin, keyOf.message(row.conversation, row.place), row.message);
}

/** What was read begins to count; whether there is more of it than one step takes. */
export async function beginRead(
  here: Here,
  { conversation, nowMs }: { readonly conversation: ConversationId; readonly nowMs: number },
): Promise<'all' | 'more'> {
  const { transaction } = here;
  const waiting = await transaction.scan(tables.expiriesToBegin, {
    prefix: keyOf.groupPrefix(conversation),
    limit: maxBegunPerStep,
  });
  const through = keyOf.message(conversation, readPlaceOf(here, conversation));
  const read = waiting.filter(({ key }) => key <= through);
  for (const { key, row: message } of read) {
    transaction.delete(tables.expiriesToBegin, key);
    const row = await findMessage({ transaction, conversation, message });
    if (row !== null) beginExpiry(here, { row, nowMs });
  }
  return read.length === maxBegunPerStep ? 'more' : 'all';
}

function readPlaceOf(here: Here, conversation: ConversationId): string {
  return summaryOf(here, conversation).readPlace;
}
