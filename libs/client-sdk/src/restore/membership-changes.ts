/** Who came and went, as this device shows it: what it knows of removals when the group itself cannot tell. */
import type { ConversationId } from '@cipherchat/protocol';
import type { MessageRow } from '../state/rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';

const pageRows = 500;
/** How far back, among everything that stands there. */
const maxLookedAt = 10_000;

/** Oldest first. */
export async function membershipChanges(
  transaction: Transaction,
  conversation: ConversationId,
): Promise<readonly MessageRow[]> {
  const found: MessageRow[] = [];
  let before: string | undefined;
  for (let looked = 0; looked < maxLookedAt; looked += pageRows) {
    const rows = await transaction.scan(tables.messages, {
      prefix: keyOf.groupPrefix(conversation),
      limit: pageRows,
      order: 'descending',
      ...(before === undefined ? {} : { after: before }),
    });
    for (const { row } of rows) if (row.body.kind === 'membership') found.push(row);
    before = rows.at(-1)?.key;
    if (rows.length < pageRows) break;
  }
  return found.reverse();
}
