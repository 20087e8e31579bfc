/** How far a message has come with each person of a conversation. */
import type { ConversationId, UserId } from '@cipherchat/protocol';
import type { ReceiptRow } from '../state/rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { maxReceipts } from './receipts.js';

/** Of the others who are in it now; a person has what any device of theirs has. */
export async function whoHas(
  reader: Pick<Transaction, 'get' | 'scan'>,
  message: { readonly conversation: ConversationId; readonly self: UserId; readonly seq: number | null },
): Promise<ReadonlyMap<UserId, 'sent' | 'delivered' | 'read'>> {
  const { conversation, self } = message;
  const roster = await reader.get(tables.rosters, conversation);
  const prefix = keyOf.groupPrefix(conversation);
  const rows = await reader.scan(tables.receipts, { prefix, limit: maxReceipts });
  const receipts = rows.map(({ row }) => row);
  const others = new Set((roster?.members ?? []).map(({ user }) => user).filter((user) => user !== self));
  const stateOf = (user: UserId): 'sent' | 'delivered' | 'read' =>
    stateBy(
      receipts.filter((receipt) => receipt.user === user),
      message.seq ?? Infinity,
    );
  return new Map([...others].map((user) => [user, stateOf(user)]));
}

function stateBy(devices: readonly ReceiptRow[], seq: number): 'sent' | 'delivered' | 'read' {
  if (devices.some(({ readSeq }) => readSeq >= seq)) return 'read';
  return devices.some(({ deliveredSeq }) => deliveredSeq >= seq) ? 'delivered' : 'sent';
}
