/**
 * A stale refusal names the commit that made the bytes stale: they may be made anew once it is applied here.
 *
 * Whom a void commit has left out is shown nothing of what came after it, so it cannot read that commit. What the server
 * names and does not show is then void as well, or has removed this device in its turn: any other commit of the group
 * lists its members, and would be shown. Its own commit is made on the place that was named; if it was removed, that
 * commit is void, and says nothing that a device could not say that was removed (`maxAppealsPerStay`).
 *
 * A server may name a commit and never show it. The same bytes are sent again ever more slowly then: each round asks
 * for the log as well, and brings nothing.
 */
import { backoffMs } from '../connection/backoff.js';
import type { IntentRow } from './intents.js';
import type { Outbox } from './outbox.js';
import type { Performed } from './perform.js';

/** A commit that the server has named and not shown yet. */
export type NamedCommit = {
  readonly seq: number;
  /** How often in a row. */
  readonly times: number;
  /** What builds on an earlier one is not sent again before. */
  readonly heldUntilMs: number;
};

/** `null` when the bytes may be made anew; otherwise how to wait for it. The same bytes are then refused again, and it goes on. */
export function waitForCommit(outbox: Outbox, intent: IntentRow, lastCommitSeq: number): Performed | null {
  const { ports, namedCommits } = outbox;
  const { conversation } = intent;
  const row = ports.memory.conversations.get(conversation);
  if (row === undefined || row.lastCommitSeq >= lastCommitSeq) return null;
  const before = namedCommits.get(conversation);
  const times = before?.seq === lastCommitSeq ? before.times + 1 : 1;
  if (times > 1 && row.leftOutSeq !== null && ports.isCaughtUp(conversation)) return null;
  const waitMs = times === 1 ? 0 : backoffMs({ failures: times, random: ports.random });
  namedCommits.set(conversation, { seq: lastCommitSeq, times, heldUntilMs: ports.clock.nowMs() + waitMs });
  ports.noteHead(conversation, lastCommitSeq);
  // The inbox wakes the conversation when it has progressed.
  return waitMs === 0 ? { kind: 'waiting' } : { kind: 'again-at', atMs: ports.clock.nowMs() + waitMs };
}

/** When what was refused may be sent again; `null` when it may be now. */
export function heldUntilMs(outbox: Outbox, conversation: IntentRow['conversation']): number | null {
  const { memory, clock } = outbox.ports;
  const named = outbox.namedCommits.get(conversation);
  const shownSeq = memory.conversations.get(conversation)?.lastCommitSeq ?? 0;
  return named === undefined || named.seq <= shownSeq || named.heldUntilMs <= clock.nowMs()
    ? null
    : named.heldUntilMs;
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
  return Math.max(row.lastCommitSeq, named?.seq ?? 0);
}
