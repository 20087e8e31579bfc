import type { ConversationId, UserId } from '@cipherchat/protocol';
import type { Pool } from 'pg';
import type { LivePublisher } from './live-publisher.js';

type Row = readonly [conversation: ConversationId, headSeq: string, roster: readonly UserId[]];

/** One sequential read of `conversations` at each start: an index on `head_at` would cost every append. */
const query = `
  SELECT c.id, c.head_seq, current_roster(c.id)::text[] FROM conversations c
  WHERE c.head_at > clock_timestamp() - $1 * interval '1 millisecond'
  ORDER BY c.head_at DESC LIMIT $2`;

/**
 * A store that crashed after a commit may not have published it. Senders resend what was not answered, but a
 * sender may be gone, so a store that starts announces what is young. Returns how many it announced.
 */
export async function announceRecentHeads(params: {
  readonly pool: Pool;
  readonly live: LivePublisher;
  readonly ofLastMs: number;
  readonly maxHeads: number;
}): Promise<number> {
  const { pool, live, ofLastMs, maxHeads } = params;
  const found = await pool.query({ text: query, values: [ofLastMs, maxHeads], rowMode: 'array' });
  const rows = found.rows as unknown as readonly Row[];
  // The size is only a hint for who fetches; it is not worth another read.
  for (const [conversation, headSeq, roster] of rows)
    live.announce(roster, { conversation, seq: Number(headSeq), sizeBytes: 0 });
  return rows.length;
}
