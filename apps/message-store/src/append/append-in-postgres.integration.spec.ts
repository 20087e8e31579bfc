/** What an append meets in Postgres: locks, connections that break, a full queue, plans. Real: Postgres, two replicas. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { append, LogWorld, newEnvelope, newPair, type Replica } from '../log-world.fixture.js';

let world: LogWorld;
let one: Replica;
let other: Replica;

beforeAll(async () => {
  world = await LogWorld.open();
  one = world.replica();
  other = world.replica();
});
afterAll(() => world.close());

describe('an append in Postgres', () => {
  it('judges on what was committed while it waited for the lock', async () => {
    const { ana, ben, conversation } = await newPair(one);
    const envelope = newEnvelope();
    const blocker = await other.pool.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE', [conversation]);
    const waiting = append(
      one,
      { from: ben, conversation, commitSeq: 1 },
      { from: ana, conversation, commitSeq: 1, envelope },
    );
    await lockWaiter();
    // While the batch waits: its second envelope is stored by another path, and its first sender is removed.
    await blocker.query(
      `INSERT INTO envelopes (conversation_id, seq, envelope_id, kind, commit_seq, ciphertext, created_at) VALUES ($1, 2, $2, 0, 1, '', now())`,
      [conversation, envelope],
    );
    await blocker.query('UPDATE members SET left_seq = 2 WHERE conversation_id = $1 AND device_id = $2', [
      conversation,
      ben.device,
    ]);
    await blocker.query('UPDATE conversations SET head_seq = 2, roster_version = 7 WHERE id = $1', [
      conversation,
    ]);
    await blocker.query('COMMIT');
    blocker.release();
    expect((await waiting).map(({ outcome, seq }) => [outcome, seq])).toEqual([
      ['not-member', 0],
      ['duplicate', 2],
    ]);
  });

  it('answers busy when its connection breaks, whether or not the transaction committed, and the resend settles it', async () => {
    const { ana, conversation } = await newPair(one);
    for (const cut of ['before the commit', 'after the commit'] as const) {
      const store = world.replica();
      const request = { from: ana, conversation, commitSeq: 1, envelope: newEnvelope() };
      await append(store, { from: ana, conversation, commitSeq: 1 }); // a warm connection
      const [settled] =
        cut === 'before the commit'
          ? await cutWhileWaiting(store, request)
          : await cutAfterCommit(store, request);
      expect(settled?.outcome).toBe('busy');
      expect(store.failures).toHaveLength(1);
      const [again] = await append(store, request);
      expect(again?.outcome).toBe(cut === 'before the commit' ? 'accepted' : 'duplicate');
      const stored = await world.rows('SELECT 1 FROM envelopes WHERE envelope_id = $1', [request.envelope]);
      expect(stored).toHaveLength(1);
      expect(store.published.filter(({ frame }) => 'seq' in frame && frame.seq === again?.seq)).toHaveLength(
        2,
      );
    }
  });

  it('answers busy at once when its queue is full, and goes on with what it took', async () => {
    const { ana, conversation } = await newPair(one);
    const store = world.replica({ maxQueuedItems: 2, maxWriteItems: 1 });
    const request = () => ({ from: ana, conversation, commitSeq: 1 });
    const results = await Promise.all([
      append(store, request()),
      append(store, request()),
      append(store, request(), request()),
      append(store, request()),
    ]);
    expect(results.flat().map(({ outcome }) => outcome)).toEqual([
      'accepted',
      'accepted',
      'busy',
      'busy',
      'busy',
    ]);
    expect(results[2]?.[0]?.atMs).toBeGreaterThan(0);
    expect((await append(store, request()))[0]?.outcome).toBe('accepted');
  });

  it('finds every row by its key, also with plans made while the tables were small', async () => {
    const { ana, conversation } = await newPair(one);
    const plans: string[] = [];
    const client = new pg.Client({
      connectionString: world.database.adminUrl,
      options: '-c search_path=messages',
    });
    client.on('notice', ({ message }) => plans.push(message ?? ''));
    await client.connect();
    await client.query(
      "LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on; SET client_min_messages = log",
    );
    await client.query('SELECT * FROM append_envelopes($1, $2, $3, $4, $5, $6, $7, $8)', [
      [conversation],
      [ana.user],
      [ana.device],
      [newEnvelope()],
      [1],
      [1],
      [1],
      Buffer.from('x'),
    ]);
    const { rows } = await client.query<{ roster_version: string }>(
      'SELECT roster_version FROM conversations WHERE id = $1',
      [conversation],
    );
    const version = rows[0]?.roster_version;
    const known = 'SELECT append_known($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) IS NOT NULL AS is_known';
    for (const count of [1, 2]) {
      const all = <Value>(value: Value): Value[] => Array.from({ length: count }, () => value);
      const stored = await client.query(known, [
        [conversation],
        [version],
        [1],
        [count],
        all(1),
        all(1).map((_, index) => index + 1),
        all(null).map(newEnvelope),
        all(1),
        all(1),
        Buffer.from('x'),
      ]);
      expect(stored.rows).toEqual([{ is_known: true }]);
    }
    await client.query('SELECT * FROM advance_cursors($1, $2, $3, $4)', [
      [conversation],
      [ana.user],
      [ana.device],
      [2],
    ]);
    await client.end();
    const hot = plans.filter((plan) => /Index/.test(plan));
    expect(hot.length).toBeGreaterThan(3);
    expect(hot.filter((plan) => /Seq Scan|Hash/.test(plan))).toEqual([]);
  });

  it('commits synchronously whatever the default of the role is', async () => {
    const setting = await one.lane.query('SHOW synchronous_commit');
    expect(setting.rows).toEqual([{ synchronous_commit: 'on' }]);
  });
});

/** Resolves when some backend waits for a lock. */
async function lockWaiter(): Promise<number> {
  const deadline = performance.now() + 5_000;
  while (performance.now() < deadline) {
    const [row] = await world.rows<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if (row !== undefined) return row.pid;
  }
  throw new Error('nobody waits for a lock');
}

type Request = Parameters<typeof append>[1];

/** Kills the backend while its function waits for the conversation's lock: nothing was stored. */
async function cutWhileWaiting(store: Replica, request: Request) {
  const blocker = await other.pool.connect();
  try {
    await blocker.query('BEGIN');
    await blocker.query('SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE', [request.conversation]);
    const waiting = append(store, request);
    await world.rows('SELECT pg_terminate_backend($1)', [await lockWaiter()]);
    return await waiting;
  } finally {
    await blocker.query('ROLLBACK');
    blocker.release();
  }
}

/** The transaction commits and its answer never arrives: the client's socket is dead before the backend finishes. */
async function cutAfterCommit(store: Replica, request: Request) {
  const blocker = await other.pool.connect();
  await blocker.query('BEGIN');
  await blocker.query('SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE', [request.conversation]);
  const client = await store.lane.connect();
  const stream = (client as unknown as { connection: { stream: { destroy: () => void } } }).connection.stream;
  client.release();
  const waiting = append(store, request);
  await lockWaiter();
  stream.destroy();
  const settled = await waiting;
  await blocker.query('COMMIT');
  blocker.release();
  const deadline = performance.now() + 5_000;
  while (
    (await world.rows('SELECT 1 FROM envelopes WHERE envelope_id = $1', [request.envelope ?? null]))
      .length === 0
  ) {
    if (performance.now() > deadline) throw new Error('the transaction did not commit');
  }
  return settled;
}
