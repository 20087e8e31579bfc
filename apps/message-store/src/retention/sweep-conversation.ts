/**
 * What retention does to one conversation, within a batch's transaction (see `sweep-batch.ts` for the rules).
 *
 * Only old rows of the log are touched, which appends never lock: they insert new ones, and read these. The one
 * thing that appends wait for, the conversation's own row, is left to the batch, as its last statements.
 */
import type { ConversationId } from '@cipherchat/protocol';
import type { PoolClient } from 'pg';

/** What is kept how long, by the database's clock. */
export type RetentionLimits = {
  /** Ciphertext that a device has not fetched by then is given up. */
  readonly ciphertextMs: number;
  /** The id and the place, by which a late resend is known for one. At least as long. */
  readonly rowsMs: number;
};

/** A conversation as the sweep found it. */
export type Found = {
  readonly conversation: ConversationId;
  readonly lastCommitSeq: number;
  readonly clearedSeq: number;
  /** The last commit of an earlier visit, whose ciphertext was kept. */
  readonly sparedSeq: number | null;
  /** Every device that may read it has everything up to here. */
  readonly deliveredSeq: number;
  /** The first envelope that is not cleared is older than its ciphertext may become. */
  readonly hasExpired: boolean;
  /** The first row of the log is older than rows may become. */
  readonly hasOutlived: boolean;
  /** A Welcome is kept for somebody. */
  readonly hasWelcome: boolean;
};

export type Swept = {
  /** Ciphertexts cleared because every device had them. */
  readonly delivered: number;
  /** Ciphertexts cleared although a device did not have them: it will see a mark. */
  readonly undelivered: number;
  /** Rows deleted. */
  readonly deleted: number;
  /** Where the log begins from now on, if that has changed. */
  readonly floorSeq: number | null;
  /** The bound on rows was met: there is more to do here. */
  readonly hasMore: boolean;
};

export function needsSweep(found: Found): boolean {
  return (
    found.deliveredSeq > found.clearedSeq ||
    found.hasExpired ||
    found.hasOutlived ||
    found.hasWelcome ||
    (found.sparedSeq !== null && found.sparedSeq < found.lastCommitSeq)
  );
}

export async function sweepConversation(
  client: PoolClient,
  params: { readonly found: Found; readonly limits: RetentionLimits; readonly maxRows: number },
): Promise<Swept> {
  const { found, limits, maxRows } = params;
  const { conversation, lastCommitSeq, clearedSeq, deliveredSeq } = found;
  const deliveredTo = Math.max(clearedSeq, Math.min(deliveredSeq, clearedSeq + maxRows));
  const delivered = await clear(client, { found, afterSeq: clearedSeq, toSeq: deliveredTo });
  const expiredTo = found.hasExpired
    ? await lastOlder(client, { conversation, afterSeq: deliveredTo, ageMs: limits.ciphertextMs, maxRows })
    : deliveredTo;
  const undelivered = await clear(client, { found, afterSeq: deliveredTo, toSeq: expiredTo });
  const superseded = await clearSpared(client, { found, deliveredSeq });
  await client.query({
    name: 'retention-progress',
    text: progressUpdate,
    values: [conversation, expiredTo, sparedAfter(found, expiredTo)],
  });
  if (found.hasWelcome)
    await client.query({
      name: 'retention-welcomes',
      text: welcomesUpdate,
      values: [conversation, expiredTo],
    });
  const outlivedTo = found.hasOutlived
    ? Math.min(
        expiredTo,
        lastCommitSeq - 1,
        await lastOlder(client, { conversation, afterSeq: 0, ageMs: limits.rowsMs, maxRows }),
      )
    : 0;
  const deleted = outlivedTo === 0 ? 0 : await deleteRows(client, { conversation, toSeq: outlivedTo });
  return {
    delivered: delivered + superseded.delivered,
    undelivered: undelivered + superseded.undelivered,
    deleted,
    floorSeq: deleted === 0 ? null : outlivedTo,
    hasMore:
      deliveredTo - clearedSeq === maxRows || expiredTo - deliveredTo === maxRows || deleted === maxRows,
  };
}

/** The last commit keeps its ciphertext: nothing after it can be read without it. */
const clearUpdate = `
  UPDATE envelopes SET ciphertext = NULL
  WHERE conversation_id = $1 AND seq > $2 AND seq <= $3 AND seq <> $4 AND ciphertext IS NOT NULL`;

async function clear(
  client: PoolClient,
  params: { readonly found: Found; readonly afterSeq: number; readonly toSeq: number },
): Promise<number> {
  const { found, afterSeq, toSeq } = params;
  if (toSeq <= afterSeq) return 0;
  const values = [found.conversation, afterSeq, toSeq, found.lastCommitSeq];
  return rowCount(await client.query({ name: 'retention-clear', text: clearUpdate, values }));
}

/** The former last commit, once there is a newer one. */
async function clearSpared(
  client: PoolClient,
  params: { readonly found: Found; readonly deliveredSeq: number },
): Promise<Pick<Swept, 'delivered' | 'undelivered'>> {
  const { conversation, sparedSeq, lastCommitSeq } = params.found;
  if (sparedSeq === null || sparedSeq >= lastCommitSeq) return { delivered: 0, undelivered: 0 };
  const values = [conversation, sparedSeq - 1, sparedSeq, lastCommitSeq];
  const count = rowCount(await client.query({ name: 'retention-clear', text: clearUpdate, values }));
  return sparedSeq <= params.deliveredSeq
    ? { delivered: count, undelivered: 0 }
    : { delivered: 0, undelivered: count };
}

function sparedAfter({ lastCommitSeq }: Found, clearedSeq: number): number | null {
  return lastCommitSeq <= clearedSeq ? lastCommitSeq : null;
}

/** The end of the run of old rows after a place, at most `maxRows` long; the place itself when there is none. */
const lastOlderQuery = `
  SELECT max(run.seq) AS seq FROM (
    SELECT e.seq, bool_and(e.created_at < clock_timestamp() - $3 * interval '1 millisecond') OVER (ORDER BY e.seq) AS is_old
    FROM (SELECT * FROM envelopes WHERE conversation_id = $1 AND seq > $2 ORDER BY seq LIMIT $4) e
  ) run WHERE run.is_old`;

async function lastOlder(
  client: PoolClient,
  params: {
    readonly conversation: ConversationId;
    readonly afterSeq: number;
    readonly ageMs: number;
    readonly maxRows: number;
  },
): Promise<number> {
  const { conversation, afterSeq, ageMs, maxRows } = params;
  const { rows } = await client.query<{ readonly seq: string | null }>({
    name: 'retention-last-older',
    text: lastOlderQuery,
    values: [conversation, afterSeq, ageMs, maxRows],
  });
  return Number(rows[0]?.seq ?? afterSeq);
}

const progressUpdate = `
  INSERT INTO retention_progress (conversation_id, cleared_seq, spared_seq) VALUES ($1, $2, $3)
  ON CONFLICT (conversation_id) DO UPDATE SET cleared_seq = excluded.cleared_seq, spared_seq = excluded.spared_seq
  WHERE (retention_progress.cleared_seq, retention_progress.spared_seq) IS DISTINCT FROM (excluded.cleared_seq, excluded.spared_seq)`;

/** A Welcome goes once each device that its commit added has it, however long others stay away. */
const welcomesUpdate = `
  UPDATE commits w SET welcome = NULL
  WHERE w.conversation_id = $1 AND w.welcome IS NOT NULL AND (w.seq <= $2 OR NOT EXISTS (
    SELECT 1 FROM members m LEFT JOIN cursors k ON k.conversation_id = m.conversation_id AND k.device_id = m.device_id
    WHERE m.conversation_id = w.conversation_id AND m.joined_seq = w.seq AND m.departing_at IS NULL AND coalesce(k.seq, 0) < w.seq
  ))`;

async function deleteRows(
  client: PoolClient,
  params: { readonly conversation: ConversationId; readonly toSeq: number },
): Promise<number> {
  const values = [params.conversation, params.toSeq];
  await client.query({
    name: 'retention-delete-commits',
    text: 'DELETE FROM commits WHERE conversation_id = $1 AND seq <= $2',
    values,
  });
  return rowCount(
    await client.query({
      name: 'retention-delete-envelopes',
      text: 'DELETE FROM envelopes WHERE conversation_id = $1 AND seq <= $2',
      values,
    }),
  );
}

function rowCount(result: { readonly rowCount: number | null }): number {
  return result.rowCount ?? 0;
}
