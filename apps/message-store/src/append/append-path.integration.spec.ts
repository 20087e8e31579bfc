/** The append path against real Postgres: two replicas, each with its own connection, race on one database. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { subjects, type AppendResults, type ConversationId } from '@cipherchat/protocol';
import {
  append,
  bundle,
  caller,
  LogWorld,
  newEnvelope,
  newMember,
  newPair,
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

async function seqsOf(conversation: ConversationId): Promise<readonly number[]> {
  const rows = await world.rows<{ seq: string }>(
    'SELECT seq FROM envelopes WHERE conversation_id = $1 ORDER BY seq',
    [conversation],
  );
  return rows.map(({ seq }) => Number(seq));
}

describe('the append path', () => {
  it('stores an envelope, tells the users of all members, and answers with its place', async () => {
    const { ana, ben, conversation } = await newPair(one);
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
    const { ana, conversation } = await newPair(one);
    for (let round = 0; round < 20; round++) {
      const request = { from: ana, conversation, commitSeq: 1, envelope: newEnvelope() };
      const [[first], [second]] = await Promise.all([append(one, request), append(other, request)]);
      expect([first?.outcome, second?.outcome].sort()).toEqual(['accepted', 'duplicate']);
      expect(second).toMatchObject({ seq: first?.seq, atMs: first?.atMs });
    }
    expect(await seqsOf(conversation)).toEqual(Array.from({ length: 21 }, (_, index) => index + 1));
  });

  it('gives 1,000 concurrent appends over 10 conversations places without gaps', async () => {
    const groups = await Promise.all(Array.from({ length: 10 }, () => newPair(one)));
    const requests = Array.from({ length: 1_000 }, (_, index) => {
      const { ana, ben, conversation } = groups[index % 10] as Awaited<ReturnType<typeof newPair>>;
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
    const groups = await Promise.all(Array.from({ length: 8 }, () => newPair(one)));
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
    const { ana, ben, conversation } = await newPair(one);
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
    const { ana, ben, conversation } = await newPair(one);
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
    const { ana, conversation } = await newPair(one);
    const good = (await append(one, { from: ana, conversation, commitSeq: 1 }))[0];
    expect(good?.outcome).toBe('accepted');
    const items = [Buffer.from([2, 1, 2]), Buffer.from([6, 0, 0, 0, 1])].map((frame) => ({ ...ana, frame }));
    const { results } = await new Promise<AppendResults>((answer) => {
      one.appendPath.submit({ items }, answer);
    });
    expect(results.map(({ outcome }) => outcome)).toEqual(['malformed', 'malformed']);
  });

  it('accepts the last 4 commits of a window, and refuses those before', async () => {
    const { ana, ben, conversation } = await newPair(one);
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
    const { ana, ben, conversation } = await newPair(one);
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
    const { ana, conversation } = await newPair(one);
    await world.rows('UPDATE conversations SET generation = 0 WHERE id = $1', [conversation]);
    expect((await append(one, { from: ana, conversation, commitSeq: 1 }))[0]?.outcome).toBe('closed');
    await expect(
      one.commits.commit(caller(ana), conversation, bundle({ devices: [ana], commitSeq: 1 })),
    ).rejects.toMatchObject({ code: 'conversation/closed' });
  });

  it('refuses a device whose removal races with its append, or stores the append before the removal', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 30; round++) {
      const { ana, ben, conversation } = await newPair(one);
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
    const { ana, ben, conversation } = await newPair(one);
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
    const { ana, conversation } = await newPair(one);
    const request = { from: ana, conversation, commitSeq: 1, envelope: newEnvelope() };
    await append(one, request);
    one.published.length = 0;
    await append(one, { ...request, text: 'something else' });
    expect(one.published.map(({ frame }) => frame.type)).toEqual(['announce', 'announce']);
  });
});
