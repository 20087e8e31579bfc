/** The conversations as a list shows them: newest activity first, without those that are not to be seen. */
import { isBlocked } from '../people/blocks.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow } from '../state/rows.js';
import type { ConversationInfo } from '../views.js';
import { viewConversation } from './conversation-row.js';
import { newestFirst } from './front.js';

export function listConversations(memory: Memory): readonly ConversationInfo[] {
  return listed(memory, [...memory.conversations.values()]);
}

/** Those that it begins with. */
export function listFront(memory: Memory): readonly ConversationInfo[] {
  return listed(
    memory,
    memory.front.flatMap((id) => memory.conversations.get(id) ?? []),
  );
}

function listed(memory: Memory, rows: readonly ConversationRow[]): readonly ConversationInfo[] {
  return rows
    .filter(({ replacedBy, standing }) => replacedBy === null && standing !== 'declined')
    .filter(({ peer }) => peer === null || !isBlocked(memory, peer))
    .toSorted(newestFirst)
    .map((row) => viewConversation(row, memory));
}
