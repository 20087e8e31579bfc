/**
 * A stale refusal names the commit that made the bytes stale: they may be made anew once it is applied here.
 *
 * Whom a void commit has left out is shown nothing of what came after it, so it cannot read that commit. What the server
 * names and does not show is then void as well, or has removed this device in its turn: any other commit of the group
 * lists its members, and would be shown. Its own commit is made on the place that was named; if it was removed, that
 * commit is void, and says nothing that a device could not say that was removed (`maxAppealsPerStay`).
 */
import type { IntentRow } from './intents.js';
import type { Outbox } from './outbox.js';
import type { Performed } from './perform.js';

/** `null` when the bytes may be made anew; otherwise how to wait for it. The same bytes are then refused again, and it goes on. */
export function waitForCommit(
  outbox: Outbox,
  intent: IntentRow,
  lastCommitSeq: number,
): Promise<Performed | null> {
  const { ports, namedCommits } = outbox;
  const { conversation } = intent;
  const row = ports.memory.conversations.get(conversation);
  if (row === undefined || row.lastCommitSeq >= lastCommitSeq) return Promise.resolve(null);
  const wasNamed = namedCommits.get(conversation) === lastCommitSeq;
  if (wasNamed && row.leftOutSeq !== null && ports.isCaughtUp(conversation)) return Promise.resolve(null);
  if (row.leftOutSeq !== null) namedCommits.set(conversation, lastCommitSeq);
  ports.noteHead(conversation, lastCommitSeq);
  // The inbox wakes the conversation when it has progressed.
  return Promise.resolve({ kind: 'waiting' });
}

/** The commit to build on. */
export function commitSeqToBuildOn(
  outbox: Outbox,
  row: {
    readonly id: IntentRow['conversation'];
    readonly lastCommitSeq: number;
    readonly leftOutSeq: number | null;
  },
): number {
  const named = row.leftOutSeq === null ? undefined : outbox.namedCommits.get(row.id);
  return Math.max(row.lastCommitSeq, named ?? 0);
}
