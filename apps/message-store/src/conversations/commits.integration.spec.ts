/** Commits against real Postgres: two replicas race on one database. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { subjects, type ConversationId, type DeviceId, type MemberDevice } from '@cipherchat/protocol';
import {
  append,
  bundle,
  caller,
  LogWorld,
  newDirect,
  newEnvelope,
  newGroup,
  newId,
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

type MemberRow = {
  readonly device_id: DeviceId;
  readonly joined_seq: string;
  readonly left_seq: string | null;
};

async function stays(
  conversation: ConversationId,
): Promise<ReadonlyMap<DeviceId, readonly [number, number | null]>> {
  const rows = await world.rows<MemberRow>(
    'SELECT device_id, joined_seq, left_seq FROM members WHERE conversation_id = $1 ORDER BY joined_seq',
    [conversation],
  );
  return new Map(
    rows.map(({ device_id: device, joined_seq: joined, left_seq: left }) => [
      device,
      [Number(joined), left === null ? null : Number(left)],
    ]),
  );
}

async function window(conversation: ConversationId): Promise<readonly unknown[]> {
  const [row] = await world.rows<{
    head_seq: string;
    last_commit_seq: string;
    min_commit_seq: string;
    open_commit_seqs: string[];
  }>('SELECT * FROM conversations WHERE id = $1', [conversation]);
  return [
    Number(row?.head_seq),
    Number(row?.last_commit_seq),
    Number(row?.min_commit_seq),
    row?.open_commit_seqs.map(Number),
  ];
}

describe('a commit', () => {
  it('stores its device list, welcome and GroupInfo, and opens a new window when the members change', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(one, [ana]);
    expect(await window(conversation)).toEqual([1, 1, 1, [1]]);
    await append(one, { from: ana, conversation, commitSeq: 1 });
    const accepted = await one.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana, ben], commitSeq: 1, welcome: Buffer.from('welcome') }),
    );
    expect(accepted).toMatchObject({ kind: 'accepted', seq: 3 });
    expect(await window(conversation)).toEqual([3, 3, 3, [3]]);
    expect(await stays(conversation)).toEqual(
      new Map([
        [ana.device, [1, null]],
        [ben.device, [3, null]],
      ]),
    );
    const [row] = await world.rows('SELECT commit_seq FROM group_infos WHERE conversation_id = $1', [
      conversation,
    ]);
    expect(row).toEqual({ commit_seq: '3' });
    const removal = await other.commits.commit(
      caller(ben),
      conversation,
      bundle({ devices: [ben], commitSeq: 3 }),
    );
    expect(await stays(conversation)).toEqual(
      new Map([
        [ana.device, [1, removal.seq]],
        [ben.device, [3, null]],
      ]),
    );
  });

  it('keeps the window open for an update, and closes it for an external commit', async () => {
    const ana = newMember();
    const conversation = await newGroup(one, [ana]);
    await one.commits.commit(caller(ana), conversation, bundle({ devices: [ana], commitSeq: 1 }));
    expect(await window(conversation)).toEqual([2, 2, 1, [1, 2]]);
    await one.commits.commit(
      caller(ana),
      conversation,
      bundle({ kind: 'external-commit', devices: [ana], commitSeq: 2 }),
    );
    expect(await window(conversation)).toEqual([3, 3, 3, [3]]);
  });

  it('wins alone against another on the same seq, in two replicas', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben]);
    let commitSeq = 1;
    for (let round = 0; round < 20; round++) {
      const results = await Promise.allSettled([
        one.commits.commit(caller(ana), conversation, bundle({ devices: [ana, ben], commitSeq })),
        other.commits.commit(caller(ben), conversation, bundle({ devices: [ana, ben], commitSeq })),
      ]);
      const winners = results.filter(({ status }) => status === 'fulfilled');
      const [loser] = results.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
      expect(winners).toHaveLength(1);
      commitSeq++;
      expect(loser?.reason).toMatchObject({
        code: 'conversation/stale-commit',
        data: { lastCommitSeq: commitSeq },
      });
    }
  });

  it('has its place among appends that race with it: no gap, and nothing stale behind it', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben]);
    const appends = Promise.all(
      Array.from({ length: 50 }, () => append(one, { from: ben, conversation, commitSeq: 1 })),
    );
    const { seq } = await other.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana, ben, newMember()], commitSeq: 1 }),
    );
    const results = (await appends).flat();
    const accepted = results.filter(({ outcome }) => outcome === 'accepted');
    expect(accepted.every((result) => result.seq < seq)).toBe(true);
    expect(
      results.every(
        ({ outcome, seq: place }) => outcome === 'accepted' || (outcome === 'stale-commit' && place === seq),
      ),
    ).toBe(true);
    expect(seq).toBe(accepted.length + 2);
  });

  it('gives a resend its first answer, also after its sender was removed, and from both replicas at once', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben]);
    const repeated = bundle({ devices: [ana, ben], commitSeq: 1 });
    const [first, second] = await Promise.all([
      one.commits.commit(caller(ben), conversation, repeated),
      other.commits.commit(caller(ben), conversation, repeated),
    ]);
    expect(second).toEqual(first);
    await one.commits.commit(caller(ana), conversation, bundle({ devices: [ana], commitSeq: first.seq }));
    expect(await other.commits.commit(caller(ben), conversation, repeated)).toEqual(first);
  });

  it('is announced to the users of before and after', async () => {
    const [ana, ben, caro] = [newMember(), newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben]);
    one.published.length = 0;
    const { seq } = await one.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana, caro], commitSeq: 1, commit: Buffer.alloc(100) }),
    );
    const frame = { type: 'announce', conversation, seq, sizeBytes: 100 };
    expect(one.published).toHaveLength(3);
    expect(one.published).toEqual(
      expect.arrayContaining([ana, ben, caro].map(({ user }) => ({ subject: subjects.live(user), frame }))),
    );
  });

  it('is refused to strangers, to removed devices, and under a false user', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben]);
    const unknown = { code: 'conversation/unknown' };
    await expect(
      one.commits.commit(caller(newMember()), conversation, bundle({ devices: [ana], commitSeq: 1 })),
    ).rejects.toMatchObject(unknown);
    await expect(
      one.commits.commit(
        caller(newMember()),
        conversation,
        bundle({ kind: 'external-commit', devices: [ana], commitSeq: 1 }),
      ),
    ).rejects.toMatchObject(unknown);
    await expect(
      one.commits.commit(
        caller({ ...ana, user: newUser() }),
        conversation,
        bundle({ devices: [ana], commitSeq: 1 }),
      ),
    ).rejects.toMatchObject(unknown);
    await expect(
      one.commits.commit(caller(ana), newId<ConversationId>(), bundle({ devices: [ana], commitSeq: 1 })),
    ).rejects.toMatchObject(unknown);
    const { seq } = await one.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana], commitSeq: 1 }),
    );
    await expect(
      one.commits.commit(caller(ben), conversation, bundle({ devices: [ana, ben], commitSeq: seq })),
    ).rejects.toMatchObject(unknown);
    await expect(
      one.commits.commit(
        caller(ben),
        conversation,
        bundle({ kind: 'external-commit', devices: [ana, ben], commitSeq: seq }),
      ),
    ).rejects.toMatchObject(unknown);
  });

  it('lets another device of a member user join by itself', async () => {
    const ana = newMember();
    const laptop = newMember(ana.user);
    const conversation = await newGroup(one, [ana]);
    await expect(
      one.commits.commit(caller(laptop), conversation, bundle({ devices: [ana, laptop], commitSeq: 1 })),
    ).rejects.toMatchObject({ code: 'conversation/unknown' });
    const { seq } = await one.commits.commit(
      caller(laptop),
      conversation,
      bundle({ kind: 'external-commit', devices: [ana, laptop], commitSeq: 1 }),
    );
    expect((await append(one, { from: laptop, conversation, commitSeq: seq }))[0]?.outcome).toBe('accepted');
  });

  it('must have a device list that can be true', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben]);
    const lists: readonly (readonly MemberDevice[])[] = [
      [],
      [ben],
      [ana, ben, ben],
      [ana, { user: newUser(), device: ben.device }],
    ];
    for (const devices of lists) {
      await expect(
        one.commits.commit(caller(ana), conversation, bundle({ devices, commitSeq: 1 })),
      ).rejects.toMatchObject({ code: 'conversation/device-list-invalid' });
    }
    expect(await window(conversation)).toEqual([1, 1, 1, [1]]);
  });

  it('gives a device that comes back a second stay', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben]);
    await one.commits.commit(caller(ana), conversation, bundle({ devices: [ana], commitSeq: 1 }));
    await one.commits.commit(caller(ana), conversation, bundle({ devices: [ana, ben], commitSeq: 2 }));
    const rows = await world.rows<MemberRow>(
      'SELECT * FROM members WHERE conversation_id = $1 AND device_id = $2 ORDER BY joined_seq',
      [conversation, ben.device],
    );
    expect(rows.map(({ joined_seq: joined, left_seq: left }) => [joined, left])).toEqual([
      ['1', '2'],
      ['3', null],
    ]);
  });
});

describe('a new conversation', () => {
  it('is the same for a resend, and refuses an id that is taken', async () => {
    const ana = newMember();
    const conversation = newId<ConversationId>();
    const request = { conversation, kind: 'group', first: bundle({ devices: [ana] }) } as const;
    const [first, again] = await Promise.all([
      one.commits.create(caller(ana), request),
      other.commits.create(caller(ana), request),
    ]);
    expect(again).toEqual(first);
    await expect(
      one.commits.create(caller(newMember()), { ...request, first: bundle({ devices: [ana] }) }),
    ).rejects.toMatchObject({ code: 'conversation/device-list-invalid' });
    await expect(
      one.commits.create(caller(ana), { ...request, first: bundle({ devices: [ana] }) }),
    ).rejects.toMatchObject({ code: 'conversation/id-taken' });
  });

  it('of two users is one, however often and wherever they create it at the same time', async () => {
    for (let round = 0; round < 20; round++) {
      const [ana, ben] = [newMember(), newMember()];
      const [mine, yours] = await Promise.all([newDirect(one, [ana, ben]), newDirect(other, [ben, ana])]);
      const kinds = [mine.kind, yours.kind].sort();
      expect(kinds).toEqual(['accepted', 'exists']);
      const [winner, loser] = mine.kind === 'accepted' ? [mine, yours] : [yours, mine];
      expect(loser).toMatchObject({ kind: 'exists', conversation: winner.asked });
      expect(await world.rows('SELECT 1 FROM conversations WHERE id = $1', [loser.asked])).toEqual([]);
    }
  });

  it('of two users has two users, and stays theirs', async () => {
    const [ana, ben, caro] = [newMember(), newMember(), newMember()];
    const invalid = { code: 'conversation/device-list-invalid' };
    await expect(newDirect(one, [ana])).rejects.toMatchObject(invalid);
    await expect(newDirect(one, [ana, ben, caro])).rejects.toMatchObject(invalid);
    const { asked: conversation } = await newDirect(one, [ana, ben]);
    await expect(
      one.commits.commit(caller(ana), conversation, bundle({ devices: [ana, ben, caro], commitSeq: 1 })),
    ).rejects.toMatchObject(invalid);
    const phone = newMember(ben.user);
    expect(
      await one.commits.commit(
        caller(ana),
        conversation,
        bundle({ devices: [ana, ben, phone], commitSeq: 1 }),
      ),
    ).toMatchObject({ seq: 2 });
  });

  it('begins with a commit on nothing', async () => {
    const ana = newMember();
    for (const first of [
      bundle({ devices: [ana], commitSeq: 1 }),
      bundle({ devices: [ana], kind: 'external-commit', envelope: newEnvelope() }),
    ]) {
      await expect(
        one.commits.create(caller(ana), { conversation: newId<ConversationId>(), kind: 'group', first }),
      ).rejects.toMatchObject({ code: 'request/malformed' });
    }
  });
});
