import type { ConversationId, UserId } from '@cipherchat/protocol';
import type { Pool } from 'pg';
import { literal } from '../sql-literal.js';
import type { Roster } from './roster-cache.js';

type Row = readonly [conversation: ConversationId, version: number, users: readonly UserId[]];

/** The member users of conversations as they are now. */
export async function readRosters(
  pool: Pool,
  conversations: readonly ConversationId[],
): Promise<ReadonlyMap<ConversationId, Roster>> {
  if (conversations.length === 0) return new Map();
  const result = await pool.query({
    name: 'rosters',
    text: 'SELECT c.id, c.roster_version, current_roster(c.id)::text[] FROM conversations c WHERE c.id = ANY ($1::uuid[])',
    values: [literal(conversations, (conversation) => conversation)],
    rowMode: 'array',
  });
  return new Map(
    (result.rows as unknown as readonly Row[]).map(([conversation, version, users]) => [
      conversation,
      { version, users },
    ]),
  );
}
