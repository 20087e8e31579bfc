/** Read marks and what is said in passing: encrypted for the members, checked for membership, passed on. Only read marks stay. */
import { problem, type Infer, type signalCommand, type UserId } from '@cipherchat/protocol';
import type { Pool } from 'pg';
import type { LivePublisher } from '../live/live-publisher.js';

export type SignalCommand = Infer<typeof signalCommand>;

/** The member users, if the device is a member; the read mark is stored in the same statement, the latest to arrive wins. */
const query = `
  WITH member AS (
    SELECT 1 FROM members m
    WHERE m.conversation_id = $1 AND m.device_id = $2 AND m.user_id = $3 AND m.left_seq IS NULL AND m.departing_at IS NULL
  ), stored AS (
    INSERT INTO read_marks (conversation_id, device_id, ciphertext)
    SELECT $1, $2, $4 FROM member WHERE $5
    ON CONFLICT (conversation_id, device_id) DO UPDATE SET ciphertext = excluded.ciphertext
  )
  SELECT current_roster($1)::text[] AS roster FROM member`;

/** @throws ProblemError `conversation/unknown` */
export async function passSignal(params: {
  readonly pool: Pool;
  readonly live: LivePublisher;
  readonly signal: SignalCommand;
}): Promise<void> {
  const { pool, live, signal } = params;
  const { user, device, conversation, kind, ciphertext } = signal;
  const found = await pool.query<{ readonly roster: readonly UserId[] }>({
    name: 'signal',
    text: query,
    values: [
      conversation,
      device,
      user,
      Buffer.from(ciphertext.buffer, ciphertext.byteOffset, ciphertext.byteLength),
      kind === 'read',
    ],
  });
  const [row] = found.rows;
  if (row === undefined) throw problem('conversation/unknown');
  live.tell(row.roster, { type: 'signal', conversation, user, device, kind, ciphertext });
}
