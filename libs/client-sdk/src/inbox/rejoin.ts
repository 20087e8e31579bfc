/**
 * The end of the repair ladder that a client can climb by itself: when the group state cannot go on, it joins
 * anew by external commit. What came in between stays lost, and says so.
 */
import type { ConversationRow } from '../state/rows.js';
import { addIntent, intentsOf } from '../outbox/intent-table.js';
import { jitteredMs } from '../connection/backoff.js';
import { markGap } from './gap-mark.js';
import type { Applying } from './context.js';

/** One message may be a member's mistake or malice; this many in a row mean that our own state is off. */
const doubtAfterFailures = 3;
/** Several devices may find the same thing wrong at once. */
const rejoinJitterMs = 2_000;

/** Rejoins when too many messages in a row did not decrypt. */
export async function doubtGroup(applying: Applying, row: ConversationRow): Promise<ConversationRow> {
  return row.phase === 'active' && row.failuresInRow >= doubtAfterFailures ? beginRejoin(applying, row) : row;
}

/** From now on this device waits for its own external commit. */
export async function beginRejoin(applying: Applying, row: ConversationRow): Promise<ConversationRow> {
  const { transaction, memory, conversation, clock, random } = applying;
  const known = intentsOf({ transaction, memory, conversation }).some(({ work }) => work.kind === 'rejoin');
  if (!known) {
    const nowMs = clock.nowMs();
    await addIntent(
      { transaction, memory },
      {
        conversation,
        work: { kind: 'rejoin' },
        addedAtMs: nowMs,
        notBeforeMs: nowMs + jitteredMs({ baseMs: rejoinJitterMs, random }),
      },
    );
  }
  return { ...row, phase: 'rejoining', failuresInRow: 0 };
}

/** The external commit stands in the log: what was skipped until here is marked. */
export function endRejoin(applying: Applying, row: ConversationRow): ConversationRow {
  if (row.phase === 'rejoining') markGap(applying, { row, reason: 'rejoined', count: row.skippedEntries });
  return { ...row, phase: 'active', skippedEntries: 0, failuresInRow: 0 };
}
