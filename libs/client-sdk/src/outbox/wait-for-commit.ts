/**
 * A stale refusal names the commit that made the bytes stale: they may be made anew once it is applied here.
 *
 * Whom a void commit has left out is shown nothing of what came after it, so it cannot read that commit. What the server
 * names and does not show is then void as well, or has removed this device in its turn: any other commit of the group
 * lists its members, and would be shown. Its own commit is made on the place that was named; if it was removed, that
 * commit is void, and says nothing that a device could not say that was removed (`maxAppealsPerStay`).
 *
 * A server may name a commit and never show it, or another one each time. The same bytes are sent again ever more
 * slowly then, until they expire: each round asks for the log as well, and brings nothing.
 */
import type { ConversationId } from '@cipherchat/protocol';
import { backoffMs } from '../connection/backoff.js';
import type { ConversationRow } from '../state/rows.js';
import type { IntentRow } from './intents.js';
import type { Outbox } from './outbox.js';
import type { Performed } from './perform.js';

/** A commit that the server has named and not shown yet. */
export type NamedCommit = {
  readonly seq: number;
  /** The last commit here at that time: one that was shown since is progress. */
  readonly atCommitSeq: number;
  /** Refusals in a row with no commit shown between them. */
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
  const before = named(outbox, row);
  const wasNamed = before?.seq === lastCommitSeq;
  if (wasNamed && row.leftOutSeq !== null && ports.isCaughtUp(conversation)) return null;
  const times = (before?.times ?? 0) + 1;
  const waitMs = times === 1 ? 0 : backoffMs({ failures: times, random: ports.random });
  namedCommits.set(conversation, {
    seq: lastCommitSeq,
    atCommitSeq: row.lastCommitSeq,
    times,
    heldUntilMs: ports.clock.nowMs() + waitMs,
  });
  ports.noteHead(conversation, lastCommitSeq);
  // The inbox wakes the conversation when it has progressed.
  return waitMs === 0 ? { kind: 'waiting' } : { kind: 'again-at', atMs: ports.clock.nowMs() + waitMs };
}

/** When what was refused may be sent again; `null` when it may be now. */
export function heldUntilMs(outbox: Outbox, conversation: ConversationId): number | null {
  const { memory, clock } = outbox.ports;
  const row = memory.conversations.get(conversation);
  const atMs = (row === undefined ? null : named(outbox, row))?.heldUntilMs ?? 0;
  return atMs <= clock.nowMs() ? null : atMs;
}

/** The commit to build on. */
export function commitSeqToBuildOn(
  outbox: Outbox,
  row: Pick<ConversationRow, 'id' | 'lastCommitSeq' | 'leftOutSeq'>,
): number {
  const seq = row.leftOutSeq === null ? undefined : named(outbox, row)?.seq;
  return Math.max(row.lastCommitSeq, seq ?? 0);
}

/** What was named since a commit was shown last; from before that it is no word about what follows. */
function named(
  outbox: Outbox,
  { id, lastCommitSeq }: Pick<ConversationRow, 'id' | 'lastCommitSeq'>,
): NamedCommit | null {
  const last = outbox.namedCommits.get(id);
  return last === undefined || last.atCommitSeq !== lastCommitSeq ? null : last;
}
