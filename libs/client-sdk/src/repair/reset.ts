/**
 * The last rung of the ladder: an administrator has reset the conversation (docs/decisions/0009). Nothing but an anchor is
 * taken by the server until there is one, and what each device does for that depends on what it still holds:
 *
 * - a group that goes on: it anchors, as after a restore of the server, and the highest epoch ends up last
 *   (`inbox/apply-anchor.ts`);
 * - a group that it had given up, waiting to get back in: it takes that up again and anchors with it, later, for those
 *   go first who were in doubt of nothing;
 * - none: it waits for another's anchor. When none has come for a while, it founds the group anew, for the people whom it
 *   knew in it and the server still does: an anchor with a Welcome, of an epoch that every state from before outbids.
 *
 * Every device of it shows the reset where it stands, with the count of what it could not read before it.
 */
import { jitteredMs } from '../connection/backoff.js';
import { markGap } from '../inbox/gap-mark.js';
import { loseRaces } from '../inbox/apply-commit.js';
import { forgetRejoin } from '../inbox/rejoin.js';
import { addIntent, intentsOf } from '../outbox/intent-table.js';
import { membershipChanges } from '../restore/membership-changes.js';
import { lostRow } from '../restore/reset-conversation.js';
import { entryParts, placeInLog } from '../state/places.js';
import type { ConversationRow } from '../state/rows.js';
import type { Applying } from '../inbox/context.js';
import { planFounding } from './founding.js';

/** All members that are online find it at the same time; the first anchor wins. */
const anchorJitterMs = 2_000;
/** Well after those whose state nobody doubts. */
const doubtedAnchorMs = 30_000;

export async function applyReset(applying: Applying, row: ConversationRow): Promise<ConversationRow> {
  const { transaction, memory, conversation, entry, clock, random } = applying;
  if (row.phase === 'removed') return row;
  const { seq } = entry;
  await loseRaces(applying, { ...row, leftOutSeq: null });
  markGap(applying, { row, reason: 'reset', count: row.skippedEntries });
  const lostByRestore = lostRow(
    { clock, sameUntilSeq: seq },
    {
      row,
      afterPlace: placeInLog({ row, seq, part: entryParts.last }),
      // Whoever was removed may have kept a state that outbids what is founded now: known removals hold.
      lost: await membershipChanges(transaction, conversation),
    },
  );
  const reset: ConversationRow = {
    ...row,
    resetSeq: seq,
    readdRequests: 0,
    skippedEntries: 0,
    lineage: 'own',
    lostByRestore,
  };
  const group = await transaction.group({ conversation, suite: row.suite });
  if (group === null) {
    await planFounding(applying, row);
    return { ...reset, phase: 'rejoining' };
  }
  const isDoubted = row.phase === 'rejoining';
  if (isDoubted) await forgetRejoin(applying);
  const known = intentsOf({ transaction, memory, conversation });
  const nowMs = clock.nowMs();
  const baseMs = isDoubted ? doubtedAnchorMs : anchorJitterMs;
  if (!known.some(({ work }) => work.kind === 'anchor'))
    await addIntent(
      { transaction, memory },
      {
        conversation,
        work: { kind: 'anchor' },
        addedAtMs: nowMs,
        notBeforeMs: nowMs + jitteredMs({ baseMs, random }),
      },
    );
  return isDoubted ? { ...reset, phase: 'active', failuresInRow: 0 } : reset;
}
