/** Retention against real Postgres: what goes, what stays, and what a late device sees. Played: the passing of days. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  decode,
  limits,
  logPage,
  type ConversationId,
  type EnvelopeId,
  type MemberDevice,
} from '@cipherchat/protocol';
import type { PoolClient } from 'pg';
import { readLogPage } from '../conversations/log-page.js';
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
import { sweepBatch, type BatchBounds, type BatchOutcome } from './sweep-batch.js';

const dayMs = 24 * 60 * 60 * 1000;
const retention = { ciphertextMs: 30 * dayMs, rowsMs: limits.envelopeIdsKeptMs };
const usual: BatchBounds = { maxConversations: 100, maxRows: 1_000, roundEveryMs: 0 };

let world: LogWorld;
let store: Replica;
let other: Replica;

beforeEach(async () => {
  world = await LogWorld.open();
  [store, other] = [world.replica(), world.replica()];
});
afterEach(() => world.close());

/** One whole round; what it did. */
async function sweep(bounds: Partial<BatchBounds> = {}, limitsOf = retention) {
  const sums = { delivered: 0, undelivered: 0, deleted: 0, batches: 0 };
  for (;;) {
    const outcome: BatchOutcome = await sweepBatch(store.pool, {
      limits: limitsOf,
      bounds: { ...usual, ...bounds },
    });
    if (outcome.kind !== 'swept') throw new Error(outcome.kind);
    sums.delivered += outcome.delivered;
    sums.undelivered += outcome.undelivered;
    sums.deleted += outcome.deleted;
    sums.batches += 1;
    if (outcome.isRoundOver) return sums;
  }
}

async function send(from: MemberDevice, conversation: ConversationId, count: number, commitSeq = 1) {
  const results = await append(
    store,
    ...Array.from({ length: count }, () => ({ from, conversation, commitSeq })),
  );
  expect(results.map(({ outcome }) => outcome)).toEqual(results.map(() => 'accepted'));
}

async function acknowledge(conversation: ConversationId, seq: number, ...devices: readonly MemberDevice[]) {
  for (const { user, device } of devices)
    await store.pool.query('SELECT * FROM advance_cursors($1, $2, $3, $4)', [
      [conversation],
      [user],
      [device],
      [seq],
    ]);
}

/** Days pass for what is there: all of it becomes older. */
async function age(days: number, upTo = Number.MAX_SAFE_INTEGER): Promise<void> {
  await world.rows(`UPDATE envelopes SET created_at = created_at - $1 * interval '1 day' WHERE seq <= $2`, [
    days,
    upTo,
  ]);
}

/** The log as it is stored: `+` with ciphertext, `-` without, by place. */
async function stored(conversation: ConversationId): Promise<string> {
  const rows = await world.rows<{ seq: string; kept: boolean }>(
    'SELECT seq, ciphertext IS NOT NULL AS kept FROM envelopes WHERE conversation_id = $1 ORDER BY seq',
    [conversation],
  );
  return rows.map(({ seq, kept }) => `${seq}${kept ? '+' : '-'}`).join(' ');
}

const page = async (by: MemberDevice, conversation: ConversationId, afterSeq: number) =>
  decode(logPage, await readLogPage(store.pool, { ...by, conversation, afterSeq }));

describe('what every device has', () => {
  it('is cleared, and not before the last of them has it', async () => {
    const [ana, ben, tablet] = [newMember(), newMember(), newMember()];
    const conversation = await newGroup(store, [ana, ben, tablet]);
    await send(ana, conversation, 3);
    await acknowledge(conversation, 4, ana, ben);
    await acknowledge(conversation, 2, tablet);
    expect(await sweep()).toMatchObject({ delivered: 1, undelivered: 0, deleted: 0 });
    // The last commit stays.
    expect(await stored(conversation)).toBe('1+ 2- 3+ 4+');
    await acknowledge(conversation, 4, tablet);
    await sweep();
    expect(await stored(conversation)).toBe('1+ 2- 3- 4-');
    expect(await sweep()).toMatchObject({ delivered: 0, undelivered: 0, deleted: 0 });
  });

  it('is not held up by a device that was revoked or is leaving, nor by one that joined later', async () => {
    const [ana, ben, lost] = [newMember(), newMember(), newMember()];
    const conversation = await newGroup(store, [ana, lost]);
    await send(ana, conversation, 2);
    await store.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana, lost, ben], commitSeq: 1, welcome: Buffer.from('welcome') }),
    );
    await acknowledge(conversation, 4, ana);
    await sweep();
    expect(await stored(conversation)).toBe('1+ 2+ 3+ 4+');
    await store.departures.apply([
      { order: 1, kind: 'device', ...lost, session: newEnvelope() as never, atMs: Date.now() },
    ]);
    await sweep();
    // Ben joined with the commit at 4, which he does not have.
    expect(await stored(conversation)).toBe('1- 2- 3- 4+');
  });

  it('waits for a device that was removed and has not read up to its removal', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(store, [ana, ben]);
    await send(ana, conversation, 1);
    await store.commits.commit(caller(ana), conversation, bundle({ devices: [ana], commitSeq: 1 }));
    await acknowledge(conversation, 3, ana);
    await sweep();
    expect(await stored(conversation)).toBe('1+ 2+ 3+');
    await acknowledge(conversation, 3, ben);
    await sweep();
    expect(await stored(conversation)).toBe('1- 2- 3+');
  });

  it('goes in the case of a commit when it is no longer the last', async () => {
    const ana = newMember();
    const conversation = await newGroup(store, [ana]);
    await acknowledge(conversation, 1, ana);
    await sweep();
    expect(await stored(conversation)).toBe('1+');
    await store.commits.commit(caller(ana), conversation, bundle({ devices: [ana], commitSeq: 1 }));
    expect(await sweep()).toMatchObject({ delivered: 1 });
    expect(await stored(conversation)).toBe('1- 2+');
  });

  it('goes in the case of a welcome when the added devices have it, however long others stay away', async () => {
    const [ana, away, ben, cleo] = [newMember(), newMember(), newMember(), newMember()];
    const conversation = await newGroup(store, [ana, away]);
    const welcome = Buffer.from('welcome');
    await store.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana, away, ben, cleo], commitSeq: 1, welcome }),
    );
    const isKept = async () =>
      (
        await world.rows<{ kept: boolean }>(
          'SELECT welcome IS NOT NULL AS kept FROM commits WHERE conversation_id = $1 AND seq = 2',
          [conversation],
        )
      )[0]?.kept;
    await acknowledge(conversation, 2, ana, ben);
    await sweep();
    expect(await isKept()).toBe(true);
    expect(Buffer.from((await page(cleo, conversation, 0)).entries[0]?.welcome ?? []).equals(welcome)).toBe(
      true,
    );
    await acknowledge(conversation, 2, cleo);
    await sweep();
    expect([await isKept(), await stored(conversation)]).toEqual([false, '1+ 2+']);
  });

  it('is sent again in vain: the resend is a duplicate with its first place', async () => {
    const ana = newMember();
    const conversation = await newGroup(store, [ana]);
    const envelope = newEnvelope();
    await append(store, { from: ana, conversation, commitSeq: 1, envelope });
    await acknowledge(conversation, 2, ana);
    await sweep();
    await age(29);
    await sweep();
    expect(await stored(conversation)).toBe('1+ 2-');
    const [again] = await append(store, { from: ana, conversation, commitSeq: 1, envelope });
    expect(again).toMatchObject({ outcome: 'duplicate', seq: 2 });
  });
});

describe('what is too old', () => {
  it('goes without having reached a device, which sees tombstones and then the floor', async () => {
    const [ana, away] = [newMember(), newMember()];
    const conversation = await newGroup(store, [ana, away]);
    await send(ana, conversation, 2);
    await acknowledge(conversation, 3, ana);
    await age(31);
    await send(ana, conversation, 1);
    expect(await sweep()).toMatchObject({ delivered: 0, undelivered: 2, deleted: 0 });
    // Below the last commit nothing is, so nothing can be deleted: it is what a member must begin with.
    expect(await stored(conversation)).toBe('1+ 2- 3- 4+');
    const before = await page(away, conversation, 0);
    expect([before.floorSeq, before.entries.map(({ kind }) => kind)]).toEqual([
      0,
      ['commit', 'tombstone', 'tombstone', 'message'],
    ]);
    await store.commits.commit(caller(ana), conversation, bundle({ devices: [ana, away], commitSeq: 1 }));
    expect(await sweep()).toMatchObject({ undelivered: 1, deleted: 3 });
    const after = await page(away, conversation, 0);
    expect([after.floorSeq, after.headSeq, after.entries.map(({ seq, kind }) => [seq, kind])]).toEqual([
      3,
      5,
      [
        [4, 'message'],
        [5, 'commit'],
      ],
    ]);
    expect(await world.rows('SELECT seq FROM commits WHERE conversation_id = $1', [conversation])).toEqual([
      { seq: '5' },
    ]);
    const { groupInfo } = await store.conversations.readGroupInfo(caller(away), conversation);
    expect(Buffer.from(groupInfo).toString()).toBe('group info');
  });

  it('keeps ids and places for as long as clients send again, also where ciphertext is kept for a day', async () => {
    const ana = newMember();
    const conversation = await newGroup(store, [ana, newMember()]);
    const envelope: EnvelopeId = newEnvelope();
    await append(store, { from: ana, conversation, commitSeq: 1, envelope });
    await age(2);
    await store.commits.commit(caller(ana), conversation, bundle({ devices: [ana], commitSeq: 1 }));
    await sweep({}, { ...retention, ciphertextMs: dayMs });
    expect(await stored(conversation)).toBe('1- 2- 3+');
    const [again] = await append(store, { from: ana, conversation, commitSeq: 1, envelope });
    expect(again).toMatchObject({ outcome: 'duplicate', seq: 2 });
  });
});

describe('a sweep', () => {
  it('goes on where it was interrupted, in batches that are bounded', async () => {
    const ana = newMember();
    const conversations = [];
    for (let count = 0; count < 5; count++) conversations.push(await newGroup(store, [ana]));
    for (const conversation of conversations) {
      await send(ana, conversation, 10);
      await acknowledge(conversation, 11, ana);
    }
    const bounds = { maxConversations: 2, maxRows: 4 };
    expect(await sweep(bounds)).toMatchObject({ delivered: 50 });
    for (const conversation of conversations) expect(await stored(conversation)).toMatch(/^1\+( \d+-){10}$/);
    expect((await sweep(bounds)).batches).toBe(3);
  });

  it('is done by one replica at a time, and leaves nothing half done when it crashes', async () => {
    const ana = newMember();
    const conversation = await newGroup(store, [ana]);
    await send(ana, conversation, 5);
    await acknowledge(conversation, 6, ana);
    await age(31);
    await store.commits.commit(caller(ana), conversation, bundle({ devices: [ana], commitSeq: 1 }));
    // A transaction of the test's own stands in for an append in flight: the floor, written last, waits for it.
    const append = await other.pool.connect();
    await append.query('BEGIN');
    await append.query('SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE', [conversation]);
    const crashing = sweepBatch(store.pool, { limits: retention, bounds: usual });
    const crashed = crashing.then(
      () => null,
      (error: unknown) => error,
    );
    await until(async () => (await waitingSweeps()).length === 1);
    expect(await sweepBatch(other.pool, { limits: retention, bounds: usual })).toEqual({ kind: 'elsewhere' });
    await world.rows('SELECT pg_terminate_backend($1)', await waitingSweeps());
    expect(await crashed).toBeInstanceOf(Error);
    await append.query('COMMIT');
    append.release();
    expect(await stored(conversation)).toBe('1+ 2+ 3+ 4+ 5+ 6+ 7+');
    expect(await sweep()).toMatchObject({ delivered: 6, deleted: 6 });
    expect(await stored(conversation)).toBe('7+');
    expect(await page(ana, conversation, 6)).toMatchObject({ floorSeq: 6, headSeq: 7 });
  });

  it('of two replicas at once does the same as one', async () => {
    const ana = newMember();
    const conversation = await newGroup(store, [ana]);
    await send(ana, conversation, 200);
    await acknowledge(conversation, 201, ana);
    const bounds = { ...usual, maxRows: 10 };
    let delivered = 0;
    await Promise.all(
      [store, other].map(async (replica) => {
        while (delivered < 200) {
          const outcome = await sweepBatch(replica.pool, { limits: retention, bounds });
          if (outcome.kind === 'swept') delivered += outcome.delivered;
        }
      }),
    );
    expect(delivered).toBe(200);
    expect((await stored(conversation)).match(/-/g)).toHaveLength(200);
  });

  it('rests between rounds, whichever replica asks', async () => {
    await sweep();
    const bounds = { ...usual, roundEveryMs: 60_000 };
    for (const replica of [store, other])
      expect(await sweepBatch(replica.pool, { limits: retention, bounds })).toMatchObject({
        kind: 'resting',
      });
  });

  it('of recent envelopes makes no append wait, and stays in their pages', async () => {
    const ana = newMember();
    const conversation = await newGroup(store, [ana]);
    await append(
      store,
      ...Array.from({ length: 500 }, () => ({
        from: ana,
        conversation,
        commitSeq: 1,
        text: 'x'.repeat(1_024),
      })),
    );
    await acknowledge(conversation, 501, ana);
    // Held open: nothing that the sweep did before it commits may be in the way of an append.
    const client = await store.pool.connect();
    await client.query('BEGIN');
    const held = { connect: () => Promise.resolve(uncommitted(client)) } as unknown as typeof store.pool;
    expect(await sweepBatch(held, { limits: retention, bounds: usual })).toMatchObject({ delivered: 500 });
    const [appended] = await append(other, { from: ana, conversation, commitSeq: 1 });
    expect(appended).toMatchObject({ outcome: 'accepted', seq: 502 });
    await client.query('COMMIT');
    await client.query('SELECT pg_stat_force_next_flush()');
    client.release();
    await until(async () => (await updates()).all >= 500);
    const { all, inPlace } = await updates();
    expect(inPlace / all).toBeGreaterThan(0.9);
  });
});

async function waitingSweeps(): Promise<readonly number[]> {
  const rows = await world.rows<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE conversations SET floor_seq%' AND datname = current_database()`,
  );
  return rows.map(({ pid }) => pid);
}

/** The same connection, whose transaction the test ends. */
function uncommitted(client: PoolClient) {
  return {
    query: (query: unknown, values?: unknown[]) =>
      query === 'BEGIN' || query === 'COMMIT' ? Promise.resolve() : client.query(query as string, values),
    release: () => undefined,
  };
}

async function updates(): Promise<{ readonly all: number; readonly inPlace: number }> {
  const [row] = await world.rows<{ all: string; hot: string }>(
    `SELECT n_tup_upd AS all, n_tup_hot_upd AS hot FROM pg_stat_user_tables WHERE relname = 'envelopes'`,
  );
  return { all: Number(row?.all), inPlace: Number(row?.hot) };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('not within 15 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
