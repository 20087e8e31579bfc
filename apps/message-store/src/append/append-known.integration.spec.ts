/** Batches that are as the store expects, and those that are not: by which function, and what is left of a call that was taken back. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ConversationId, MemberDevice } from '@cipherchat/protocol';
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
let store: Replica;
let other: Replica;
let ana: MemberDevice;
let ben: MemberDevice;
let conversation: ConversationId;
let statements: string[];

beforeAll(async () => {
  world = await LogWorld.open();
  store = world.replica();
  other = world.replica();
  const query = store.lane.query.bind(store.lane) as (statement: unknown) => unknown;
  jest.spyOn(store.lane, 'query').mockImplementation(((statement: { readonly name: string }) => {
    statements.push(statement.name);
    return query(statement);
  }) as never);
});
beforeEach(async () => {
  statements = [];
  ({ ana, ben, conversation } = await newPair(other));
  // From now on the roster is in memory.
  await append(store, { from: ana, conversation, commitSeq: 1 });
  statements = [];
});
afterAll(() => world.close());

async function stored() {
  return world.rows(
    `SELECT c.head_seq, c.head_at = (SELECT max(e.created_at) FROM envelopes e WHERE e.conversation_id = c.id) AS is_of_head,
       (SELECT array_agg(e.seq::integer ORDER BY e.seq) FROM envelopes e WHERE e.conversation_id = c.id) AS seqs
     FROM conversations c WHERE c.id = $1`,
    [conversation],
  );
}
const placesOf = (results: Awaited<ReturnType<typeof append>>) =>
  results.map(({ outcome, seq }) => [outcome, seq]);

describe('a batch in which all is as it is known', () => {
  it('is one statement, numbered in its order, with one time for each conversation', async () => {
    const second = await newPair(other);
    await append(store, { from: second.ana, conversation: second.conversation, commitSeq: 1 });
    statements = [];
    const results = await append(
      store,
      { from: second.ben, conversation: second.conversation, commitSeq: 1 },
      { from: ana, conversation, commitSeq: 1, text: 'one' },
      { from: second.ana, conversation: second.conversation, commitSeq: 1 },
      { from: ben, conversation, commitSeq: 1, text: '' },
    );
    expect(statements).toEqual(['append_known']);
    expect(placesOf(results)).toEqual([
      ['accepted', 3],
      ['accepted', 3],
      ['accepted', 4],
      ['accepted', 4],
    ]);
    expect(results[1]?.atMs).toBe(results[3]?.atMs);
    expect(await stored()).toEqual([{ head_seq: '4', is_of_head: true, seqs: [1, 2, 3, 4] }]);
    const texts = await world.rows<{ text: string; at: string }>(
      `SELECT convert_from(ciphertext, 'UTF8') AS text, (extract(epoch FROM created_at) * 1000)::bigint AS at
       FROM envelopes WHERE conversation_id = $1 AND seq > 2 ORDER BY seq`,
      [conversation],
    );
    expect(texts.map(({ text, at }) => [text, Number(at)])).toEqual([
      ['one', results[1]?.atMs],
      ['', results[1]?.atMs],
    ]);
  });

  it('may be the store’s largest', async () => {
    const results = await append(
      store,
      ...Array.from({ length: 256 }, (_, index) => ({
        from: index % 2 === 0 ? ana : ben,
        conversation,
        commitSeq: 1,
      })),
    );
    expect(statements).toEqual(['append_known']);
    expect(results.map(({ seq }) => seq)).toEqual(Array.from({ length: 256 }, (_, index) => index + 3));
  });
});

describe('a batch in which something is not', () => {
  const calls = ['append_known', 'append_envelopes'];

  it('is judged when an envelope is there already, and nothing of the first call is left', async () => {
    const envelope = newEnvelope();
    await append(other, { from: ana, conversation, commitSeq: 1, envelope });
    const before = await stored();
    expect(placesOf(await append(store, { from: ana, conversation, commitSeq: 1, envelope }))).toEqual([
      ['duplicate', 3],
    ]);
    expect(statements).toEqual(calls);
    expect(await stored()).toEqual(before);
    const results = await append(
      store,
      { from: ben, conversation, commitSeq: 1 },
      { from: ana, conversation, commitSeq: 1, envelope },
      { from: ben, conversation, commitSeq: 1 },
    );
    expect(placesOf(results)).toEqual([
      ['accepted', 4],
      ['duplicate', 3],
      ['accepted', 5],
    ]);
    expect(await stored()).toEqual([{ head_seq: '5', is_of_head: true, seqs: [1, 2, 3, 4, 5] }]);
  });

  it('is judged when the members have changed: who is removed, departs or is new', async () => {
    const eve = newMember();
    await other.commits.commit(caller(ana), conversation, bundle({ devices: [ana, eve], commitSeq: 1 }));
    const results = await append(
      store,
      { from: ben, conversation, commitSeq: 3 },
      { from: ana, conversation, commitSeq: 3 },
    );
    expect(statements).toEqual([...calls, 'rosters']);
    expect(placesOf(results)).toEqual([
      ['not-member', 0],
      ['accepted', 4],
    ]);
    statements = [];
    expect(placesOf(await append(store, { from: eve, conversation, commitSeq: 3 }))).toEqual([
      ['accepted', 5],
    ]);
    expect(statements).toEqual(['append_known']);
    await other.departures.leave(eve.user, conversation);
    expect(placesOf(await append(store, { from: eve, conversation, commitSeq: 3 }))).toEqual([
      ['not-member', 0],
    ]);
  });

  it('is judged when the roster is that of a history that was lost', async () => {
    // A restore takes back that ben was a member, and another change takes its place: none of its names was used before.
    await world.rows('UPDATE members SET left_seq = 2 WHERE device_id = $1', [ben.device]);
    await world.rows('UPDATE conversations SET roster_version = roster_version + 1 WHERE id = $1', [
      conversation,
    ]);
    expect(placesOf(await append(store, { from: ben, conversation, commitSeq: 1 }))).toEqual([
      ['not-member', 0],
    ]);
  });

  it('is judged when its commit is not open, or its conversation is closed', async () => {
    expect(placesOf(await append(store, { from: ana, conversation, commitSeq: 2 }))).toEqual([
      ['stale-commit', 1],
    ]);
    const results = await append(
      store,
      { from: ana, conversation, commitSeq: 1 },
      { from: ana, conversation, commitSeq: 0 },
    );
    expect(placesOf(results)).toEqual([
      ['accepted', 3],
      ['stale-commit', 1],
    ]);
    await other.resets.reset(conversation);
    expect(placesOf(await append(store, { from: ana, conversation, commitSeq: 1 }))).toEqual([['closed', 0]]);
  });
});
