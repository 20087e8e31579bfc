/** What a step did to messages, taken together: of a message that changed twice, or moved, what was and what is. */
import type { ConversationId } from '@cipherchat/protocol';
import type { MessageRow } from '../state/rows.js';
import { keyOf } from '../state/tables.js';
import type { MessageChange } from '../state/transaction.js';

export type Changes = readonly MessageChange[];
export type NetChanges = ReadonlyMap<ConversationId, Changes>;

/** By conversation: what was at a place before the step, and what is there after it. */
export function netChanges(changes: Changes): NetChanges {
  const byKey = new Map<string, MessageChange>();
  const note = (row: MessageRow, after: MessageRow | null, before: MessageRow | null): void => {
    const key = keyOf.message(row.conversation, row.place);
    byKey.set(key, { before: byKey.has(key) ? (byKey.get(key)?.before ?? null) : before, after });
  };
  for (const { before, after } of changes) {
    const staysThere =
      before !== null && before.conversation === after?.conversation && before.place === after.place;
    if (before !== null && !staysThere) note(before, null, before);
    if (after !== null) note(after, after, staysThere ? before : null);
  }
  const byConversation = new Map<ConversationId, MessageChange[]>();
  for (const change of byKey.values()) {
    const conversation = (change.after ?? change.before)?.conversation;
    if (conversation === undefined) continue;
    byConversation.set(conversation, [...(byConversation.get(conversation) ?? []), change]);
  }
  return byConversation;
}
