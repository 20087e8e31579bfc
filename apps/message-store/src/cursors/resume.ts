import type { ConversationId, DeviceId, Infer, resumeResult, UserId } from '@cipherchat/protocol';
import type { Pool } from 'pg';

export type ResumeResult = Infer<typeof resumeResult>;

/** As many as `resumeResult` may carry: 512 KiB, and NATS takes 1 MiB. A client that has fetched them asks again. */
const maxConversations = 16_384;

/**
 * A removed device reads up to the commit that removed it. A device that never acknowledged starts where it
 * joined. The planner settings as for the hot writes: found by key, whatever the statistics say.
 */
const query = `
  SELECT c.id, seen.head_seq, seen.cursor_seq
  FROM (
    SELECT m.conversation_id, min(m.joined_seq) AS joined_seq, max(coalesce(m.left_seq, 9223372036854775807)) AS last_seq
    FROM members m WHERE m.device_id = $1 AND m.user_id = $2
    GROUP BY m.conversation_id
    HAVING NOT bool_or(m.left_seq IS NULL AND m.departing_at IS NOT NULL)
  ) own
  JOIN conversations c ON c.id = own.conversation_id
  LEFT JOIN cursors k ON k.conversation_id = own.conversation_id AND k.device_id = $1
  CROSS JOIN LATERAL (SELECT least(c.head_seq, own.last_seq) AS head_seq, coalesce(k.seq, own.joined_seq - 1) AS cursor_seq) seen
  WHERE seen.head_seq > seen.cursor_seq
  ORDER BY c.head_at DESC, c.id
  LIMIT ${maxConversations}`;

type Row = readonly [conversation: ConversationId, headSeq: string, cursorSeq: string];

/** What lies past a device's cursors, newest conversation first. */
export async function readPending(
  pool: Pool,
  caller: { readonly user: UserId; readonly device: DeviceId },
): Promise<ResumeResult['conversations']> {
  const found = await pool.query({
    name: 'resume',
    text: query,
    values: [caller.device, caller.user],
    rowMode: 'array',
  });
  return (found.rows as unknown as readonly Row[]).map(([conversation, headSeq, cursorSeq]) => ({
    conversation,
    headSeq: Number(headSeq),
    cursorSeq: Number(cursorSeq),
  }));
}
