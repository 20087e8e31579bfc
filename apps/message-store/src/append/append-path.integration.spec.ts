/** The append path against real Postgres: two replicas, each with its own connection, race on one database. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { subjects, type AppendResults, type ConversationId, type MemberDevice } from '@cipherchat/protocol';
import {
  append,
  bundle,
  caller,
  LogWorld,
  newEnvelope,
  newGroup,
  newMember,
  type Replica,
} from '../log-world.fixture.js';

let world: LogWorld;
let one: Replica;
let other: Replica;

beforeAll(async () => {
  world = await LogWorld.open();
  one = world.replica();
  other = world.replica();
});
afterAll(() => world.close());

async function pair(): Promise<{
  readonly ana: MemberDevice;
  readonly ben: MemberDevice;
  readonly conversation: ConversationId;
}> {
  const [ana, ben] = [newMember(), newMember()];
  return { ana, ben, conversation: await newGroup(one, [ana, ben]) };
}

async function seqsOf(conversation: ConversationId): Promise<readonly number[]> {
  const rows = await world.rows<{ seq: string }>(
    'SELECT seq FROM envelopes WHERE conversation_id = $1 ORDER BY seq',
    [conversation],
  );
  return rows.map(({ seq }) => Number(seq));
}

describe('the append path', () => {
  it('stores an envelope, tells the users of all members, and answers with its place', async () => {
    const { ana, ben, conversation } = await pair();
    const envelope = newEnvelope();
    one.published.length = 0;
    const [result] = await append(one, { from: ana, conversation, commitSeq: 1, envelope, text: 'hello' });
    expect(result).toMatchObject({ outcome: 'accepted', seq: 2 });
    expect(Math.abs((result?.atMs ?? 0) - Date.now())).toBeLessThan(60_000);
    const frame = { type: 'deliver', conversation, seq: 2, envelope, atMs: result?.atMs };
    expect(one.published).toEqual(
      expect.arrayContaining(
        [ana, ben].map(({ user }) => ({
          subject: subjects.live(user),
          frame: expect.objectContaining(frame),
        })),
      ),
    );
    expect(one.published).toHaveLength(2);
    const [row] = await world.rows<{ text: string }>(
      `SELECT convert_from(ciphertext, 'UTF8') AS text FROM envelopes WHERE envelope_id = $1`,
      [envelope],
    );
    expect(row?.text).toBe('hello');
  });

  it('answers a duplicate that races in both replicas with one place, and stores it once', async () => {
    const { ana, conversation } = await pair();
    for (let round = 0; round < 20; round++) {
      const request = { from: ana, conversation, commitSeq: 1, envelope: newEnvelope() };
      const [[first], [second]] = await Promise.all([append(one, request), append(other, request)]);
      expect([first?.outcome, second?.outcome].sort()).toEqual(['accepted', 'duplicate']);
      expect(second).toMatchObject({ seq: first?.seq, atMs: first?.atMs });
    }
    expect(await seqsOf(conversation)).toEqual(Array.from({ length: 21 }, (_, index) => index + 1));
  });

  it('gives 1,000 concurrent appends over 10 conversations places without gaps', async () => {
    const groups = await Promise.all(Array.from({ length: 10 }, pair));
    const requests = Array.from({ length: 1_000 }, (_, index) => {
      const { ana, ben, conversation } = groups[index % 10] as Awaited<ReturnType<typeof pair>>;
      return { from: index % 3 === 0 ? ana : ben, conversation, commitSeq: 1 };
    });
    const results = await Promise.all(
      requests.map((request, index) => append(index % 2 === 0 ? one : other, request)),
    );
    expect(results.every(([result]) => result?.outcome === 'accepted')).toBe(true);
    for (const { conversation } of groups)
      expect(await seqsOf(conversation)).toEqual(Array.from({ length: 101 }, (_, index) => index + 1));
    const answered = new Set(
      results.map(([result], index) => `${requests[index]?.conversation} ${result?.seq}`),
    );
    expect(answered.size).toBe(1_000);
    expect(
      await world.rows(
        'SELECT 1 FROM conversations c WHERE head_seq <> (SELECT max(seq) FROM envelopes e WHERE e.conversation_id = c.id)',
      ),
    ).toEqual([]);
  });

  it('keeps one order for two batches that name the same conversations in opposite order', async () => {
    const groups = await Promise.all(Array.from({ length: 8 }, pair));
    const requests = groups.map(({ ana, conversation }) => ({ from: ana, conversation, commitSeq: 1 }));
    for (let round = 0; round < 20; round++) {
      const results = await Promise.all([
        append(one, ...requests),
        append(other, ...[...requests].reverse()),
      ]);
      expect(results.flat().every(({ outcome }) => outcome === 'accepted')).toBe(true);
    }
    expect([...one.failures, ...other.failures]).toEqual([]);
  });

  it('deduplicates within a batch, and gives every copy the answer of the first', async () => {
    const { ana, ben, conversation } = await pair();
    const envelope = newEnvelope();
    const stranger = newMember();
    const results = await append(
      one,
      { from: stranger, conversation, commitSeq: 1, envelope },
      { from: ana, conversation, commitSeq: 1, envelope },
      { from: ben, conversation, commitSeq: 1 },
      { from: ana, conversation, commitSeq: 1, envelope },
      { from: ana, conversation, commitSeq: 1 },
      { from: ana, conversation, commitSeq: 0, envelope },
      { from: stranger, conversation, commitSeq: 1, envelope },
    );
    expect(results.map(({ outcome, seq }) => [outcome, seq])).toEqual([
      ['not-member', 0],
      ['accepted', 2],
      ['accepted', 3],
      ['duplicate', 2],
      ['accepted', 4],
      ['duplicate', 2],
      ['duplicate', 2],
    ]);
    expect(results[3]?.atMs).toBe(results[1]?.atMs);
    expect(await seqsOf(conversation)).toEqual([1, 2, 3, 4]);
  });

  it('gives each item of a batch its own verdict', async () => {
    const { ana, ben, conversation } = await pair();
    const results = await append(
      one,
      { from: ana, conversation, commitSeq: 0 },
      { from: newMember(ana.user), conversation, commitSeq: 1 },
      { from: { user: ben.user, device: ana.device }, conversation, commitSeq: 1 },
      { from: ana, conversation: newEnvelope() as unknown as ConversationId, commitSeq: 1 },
      { from: ana, conversation, commitSeq: 7 },
      { from: ana, conversation, commitSeq: 1 },
    );
    expect(results.map(({ outcome, seq }) => [outcome, seq])).toEqual([
      ['stale-commit', 1],
      ['not-member', 0],
      ['not-member', 0],
      ['not-member', 0],
      ['stale-commit', 1],
      ['accepted', 2],
    ]);
  });

  it('answers a malformed frame alone as malformed', async () => {
    const { ana, conversation } = await pair();
    const good = (await append(one, { from: ana, conversation, commitSeq: 1 }))[0];
    expect(good?.outcome).toBe('accepted');
    const items = [Buffer.from([2, 1, 2]), Buffer.from([6, 0, 0, 0, 1])].map((frame) => ({ ...ana, frame }));
    const { results } = await new Promise<AppendResults>((answer) => {
      one.appendPath.submit({ items }, answer);
    });
    expect(results.map(({ outcome }) => outcome)).toEqual(['malformed', 'malformed']);
  });

  it('accepts the last 4 commits of a window, and refuses those before', async () => {
    const { ana, ben, conversation } = await pair();
    let commitSeq = 1;
    for (let commits = 0; commits < 4; commits++) {
      commitSeq = (
        await one.commits.commit(caller(ana), conversation, bundle({ devices: [ana, ben], commitSeq }))
      ).seq;
    }
    expect(commitSeq).toBe(5);
    const results = await append(
      one,
      ...[1, 2, 3, 4, 5].map((seq) => ({ from: ben, conversation, commitSeq: seq })),
    );
    expect(results.map(({ outcome, seq }) => [outcome, seq])).toEqual([
      ['stale-commit', 5],
      ['accepted', 6],
      ['accepted', 7],
      ['accepted', 8],
      ['accepted', 9],
    ]);
  });

  it('refuses what builds on an earlier commit once the members have changed', async () => {
    const { ana, ben, conversation } = await pair();
    const caro = newMember();
    const { seq } = await one.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana, ben, caro], commitSeq: 1 }),
    );
    const results = await append(
      other,
      { from: ben, conversation, commitSeq: 1 },
      { from: caro, conversation, commitSeq: seq },
    );
    expect(results.map(({ outcome, seq: place }) => [outcome, place])).toEqual([
      ['stale-commit', seq],
      ['accepted', seq + 1],
    ]);
  });

  it('closes a conversation of an older generation to appends', async () => {
    const { ana, conversation } = await pair();
    await world.rows('UPDATE conversations SET generation = 0 WHERE id = $1', [conversation]);
    expect((await append(one, { from: ana, conversation, commitSeq: 1 }))[0]?.outcome).toBe('closed');
    await expect(
      one.commits.commit(caller(ana), conversation, bundle({ devices: [ana], commitSeq: 1 })),
    ).rejects.toMatchObject({ code: 'conversation/closed' });
  });

  it('refuses a device whose removal races with its append, or stores the append before the removal', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 30; round++) {
      const { ana, ben, conversation } = await pair();
      const [[result], removal] = await Promise.all([
        append(one, { from: ben, conversation, commitSeq: 1 }),
        // Every other round the removal gets a head start.
        (async () => {
          if (round % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
          return other.commits.commit(caller(ana), conversation, bundle({ devices: [ana], commitSeq: 1 }));
        })(),
      ]);
      outcomes.add(result?.outcome ?? '');
      expect(await seqsOf(conversation)).toEqual(result?.outcome === 'accepted' ? [1, 2, 3] : [1, 2]);
      if (result?.outcome === 'accepted') expect(result.seq).toBeLessThan(removal.seq);
      else expect(result?.outcome).toBe('not-member');
      expect((await append(one, { from: ben, conversation, commitSeq: removal.seq }))[0]?.outcome).toBe(
        'not-member',
      );
    }
    expect([...outcomes].sort()).toEqual(expect.arrayContaining(['accepted']));
  });

  it('answers a resend after the removal of its sender with its first place', async () => {
    const { ana, ben, conversation } = await pair();
    const request = { from: ben, conversation, commitSeq: 1, envelope: newEnvelope() };
    const [first] = await append(one, request);
    await one.commits.commit(caller(ana), conversation, bundle({ devices: [ana], commitSeq: 1 }));
    other.published.length = 0;
    const [again] = await append(other, request);
    expect(again).toEqual({ ...first, outcome: 'duplicate' });
    expect(other.published).toEqual([
      {
        subject: subjects.live(ana.user),
        frame: { type: 'announce', conversation, seq: first?.seq, sizeBytes: 10 },
      },
    ]);
  });

  it('never publishes the bytes of a resend: only the stored ones are the log', async () => {
    const { ana, conversation } = await pair();
    const request = { from: ana, conversation, commitSeq: 1, envelope: newEnvelope() };
    await append(one, request);
    one.published.length = 0;
    await append(one, { ...request, text: 'something else' });
    expect(one.published.map(({ frame }) => frame.type)).toEqual(['announce', 'announce']);
  });

  it('judges on what was committed while it waited for the lock', async () => {
    const { ana, ben, conversation } = await pair();
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
    await blocker.query('UPDATE conversations SET head_seq = 2 WHERE id = $1', [conversation]);
    await blocker.query('COMMIT');
    blocker.release();
    expect((await waiting).map(({ outcome, seq }) => [outcome, seq])).toEqual([
      ['not-member', 0],
      ['duplicate', 2],
    ]);
  });

  it('answers busy when its connection breaks, whether or not the transaction committed, and the resend settles it', async () => {
    const { ana, conversation } = await pair();
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
    const { ana, conversation } = await pair();
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
    const { ana, conversation } = await pair();
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
    await client.query('SELECT * FROM advance_cursors($1, $2, $3, $4)', [
      [conversation],
      [ana.user],
      [ana.device],
      [2],
    ]);
    await client.end();
    const hot = plans.filter((plan) => /envelopes|cursors/.test(plan) && /Index/.test(plan));
    expect(hot.length).toBeGreaterThan(1);
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
