/** Departures against real Postgres: revoked devices and users who leave. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { subjects, type ConversationId, type MemberDevice, type Revocation } from '@cipherchat/protocol';
import {
  append,
  bundle,
  caller,
  LogWorld,
  newGroup,
  newId,
  newMember,
  type Replica,
} from '../log-world.fixture.js';

let world: LogWorld;
let one: Replica;
let other: Replica;
let order = 0;

beforeAll(async () => {
  world = await LogWorld.open();
  one = world.replica();
  other = world.replica();
});
beforeEach(() => {
  one.published.length = 0;
  other.published.length = 0;
});
afterAll(() => world.close());

function revocation(member: MemberDevice, kind: Revocation['kind'] = 'device'): Revocation {
  order += 1;
  return { order, kind, ...member, session: newId(), atMs: 1_800_000_000_000 };
}

const outcomeOf = async (replica: Replica, from: MemberDevice, conversation: ConversationId, commitSeq = 1) =>
  (await append(replica, { from, conversation, commitSeq }))[0]?.outcome;
const departures = (replica: Replica) => replica.published.filter(({ frame }) => frame.type === 'departure');

describe('a revoked device', () => {
  it('is refused in all its conversations, and the others are told', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversations = await Promise.all([newGroup(one, [ana, ben]), newGroup(one, [ana, ben])]);
    await outcomeOf(one, ben, conversations[0]); // the roster is in memory now
    await one.departures.apply([revocation(ben)]);
    for (const conversation of conversations) {
      expect(await outcomeOf(other, ben, conversation)).toBe('not-member');
      expect(departures(one)).toContainEqual({
        subject: subjects.live(ana.user),
        frame: { type: 'departure', conversation, ...ben },
      });
      await expect(
        one.commits.commit(caller(ben), conversation, bundle({ devices: [ben], commitSeq: 1 })),
      ).rejects.toMatchObject({ code: 'conversation/unknown' });
    }
    expect(departures(one)).toHaveLength(2);
  });

  it('hears nothing more, also from a replica that knows the old roster', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben]);
    await outcomeOf(other, ana, conversation);
    await one.departures.apply([revocation(ben)]);
    other.published.length = 0;
    expect(await outcomeOf(other, ana, conversation)).toBe('accepted');
    expect(other.published.map(({ subject }) => subject)).toEqual([subjects.live(ana.user)]);
  });

  it('leaves its user’s other devices where they are', async () => {
    const ana = newMember();
    const laptop = newMember(ana.user);
    const conversation = await newGroup(one, [ana, laptop]);
    await one.departures.apply([revocation(laptop)]);
    expect(await outcomeOf(one, ana, conversation)).toBe('accepted');
    expect(await outcomeOf(one, laptop, conversation)).toBe('not-member');
  });

  it('departs at once from a group that it is added to afterwards', async () => {
    const [ana, ben] = [newMember(), newMember()];
    await one.departures.apply([revocation(ben)]);
    const conversation = await newGroup(one, [ana]);
    one.published.length = 0;
    const { seq } = await one.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana, ben], commitSeq: 1 }),
    );
    expect(await outcomeOf(one, ben, conversation, seq)).toBe('not-member');
    expect(departures(one)).toContainEqual({
      subject: subjects.live(ana.user),
      frame: { type: 'departure', conversation, ...ben },
    });
  });

  it('is never missed when its revocation races with a commit that adds it', async () => {
    for (let round = 0; round < 20; round++) {
      const [ana, ben] = [newMember(), newMember()];
      const conversation = await newGroup(one, [ana]);
      const [{ seq }] = await Promise.all([
        one.commits.commit(caller(ana), conversation, bundle({ devices: [ana, ben], commitSeq: 1 })),
        other.departures.apply([revocation(ben)]),
      ]);
      expect(await outcomeOf(one, ben, conversation, seq)).toBe('not-member');
    }
  });

  it('is marked once when two replicas apply the same list, and the place in it is remembered', async () => {
    const members = Array.from({ length: 5 }, () => newMember());
    const ana = newMember();
    await newGroup(one, [ana, ...members]);
    const list = members.map((member) => revocation(member));
    one.published.length = 0;
    await Promise.all([one.departures.apply(list), other.departures.apply(list)]);
    const toldToAna = [...departures(one), ...departures(other)].filter(
      ({ subject }) => subject === subjects.live(ana.user),
    );
    expect(toldToAna).toHaveLength(5);
    expect(await other.departures.appliedOrder()).toBe(order);
    await one.departures.apply(list.slice(0, 1));
    expect(await other.departures.appliedOrder()).toBe(order);
  });

  it('in more conversations than one transaction takes departs from all', async () => {
    const ana = newMember();
    const count = 230;
    await world.rows(
      `WITH made AS (
        INSERT INTO conversations (id, kind, head_seq, last_commit_seq, min_commit_seq, open_commit_seqs, roster_version, generation, head_at, created_at)
        SELECT gen_random_uuid(), 2, 1, 1, 1, '{1}', 1, 1, now(), now() FROM generate_series(1, $1) RETURNING id
      ) INSERT INTO members (conversation_id, device_id, joined_seq, user_id) SELECT id, $2, 1, $3 FROM made`,
      [count, ana.device, ana.user],
    );
    await one.departures.apply([revocation(ana)]);
    expect(
      await world.rows(
        'SELECT count(*)::int AS departed FROM members WHERE device_id = $1 AND departing_at IS NOT NULL',
        [ana.device],
      ),
    ).toEqual([{ departed: count }]);
  });
});

describe('a sign-out', () => {
  it('changes no membership', async () => {
    const ana = newMember();
    const conversation = await newGroup(one, [ana]);
    await one.departures.apply([revocation(ana, 'session')]);
    expect(await outcomeOf(one, ana, conversation)).toBe('accepted');
    expect(await one.departures.appliedOrder()).toBe(order);
  });
});

describe('a user who leaves', () => {
  it('departs with all devices, may say so twice, and is removed by the next commit', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const benLaptop = newMember(ben.user);
    const conversation = await newGroup(one, [ana, ben, benLaptop]);
    one.published.length = 0;
    await one.departures.leave(ben.user, conversation);
    await other.departures.leave(ben.user, conversation);
    for (const device of [ben, benLaptop])
      expect(await outcomeOf(one, device, conversation)).toBe('not-member');
    expect(departures(one).filter(({ subject }) => subject === subjects.live(ana.user))).toHaveLength(2);
    expect(departures(other)).toEqual([]);
    const { seq } = await one.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana], commitSeq: 1 }),
    );
    expect(
      await world.rows(
        'SELECT 1 FROM members WHERE conversation_id = $1 AND user_id = $2 AND left_seq = $3',
        [conversation, ben.user, seq],
      ),
    ).toHaveLength(2);
    await expect(one.departures.leave(ben.user, conversation)).rejects.toMatchObject({
      code: 'conversation/unknown',
    });
  });

  it('cannot come back by an external commit before it was removed, nor leave what it is not in', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben]);
    await one.departures.leave(ben.user, conversation);
    const laptop = newMember(ben.user);
    for (const device of [ben, laptop]) {
      await expect(
        one.commits.commit(
          caller(device),
          conversation,
          bundle({ kind: 'external-commit', devices: [ana, ben, laptop], commitSeq: 1 }),
        ),
      ).rejects.toMatchObject({ code: 'conversation/unknown' });
    }
    await expect(one.departures.leave(newMember().user, conversation)).rejects.toMatchObject({
      code: 'conversation/unknown',
    });
  });
});
