/**
 * A rung of the repair ladder (design.md §5): when the group state cannot go on, this device joins anew by external
 * commit; where that fails too, it asks to be added anew (`repair/readd.ts`). What came in between stays lost, and
 * says so.
 */
import type { ConversationRow } from '../state/rows.js';
import { joinedTimer } from '../expiry/timer.js';
import { offerFromBehind } from '../restore/offer-again.js';
import { addIntent, deleteIntent, intentsOf } from '../outbox/intent-table.js';
import { jitteredMs } from '../connection/backoff.js';
import { keyOf, tables } from '../state/tables.js';
import { markGap } from './gap-mark.js';
import type { Applying } from './context.js';

/** Several devices may find the same thing wrong at once. */
const rejoinJitterMs = 2_000;
/** Devices in a conversation, each with a counter. */
const maxCounters = 1_000;

/** From now on this device waits for its own external commit. */
export async function beginRejoin(
  ports: Pick<Applying, 'transaction' | 'memory' | 'clock' | 'random'>,
  row: ConversationRow,
): Promise<ConversationRow> {
  const { transaction, memory, clock, random } = ports;
  const conversation = row.id;
  const known = intentsOf({ transaction, memory, conversation }).some(
    ({ work }) => work.kind === 'rejoin' || work.kind === 'ask-readd',
  );
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
  const readdRequests = row.phase === 'rejoining' ? row.readdRequests : 0;
  return { ...row, phase: 'rejoining', failuresInRow: 0, readdRequests };
}

/** This device is in the group anew: what was skipped until here is marked, and waits no more for it are left. */
export async function endRejoin(applying: Applying, row: ConversationRow): Promise<ConversationRow> {
  if (row.phase === 'rejoining') {
    markGap(applying, { row, reason: 'rejoined', count: row.skippedEntries });
    await offerFromBehind(applying, row);
  }
  await forgetRejoin(applying);
  return { ...row, timer: joinedTimer(row), phase: 'active', skippedEntries: 0, failuresInRow: 0 };
}

/** It is not waited for any more. */
export async function forgetRejoin({ transaction, memory, conversation }: Applying): Promise<void> {
  for (const intent of intentsOf({ transaction, memory, conversation })) {
    const { kind } = intent.work;
    if (kind === 'rejoin' || kind === 'ask-readd' || kind === 'found') deleteIntent(transaction, intent);
  }
  // Messages that came in between are in that mark: a counter's jump must not count them again.
  const counters = await transaction.scan(tables.counters, {
    prefix: keyOf.groupPrefix(conversation),
    limit: maxCounters,
  });
  for (const { key } of counters) transaction.delete(tables.counters, key);
}
