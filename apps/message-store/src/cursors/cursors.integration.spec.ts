/** Cursors, resume and signals against real Postgres. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { subjects, type ConversationId, type MemberDevice } from '@cipherchat/protocol';
import {
  append,
  bundle,
  caller,
  LogWorld,
  newGroup,
  newMember,
  newUser,
  type Replica,
} from '../log-world.fixture.js';
import { bounds } from '../bounds.js';
import { announceRecentHeads } from '../live/announce-recent-heads.js';
import { passSignal } from '../signals/signals.js';
import { AcknowledgePath } from './acknowledge-path.js';
import { cursorStatement } from './cursor-statement.js';
import { readPending } from './resume.js';

let world: LogWorld;
let store: Replica;
let path: AcknowledgePath;
let scheduled: { readonly callback: () => void; readonly afterMs: number }[];

beforeAll(async () => {
  world = await LogWorld.open();
  store = world.replica();
});
beforeEach(() => {
  store.published.length = 0;
  scheduled = [];
  path = acknowledgePath(store);
});
afterAll(() => world.close());

function acknowledgePath(replica: Replica): AcknowledgePath {
  return new AcknowledgePath({
    advance: cursorStatement(replica.pool),
    live: replica.live,
    rosters: replica.rosters,
    bounds,
    onFailure: (error) => replica.failures.push(error),
    schedule: (callback, afterMs) => scheduled.push({ callback, afterMs }),
  });
}

async function acknowledge(member: MemberDevice, conversation: ConversationId, seq: number): Promise<void> {
  await path.submit({ items: [{ ...member, positions: [{ conversation, seq }] }] });
}

async function cursor(member: MemberDevice, conversation: ConversationId): Promise<number | null> {
  const [row] = await world.rows<{ seq: string }>(
    'SELECT seq FROM cursors WHERE conversation_id = $1 AND device_id = $2',
    [conversation, member.device],
  );
  return row === undefined ? null : Number(row.seq);
}

async function groupWith(members: readonly MemberDevice[], messages: number): Promise<ConversationId> {
  const conversation = await newGroup(store, members);
  if (messages > 0)
    await append(
      store,
      ...Array.from({ length: messages }, () => ({
        from: members[0] as MemberDevice,
        conversation,
        commitSeq: 1,
      })),
    );
  store.published.length = 0;
  return conversation;
}

describe('a cursor', () => {
  it('moves forward only, and never past the head', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await groupWith([ana, ben], 4);
    for (const [seq, stored] of [
      [3, 3],
      [2, 3],
      [99, 5],
      [4, 5],
    ] as const) {
      await acknowledge(ben, conversation, seq);
      expect(await cursor(ben, conversation)).toBe(stored);
    }
  });

  it('is told to the other members once for each advance, and not when it stays', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await groupWith([ana, ben], 4);
    for (const seq of [3, 3, 2, 99]) await acknowledge(ben, conversation, seq);
    const told = [3, 5].map((seq) => ({
      subject: subjects.live(ana.user),
      frame: { type: 'delivered', conversation, ...ben, seq },
    }));
    expect(store.published).toEqual(told);
  });

  it('does not move for who is no member, was removed beyond its stay, departs, or claims a false user', async () => {
    const [ana, ben, caro] = [newMember(), newMember(), newMember()];
    const conversation = await groupWith([ana, ben, caro], 2);
    await store.commits.commit(caller(ana), conversation, bundle({ devices: [ana, caro], commitSeq: 1 }));
    await append(store, { from: ana, conversation, commitSeq: 4 });
    await acknowledge(ben, conversation, 5);
    expect(await cursor(ben, conversation)).toBe(4);
    await store.departures.leave(caro.user, conversation);
    for (const nobody of [newMember(), caro, { ...ana, user: newUser() }]) {
      await acknowledge(nobody, conversation, 5);
      expect(await cursor(nobody, conversation)).toBeNull();
    }
  });

  it('is written once for what was acknowledged meanwhile, by many devices at once, in two replicas', async () => {
    const members = Array.from({ length: 10 }, () => newMember());
    const conversations = await Promise.all(Array.from({ length: 5 }, () => groupWith(members, 20)));
    const other = world.replica();
    const otherPath = acknowledgePath(other);
    const acks = members.flatMap((member) =>
      conversations.flatMap((conversation) =>
        Array.from({ length: 20 }, (_, index) => ({ member, conversation, seq: index + 2 })),
      ),
    );
    const shuffled = acks
      .map((ack, index) => ({ ack, at: (index * 7919) % acks.length }))
      .sort((one, next) => one.at - next.at);
    await Promise.all(
      shuffled.map(({ ack: { member, conversation, seq } }, index) =>
        (index % 2 === 0 ? path : otherPath).submit({
          items: [{ ...member, positions: [{ conversation, seq }] }],
        }),
      ),
    );
    expect([...store.failures, ...other.failures]).toEqual([]);
    for (const member of members)
      for (const conversation of conversations) expect(await cursor(member, conversation)).toBe(21);
  });

  it('waits a second in groups of more than 20 users, goes out once per device, and not at all above 100', async () => {
    const [many, crowd] = [
      Array.from({ length: 21 }, () => newMember()),
      Array.from({ length: 101 }, () => newMember()),
    ];
    const conversation = await groupWith(many, 5);
    const [first, second] = many as [MemberDevice, MemberDevice];
    for (const seq of [2, 3, 4]) await acknowledge(first, conversation, seq);
    await acknowledge(second, conversation, 6);
    expect(store.published).toEqual([]);
    expect(scheduled.map(({ afterMs }) => afterMs)).toEqual([bounds.deliveredIntervalMs]);
    scheduled[0]?.callback();
    const told = new Set(
      store.published.map(({ frame }) =>
        frame.type === 'delivered' ? `${frame.device} ${frame.seq}` : frame.type,
      ),
    );
    expect(told).toEqual(new Set([`${first.device} 4`, `${second.device} 6`]));
    expect(store.published).toHaveLength(40);
    await acknowledge(first, conversation, 5);
    expect(scheduled).toHaveLength(2);
    store.published.length = 0;
    const large = await groupWith(crowd, 1);
    await acknowledge(crowd[1] as MemberDevice, large, 2);
    expect(await cursor(crowd[1] as MemberDevice, large)).toBe(2);
    expect(store.published).toEqual([]);
    expect(scheduled).toHaveLength(2);
  });
});

describe('resume', () => {
  const pending = (member: MemberDevice) => readPending(store.pool, member);

  it('names what lies past the cursors, newest first, and begins where a device joined', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const older = await groupWith([ana], 3);
    await store.commits.commit(caller(ana), older, bundle({ devices: [ana, ben], commitSeq: 1 }));
    const newer = await groupWith([ana, ben], 2);
    expect(await pending(ben)).toEqual([
      { conversation: newer, headSeq: 3, cursorSeq: 0 },
      { conversation: older, headSeq: 5, cursorSeq: 4 },
    ]);
    await acknowledge(ben, newer, 3);
    await acknowledge(ben, older, 5);
    expect(await pending(ben)).toEqual([]);
    await append(store, { from: ana, conversation: newer, commitSeq: 1 });
    expect(await pending(ben)).toEqual([{ conversation: newer, headSeq: 4, cursorSeq: 3 }]);
    expect(await pending({ ...ben, user: newUser() })).toEqual([]);
  });

  it('takes a removed device to the commit that removed it, and a departing one nowhere', async () => {
    const [ana, ben, caro] = [newMember(), newMember(), newMember()];
    const conversation = await groupWith([ana, ben, caro], 0);
    await store.departures.leave(caro.user, conversation);
    expect(await pending(caro)).toEqual([]);
    const { seq } = await store.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana], commitSeq: 1 }),
    );
    await append(store, { from: ana, conversation, commitSeq: seq });
    expect(await pending(ben)).toEqual([{ conversation, headSeq: seq, cursorSeq: 0 }]);
    await acknowledge(ben, conversation, seq);
    expect(await pending(ben)).toEqual([]);
  });
});

describe('a signal', () => {
  const pass = (
    from: MemberDevice,
    conversation: ConversationId,
    params: { readonly kind: 'read' | 'momentary'; readonly text: string },
  ) =>
    passSignal({
      pool: store.pool,
      live: store.live,
      signal: { ...from, conversation, kind: params.kind, ciphertext: Buffer.from(params.text) },
    });

  it('reaches the users of all members; of read marks the latest stays, of momentary ones nothing', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await groupWith([ana, ben], 0);
    await pass(ana, conversation, { kind: 'momentary', text: 'typing' });
    for (const text of ['first', 'second']) await pass(ana, conversation, { kind: 'read', text });
    const subjectsTold = new Set(store.published.map(({ subject }) => subject));
    expect(subjectsTold).toEqual(new Set([ana, ben].map(({ user }) => subjects.live(user))));
    expect(store.published).toHaveLength(6);
    expect(
      await world.rows(
        `SELECT device_id, convert_from(ciphertext, 'UTF8') AS text FROM read_marks WHERE conversation_id = $1`,
        [conversation],
      ),
    ).toEqual([{ device_id: ana.device, text: 'second' }]);
    const mark = (await store.conversations.read(caller(ben), conversation)).members.find(
      ({ device }) => device === ana.device,
    )?.readMark;
    expect(Buffer.from(mark ?? []).toString()).toBe('second');
  });

  it('is refused to who is no member, and leaves nothing', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await groupWith([ana, ben], 0);
    await store.departures.leave(ben.user, conversation);
    store.published.length = 0;
    for (const from of [newMember(), ben, { ...ana, user: newUser() }]) {
      await expect(pass(from, conversation, { kind: 'read', text: 'mark' })).rejects.toMatchObject({
        code: 'conversation/unknown',
      });
    }
    expect(store.published).toEqual([]);
    expect(await world.rows('SELECT 1 FROM read_marks WHERE conversation_id = $1', [conversation])).toEqual(
      [],
    );
  });
});

describe('a store that starts', () => {
  it('announces the heads of the last two minutes, the newest first, up to a bound', async () => {
    const fresh = await LogWorld.open();
    const replica = fresh.replica();
    const [ana, ben] = [newMember(), newMember()];
    const [old, young, youngest] = [
      await newGroup(replica, [ana]),
      await newGroup(replica, [ana, ben]),
      await newGroup(replica, [ana]),
    ];
    await fresh.rows(`UPDATE conversations SET head_at = head_at - interval '3 minutes' WHERE id = $1`, [
      old,
    ]);
    replica.published.length = 0;
    const announce = (maxHeads: number) =>
      announceRecentHeads({
        pool: replica.pool,
        live: replica.live,
        ofLastMs: bounds.announceHeadsOfLastMs,
        maxHeads,
      });
    expect(await announce(10)).toBe(2);
    const heads = replica.published.map(({ frame }) =>
      frame.type === 'announce' ? [frame.conversation, frame.seq] : frame.type,
    );
    expect(heads).toEqual([
      [youngest, 1],
      [young, 1],
      [young, 1],
    ]);
    expect(await announce(1)).toBe(1);
    await fresh.close();
  });
});
