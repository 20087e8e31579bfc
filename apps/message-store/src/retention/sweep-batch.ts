/**
 * Retention: what is deleted, and when. One batch is one transaction over the next few conversations, in the order
 * of their ids; when all were visited, the round is over, and the next begins a while later.
 *
 * 1. An envelope's ciphertext is cleared once every device that may read it has it: its cursor is past it, or the
 *    device joined later. A device that departs (revoked, or its user left) is not waited for; one that was only
 *    removed may still read up to its removal, and is.
 * 2. Ciphertext older than the limit is cleared whoever lacks it. A late device sees a tombstone, and shows a mark.
 * 3. The row stays, with the envelope's id and place, as long as clients send again: a late resend is still a
 *    duplicate. Then it is deleted and the floor moves; a late device sees that too, and shows a mark.
 * 4. The last commit stays, row and ciphertext, with everything that stands after it; so does the GroupInfo, which
 *    is in a table of its own. A device that comes back to a group that stood still can go on, and one that does
 *    not know the group can join.
 * 5. What cursors say is durable before what is deleted because of them: a later commit's flush writes all
 *    earlier ones, also those that did not wait for the disk (`acknowledge-path.ts`).
 *
 * The replicas share one place in the round, under a lock that is skipped, not waited for: each batch is done by
 * one of them, and a crash leaves the place where it was. Appends are made to wait only by the floors, which are
 * written last, in the order of the ids as everywhere, right before the commit.
 */
import type { ConversationId } from '@cipherchat/protocol';
import type { Pool, PoolClient } from 'pg';
import { needsSweep, sweepConversation, type Found, type RetentionLimits } from './sweep-conversation.js';

export type BatchBounds = {
  readonly maxConversations: number;
  /** Rows changed in one transaction, give or take those of one conversation. */
  readonly maxRows: number;
  /** From the end of a round to the begin of the next. */
  readonly roundEveryMs: number;
};

export type BatchOutcome =
  | {
      readonly kind: 'swept';
      readonly delivered: number;
      readonly undelivered: number;
      readonly deleted: number;
      readonly isRoundOver: boolean;
    }
  /** The last round ended not long ago. */
  | { readonly kind: 'resting'; readonly forMs: number }
  /** Another replica is doing the next batch. */
  | { readonly kind: 'elsewhere' };

export async function sweepBatch(
  pool: Pool,
  params: { readonly limits: RetentionLimits; readonly bounds: BatchBounds },
): Promise<BatchOutcome> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const outcome = await sweep(client, params);
    await client.query('COMMIT');
    client.release();
    return outcome;
  } catch (error) {
    // The connection is closed with whatever it held: nothing of the batch has happened.
    client.release(true);
    throw error;
  }
}

const roundQuery = `
  SELECT after_conversation_id, (extract(epoch FROM clock_timestamp() - round_ended_at) * 1000)::bigint AS ended_ago_ms
  FROM retention_round WHERE id = 1 FOR UPDATE SKIP LOCKED`;

async function sweep(
  client: PoolClient,
  { limits, bounds }: { readonly limits: RetentionLimits; readonly bounds: BatchBounds },
): Promise<BatchOutcome> {
  const [round] = (
    await client.query<{
      readonly after_conversation_id: ConversationId | null;
      readonly ended_ago_ms: string;
    }>(roundQuery)
  ).rows;
  if (round === undefined) return { kind: 'elsewhere' };
  const restMs = bounds.roundEveryMs - Number(round.ended_ago_ms);
  if (round.after_conversation_id === null && restMs > 0) return { kind: 'resting', forMs: restMs };
  const found = await findConversations(client, { after: round.after_conversation_id, limits, bounds });
  const sums = { delivered: 0, undelivered: 0, deleted: 0 };
  const floors: { readonly conversation: ConversationId; readonly floorSeq: number }[] = [];
  let after = round.after_conversation_id;
  let isCutShort = false;
  for (const conversation of found) {
    const left = bounds.maxRows - sums.delivered - sums.undelivered - sums.deleted;
    isCutShort = left <= 0;
    if (isCutShort) break;
    if (needsSweep(conversation)) {
      const swept = await sweepConversation(client, { found: conversation, limits, maxRows: left });
      sums.delivered += swept.delivered;
      sums.undelivered += swept.undelivered;
      sums.deleted += swept.deleted;
      if (swept.floorSeq !== null)
        floors.push({ conversation: conversation.conversation, floorSeq: swept.floorSeq });
      isCutShort = swept.hasMore;
      // The next batch begins with this conversation again.
      if (isCutShort) break;
    }
    after = conversation.conversation;
  }
  const isRoundOver = !isCutShort && found.length < bounds.maxConversations;
  await client.query(
    `UPDATE retention_round SET after_conversation_id = $1, round_ended_at = CASE WHEN $2 THEN clock_timestamp() ELSE round_ended_at END WHERE id = 1`,
    [isRoundOver ? null : after, isRoundOver],
  );
  for (const { conversation, floorSeq } of floors)
    await client.query({
      name: 'retention-floor',
      text: 'UPDATE conversations SET floor_seq = $2 WHERE id = $1 AND floor_seq < $2',
      values: [conversation, floorSeq],
    });
  return { kind: 'swept', ...sums, isRoundOver };
}

/** A device's stay that is over, and read to its end, waits for nothing. */
const findQuery = `
  SELECT c.id, c.last_commit_seq, coalesce(p.cleared_seq, 0), p.spared_seq,
    CASE WHEN c.head_seq = coalesce(p.cleared_seq, 0) THEN c.head_seq ELSE (
      SELECT least(c.head_seq, min(greatest(k.seq, m.joined_seq - 1)))
      FROM members m LEFT JOIN cursors k ON k.conversation_id = m.conversation_id AND k.device_id = m.device_id
      WHERE m.conversation_id = c.id AND m.departing_at IS NULL AND (m.left_seq IS NULL OR coalesce(k.seq, 0) < m.left_seq)
    ) END,
    coalesce((
      SELECT e.created_at < clock_timestamp() - $3 * interval '1 millisecond' FROM envelopes e
      WHERE e.conversation_id = c.id AND e.seq > coalesce(p.cleared_seq, 0) ORDER BY e.seq LIMIT 1
    ), false),
    coalesce((
      SELECT e.seq < c.last_commit_seq AND e.created_at < clock_timestamp() - $4 * interval '1 millisecond' FROM envelopes e
      WHERE e.conversation_id = c.id ORDER BY e.seq LIMIT 1
    ), false),
    c.head_seq <> coalesce(p.cleared_seq, 0)
      AND EXISTS (SELECT 1 FROM commits w WHERE w.conversation_id = c.id AND w.welcome IS NOT NULL)
  FROM (
    SELECT * FROM conversations WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2
  ) c
  LEFT JOIN retention_progress p ON p.conversation_id = c.id
  ORDER BY c.id`;

type Row = readonly [
  conversation: ConversationId,
  lastCommitSeq: string,
  clearedSeq: string,
  sparedSeq: string | null,
  deliveredSeq: string,
  hasExpired: boolean,
  hasOutlived: boolean,
  hasWelcome: boolean,
];

async function findConversations(
  client: PoolClient,
  params: {
    readonly after: ConversationId | null;
    readonly limits: RetentionLimits;
    readonly bounds: BatchBounds;
  },
): Promise<readonly Found[]> {
  const { after, limits, bounds } = params;
  const result = await client.query({
    name: 'retention-find',
    text: findQuery,
    values: [after, bounds.maxConversations, limits.ciphertextMs, limits.rowsMs],
    rowMode: 'array',
  });
  return (result.rows as unknown as readonly Row[]).map(
    ([
      conversation,
      lastCommitSeq,
      clearedSeq,
      sparedSeq,
      deliveredSeq,
      hasExpired,
      hasOutlived,
      hasWelcome,
    ]) => ({
      conversation,
      lastCommitSeq: Number(lastCommitSeq),
      clearedSeq: Number(clearedSeq),
      sparedSeq: sparedSeq === null ? null : Number(sparedSeq),
      deliveredSeq: Number(deliveredSeq),
      hasExpired,
      hasOutlived,
      hasWelcome,
    }),
  );
}
