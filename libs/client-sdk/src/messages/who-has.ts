/** How far a message has come with each person of a conversation. */
import type { ConversationId, MessageId, UserId } from '@cipherchat/protocol';
import { CallRefusedError } from '../call-refused.js';
import type { ReceiptRow } from '../state/rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { findMessage } from './message-table.js';
import { maxReceipts } from './receipts.js';

/** Of the others who were in it then, and are now; a person has what any device of theirs has. @throws CallRefusedError */
export async function whoHas(
  reader: Transaction,
  params: { readonly conversation: ConversationId; readonly self: UserId; readonly message: MessageId },
): Promise<ReadonlyMap<UserId, 'sent' | 'delivered' | 'read'>> {
  const { conversation, self } = params;
  const found = await findMessage({ transaction: reader, ...params });
  if (found === null) throw new CallRefusedError('unknown-message');
  const roster = await reader.get(tables.rosters, conversation);
  const prefix = keyOf.groupPrefix(conversation);
  const rows = await reader.scan(tables.receipts, { prefix, limit: maxReceipts });
  const receipts = rows.map(({ row }) => row);
  const others = (roster?.members ?? [])
    .filter(({ user, sincePlace }) => user !== self && sincePlace < found.place)
    .map(({ user }) => user);
  const stateOf = (user: UserId): 'sent' | 'delivered' | 'read' =>
    stateBy(
      receipts.filter((receipt) => receipt.user === user),
      found.seq ?? Infinity,
    );
  return new Map(others.map((user) => [user, stateOf(user)]));
}

function stateBy(devices: readonly ReceiptRow[], seq: number): 'sent' | 'delivered' | 'read' {
  if (devices.some(({ readSeq }) => readSeq >= seq)) return 'read';
  return devices.some(({ deliveredSeq }) => deliveredSeq >= seq) ? 'delivered' : 'sent';
}
