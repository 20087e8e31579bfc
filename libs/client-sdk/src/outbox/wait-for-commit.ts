/** A stale refusal names the commit that made the bytes stale: they may be made anew once it is applied here. */
import type { IntentRow } from './intents.js';
import type { Outbox } from './outbox.js';
import type { Performed } from './perform.js';

/** `null` when the commit is applied; otherwise how to wait for it. The same bytes are then refused again, and it goes on. */
export function waitForCommit(
  outbox: Outbox,
  intent: IntentRow,
  lastCommitSeq: number,
): Promise<Performed | null> {
  const { ports } = outbox;
  const row = ports.memory.conversations.get(intent.conversation);
  if (row === undefined || row.lastCommitSeq >= lastCommitSeq) return Promise.resolve(null);
  ports.noteHead(intent.conversation, lastCommitSeq);
  // The inbox wakes the conversation when it has progressed.
  return Promise.resolve({ kind: 'waiting' });
}
