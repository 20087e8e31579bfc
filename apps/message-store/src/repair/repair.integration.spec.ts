/** Void commits put right, statements and requests to be added anew, against real Postgres. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decode, logPage, type ConversationId, type DeviceId, type MemberDevice } from '@cipherchat/protocol';
import { readPending } from '../cursors/resume.js';
import { readLogPage } from '../conversations/log-page.js';
import {
  append,
  bundle,
  caller,
  LogWorld,
  newDirect,
  newEnvelope,
  newGroup,
  newMember,
  newUser,
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

const unknown = expect.objectContaining({ code: 'conversation/unknown' });
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

type Stay = readonly [joinedSeq: number, leftSeq: number | null];

async function stays(conversation: ConversationId, member: MemberDevice): Promise<readonly Stay[]> {
  const rows = await world.rows<{ joined_seq: string; left_seq: string | null }>(
    'SELECT joined_seq, left_seq FROM members WHERE conversation_id = $1 AND device_id = $2 ORDER BY joined_seq',
    [conversation, member.device],
  );
  return rows.map((row) => [Number(row.joined_seq), row.left_seq === null ? null : Number(row.left_seq)]);
}

async function seqsReadBy(
  conversation: ConversationId,
  member: MemberDevice,
  afterSeq: number,
): Promise<readonly number[]> {
  const page = decode(logPage, await readLogPage(one.pool, { conversation, ...member, afterSeq }));
  return page.entries.map(({ seq }) => seq);
}

describe('a commit that says that those before it were void', () => {
  it('takes up the stay of a member that they left out, with everything in between', async () => {
    const [ana, ben, mallory] = [newMember(), newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben, mallory]);
    await one.commits.commit(
      caller(mallory),
      conversation,
      bundle({ devices: [ana, mallory], commitSeq: 1 }),
    );
    await append(one, { from: ana, conversation, commitSeq: 2 });
    expect(await append(one, { from: ben, conversation, commitSeq: 2 })).toMatchObject([
      { outcome: 'not-member' },
    ]);
    expect(await seqsReadBy(conversation, ben, 1)).toEqual([2]);
    await other.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana, ben, mallory], commitSeq: 2 }),
      { epochSeq: 1 },
    );
    expect(await stays(conversation, ben)).toEqual([[1, null]]);
    expect(await seqsReadBy(conversation, ben, 1)).toEqual([2, 3, 4]);
    expect(await readPending(one.pool, ben)).toEqual([{ conversation, headSeq: 4, cursorSeq: 0 }]);
    expect(await append(one, { from: ben, conversation, commitSeq: 4 })).toMatchObject([
      { outcome: 'accepted', seq: 5 },
    ]);
  });

  it('may be the left-out member’s own, and tells everybody', async () => {
    const [ana, mallory] = [newMember(), newMember()];
    const { asked: conversation } = await newDirect(one, [mallory, ana]);
    await one.commits.commit(caller(mallory), conversation, bundle({ devices: [mallory], commitSeq: 1 }));
    one.published.length = 0;
    const { seq } = await one.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana, mallory], commitSeq: 2 }),
      { epochSeq: 1 },
    );
    expect(await stays(conversation, ana)).toEqual([[1, null]]);
    expect(one.published.map(({ frame }) => frame)).toEqual([
      expect.objectContaining({ type: 'announce', conversation, seq }),
      expect.objectContaining({ type: 'announce', conversation, seq }),
    ]);
  });

  it('ends the stay of a stranger that they had listed', async () => {
    const [ana, mallory, stranger] = [newMember(), newMember(), newMember()];
    const conversation = await newGroup(one, [ana, mallory]);
    await one.commits.commit(
      caller(mallory),
      conversation,
      bundle({ devices: [ana, mallory, stranger], commitSeq: 1 }),
    );
    await one.commits.commit(caller(ana), conversation, bundle({ devices: [ana, mallory], commitSeq: 2 }), {
      epochSeq: 1,
    });
    expect(await stays(conversation, stranger)).toEqual([[2, 3]]);
  });

  it('is taken from a device that left a few times in one stay, and never from one that was no member then', async () => {
    const [ana, mallory, stranger] = [newMember(), newMember(), newMember()];
    const conversation = await newGroup(one, [ana, mallory]);
    let { seq } = await one.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana], commitSeq: 1 }),
    );
    for (let round = 0; round < 3; round++) {
      const appeal = bundle({ devices: [mallory], commitSeq: seq });
      ({ seq } = await one.commits.commit(caller(mallory), conversation, appeal, { epochSeq: 1 }));
      const mend = bundle({ devices: [ana], commitSeq: seq });
      ({ seq } = await one.commits.commit(caller(ana), conversation, mend, { epochSeq: 2 }));
    }
    for (const from of [mallory, stranger])
      await expect(
        one.commits.commit(caller(from), conversation, bundle({ devices: [from], commitSeq: seq }), {
          epochSeq: 1,
        }),
      ).rejects.toEqual(unknown);
    expect((await stays(conversation, ana)).at(-1)?.[1]).toBeNull();
    expect((await stays(conversation, mallory)).at(-1)?.[1]).toBe(seq);
  });

  it('without naming an earlier commit is taken from no device that left', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben]);
    const { seq } = await one.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana], commitSeq: 1 }),
    );
    await expect(
      one.commits.commit(caller(ben), conversation, bundle({ devices: [ana, ben], commitSeq: seq })),
    ).rejects.toEqual(unknown);
  });

  it('takes up no stay of a device that was revoked meanwhile, but as one that departs', async () => {
    const [ana, ben, mallory] = [newMember(), newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben, mallory]);
    await one.commits.commit(
      caller(mallory),
      conversation,
      bundle({ devices: [ana, mallory], commitSeq: 1 }),
    );
    await one.departures.apply([
      { order: 1, kind: 'device', user: ben.user, device: ben.device, session: null, atMs: 5 } as never,
    ]);
    one.published.length = 0;
    await one.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana, ben, mallory], commitSeq: 2 }),
      { epochSeq: 1 },
    );
    expect(one.published.map(({ frame }) => frame)).toContainEqual({
      type: 'departure',
      conversation,
      ...ben,
    });
    expect(await append(one, { from: ben, conversation, commitSeq: 3 })).toMatchObject([
      { outcome: 'not-member' },
    ]);
  });

  it('loses the race against another on the same seq like any commit, and its appeal is not used up', async () => {
    const [ana, ben, mallory] = [newMember(), newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben, mallory]);
    await one.commits.commit(caller(mallory), conversation, bundle({ devices: [mallory], commitSeq: 1 }));
    const everybody = [ana, ben, mallory];
    const results = await Promise.allSettled(
      [ana, ben].map((from, index) =>
        (index === 0 ? one : other).commits.commit(
          caller(from),
          conversation,
          bundle({ devices: everybody, commitSeq: 2 }),
          { epochSeq: 1 },
        ),
      ),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const rows = await world.rows('SELECT appeals FROM members WHERE conversation_id = $1 AND appeals > 0', [
      conversation,
    ]);
    expect(rows).toEqual([{ appeals: 1 }]);
    for (const member of everybody) expect(await stays(conversation, member)).toEqual([[1, null]]);
  });
});

describe('a commit that adds a member anew', () => {
  it('begins its stay again, gives it the welcome, and loses nothing before', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben]);
    await append(one, { from: ana, conversation, commitSeq: 1 });
    const { seq } = await one.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana, ben], commitSeq: 1, welcome: utf8('welcome') }),
      { readds: ben.device },
    );
    expect(await stays(conversation, ben)).toEqual([
      [1, seq],
      [seq, null],
    ]);
    expect(await seqsReadBy(conversation, ben, 1)).toEqual([2, 3]);
    const page = decode(logPage, await readLogPage(one.pool, { conversation, ...ben, afterSeq: 2 }));
    expect(page.entries.map(({ welcome }) => Buffer.from(welcome).toString())).toEqual(['welcome']);
    expect(await append(one, { from: ana, conversation, commitSeq: 1 })).toMatchObject([
      { outcome: 'stale-commit' },
    ]);
  });
});

describe('a request to be added anew', () => {
  it('stands in the log once, however often it is sent, and is announced', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben]);
    const envelope = newEnvelope();
    one.published.length = 0;
    const first = await one.readdRequests.request(caller(ben), conversation, envelope);
    expect(await other.readdRequests.request(caller(ben), conversation, envelope)).toEqual(first);
    expect(first.seq).toBe(2);
    const page = decode(logPage, await readLogPage(one.pool, { conversation, ...ana, afterSeq: 1 }));
    expect(page).toMatchObject({ headSeq: 2, entries: [{ seq: 2, kind: 'readd-request', devices: [ben] }] });
    expect(one.published.map(({ frame }) => frame)).toContainEqual(
      expect.objectContaining({ type: 'announce', seq: 2 }),
    );
    expect(await append(one, { from: ana, conversation, commitSeq: 1 })).toMatchObject([
      { outcome: 'accepted', seq: 3 },
    ]);
  });

  it('is taken from members only', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben]);
    await one.departures.leave(ben.user, conversation);
    const otherDevice = newMember(ana.user);
    for (const from of [ben, otherDevice, newMember(newUser())])
      await expect(one.readdRequests.request(caller(from), conversation, newEnvelope())).rejects.toEqual(
        unknown,
      );
  });
});

describe('a statement', () => {
  it('is kept, the latest of each device, and told to whoever asks, with whose it is', async () => {
    const [ana, ben, cleo] = [newMember(), newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben, cleo]);
    one.published.length = 0;
    const answer = (text: string) => ({ purpose: 'answer', commitSeq: 1, statement: utf8(text) }) as const;
    await one.statements.compare(caller(ben), conversation, answer('old'));
    await other.statements.compare(caller(ben), conversation, answer('new'));
    expect(one.published).toEqual([]);
    const ask = { purpose: 'ask', commitSeq: 1, statement: utf8('mine') } as const;
    const { statements } = await one.statements.compare(caller(ana), conversation, ask);
    expect(
      statements.map((each) => ({ ...each, statement: Buffer.from(each.statement).toString() })),
    ).toEqual([{ ...ben, statement: 'new' }]);
    const asked = one.published.map(({ frame }) => frame);
    expect(asked).toHaveLength(3);
    expect(asked[0]).toEqual({ type: 'compare', conversation, user: ana.user, commitSeq: 1 });
    // All who doubt at once ask the members once.
    await one.statements.compare(caller(cleo), conversation, ask);
    expect(one.published).toHaveLength(3);
  });

  it('is neither taken from nor told to who is no member, and goes with its device', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben]);
    const ask = { purpose: 'ask', commitSeq: 1, statement: utf8('mine') } as const;
    await one.statements.compare(caller(ben), conversation, ask);
    await expect(one.statements.compare(caller(newMember()), conversation, ask)).rejects.toEqual(unknown);
    await one.commits.commit(caller(ana), conversation, bundle({ devices: [ana], commitSeq: 1 }));
    await expect(one.statements.compare(caller(ben), conversation, ask)).rejects.toEqual(unknown);
    const left = await world.rows<{ device_id: DeviceId }>(
      'SELECT device_id FROM epoch_statements WHERE conversation_id = $1',
      [conversation],
    );
    expect(left).toEqual([]);
  });
});
