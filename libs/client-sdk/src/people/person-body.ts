/** What a member says of themselves, as it changes rows within one step. Who said it is what MLS says. */
import type { PersonBody, UserId } from '@cipherchat/protocol';
import type { Memory } from '../state/memory.js';
import type { ConversationRow } from '../state/rows.js';
import type { Transaction } from '../state/transaction.js';
import { receiveProfile } from './profiles.js';

/** The row after it. */
export async function applyPersonBody(
  { transaction }: { readonly transaction: Transaction; readonly memory: Memory },
  row: ConversationRow,
  { user, body }: { readonly user: UserId; readonly body: PersonBody },
): Promise<ConversationRow> {
  switch (body.kind) {
    case 'profile':
      await receiveProfile(transaction, user, body);
      return row;
    case 'introduction':
      // What it does to who is not accepted yet was done before (`standing.ts`).
      return row;
    case 'left':
      return row.departed.includes(user) ? row : { ...row, departed: [...row.departed, user] };
  }
}
