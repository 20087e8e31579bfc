/** Real Postgres with the store's schema, in which logs of the model can be put as they are. */
import { randomBytes } from 'node:crypto';
import type { ModelConversation } from '@cipherchat/client-sdk/testing';
import { createServiceRoles, prepareDatabase, startPostgres } from '@cipherchat/test-kit';
import pg from 'pg';

const kinds = { direct: 1, group: 2 };

export class PostgresMirror {
  /** What of each log was decided by commits, departures and resets when it was last put there. */
  private readonly mirrored = new Map<string, string>();

  private constructor(
    readonly pool: pg.Pool,
    private readonly stop: () => Promise<void>,
  ) {}

  static async start(): Promise<PostgresMirror> {
    const server = await startPostgres();
    const password = (): string => randomBytes(18).toString('base64url');
    const passwords = { auth: password(), 'key-directory': password(), 'message-store': password() };
    await createServiceRoles({ adminUrl: server.url, passwords });
    await prepareDatabase({ adminUrl: server.url });
    const pool = new pg.Pool({ connectionString: server.url, max: 1, options: '-c search_path=messages' });
    pool.on('error', () => {}); // a pool has ended before its sockets have: the server's stop cuts them
    return new PostgresMirror(pool, () => server.stop());
  }

  async close(): Promise<void> {
    await this.pool.end();
    await this.stop();
  }

  /** The ids of one run's conversations are the next one's as well. */
  async clear(): Promise<void> {
    this.mirrored.clear();
    await this.pool.query('TRUNCATE conversations, envelopes, commits, members, cursors CASCADE');
  }

  /**
   * Commits, departures and resets are the model's to decide here, so their outcome is copied; places of messages and cursors
   * are not: whatever the statements made of them so far stays, and shows in their next answers.
   */
  async put(log: ModelConversation): Promise<void> {
    const { openCommitSeqs, minCommitSeq } = log.commitWindow;
    const decided = JSON.stringify([
      openCommitSeqs,
      minCommitSeq,
      log.isClosed,
      log.members.map(({ device, joinedSeq, leftSeq, departing }) => [device, joinedSeq, leftSeq, departing]),
      log.entries.filter(({ kind }) => kind !== 'message' && kind !== 'tombstone').length,
    ]);
    if (this.mirrored.get(log.id) === decided) return;
    const isNew = !this.mirrored.has(log.id);
    this.mirrored.set(log.id, decided);
    await this.pool.query(
      `INSERT INTO conversations (id, kind, head_seq, last_commit_seq, min_commit_seq, open_commit_seqs, roster_version,
         generation, head_at, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, 1, (SELECT generation * $7::integer FROM store_state), now(), now())
       ON CONFLICT (id) DO UPDATE SET head_seq = $3, last_commit_seq = $4, min_commit_seq = $5, open_commit_seqs = $6,
         generation = excluded.generation, roster_version = conversations.roster_version + 1`,
      [log.id, kinds[log.kind], log.headSeq, log.lastCommitSeq, minCommitSeq, openCommitSeqs, signOf(log)],
    );
    await this.putEntries(log);
    await this.putMembers(log, isNew);
  }

  private async putEntries({ id, entries }: ModelConversation): Promise<void> {
    const { rows } = await this.pool.query<{ readonly seq: string }>(
      'SELECT coalesce(max(seq), 0) AS seq FROM envelopes WHERE conversation_id = $1',
      [id],
    );
    const known = Number(rows[0]?.seq ?? 0);
    for (const { seq, envelope, kind, commitSeq, ciphertext } of entries) {
      if (seq <= known) continue;
      await this.pool.query(
        `INSERT INTO envelopes (conversation_id, seq, envelope_id, kind, commit_seq, ciphertext, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, now())`,
        [id, seq, envelope, kind === 'message' || kind === 'tombstone' ? 0 : 1, commitSeq, ciphertext],
      );
    }
  }

  private async putMembers(log: ModelConversation, isNew: boolean): Promise<void> {
    await this.pool.query('DELETE FROM members WHERE conversation_id = $1', [log.id]);
    for (const { user, device, joinedSeq, leftSeq, departing, cursorSeq } of log.members) {
      await this.pool.query(
        `INSERT INTO members (conversation_id, device_id, joined_seq, user_id, left_seq, departing_at)
         VALUES ($1, $2, $3, $4, $5, CASE WHEN $6::boolean THEN now() END)`,
        [log.id, device, joinedSeq, user, leftSeq, departing],
      );
      // A stay begins with its cursor before it; from then on the statement moves it.
      const begins = isNew ? cursorSeq : joinedSeq - 1;
      await this.pool.query(
        `INSERT INTO cursors AS k (conversation_id, device_id, seq) VALUES ($1, $2, $3)
         ON CONFLICT (conversation_id, device_id) DO UPDATE SET seq = excluded.seq WHERE k.seq < excluded.seq`,
        [log.id, device, begins],
      );
    }
  }
}

/** Closed is the generation with its sign turned. */
function signOf({ isClosed }: ModelConversation): number {
  return isClosed ? -1 : 1;
}
