/** Reading the log against real Postgres: what a device may see, and how much at once. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  decode,
  limits,
  logPage,
  type ConversationId,
  type LogPage,
  type MemberDevice,
} from '@cipherchat/protocol';
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
import { readLogPage } from './log-page.js';

let world: LogWorld;
let store: Replica;

beforeAll(async () => {
  world = await LogWorld.open();
  store = world.replica();
});
afterAll(() => world.close());

const page = async (by: MemberDevice, conversation: ConversationId, afterSeq: number): Promise<LogPage> =>
  decode(logPage, await readLogPage(store.pool, { ...by, conversation, afterSeq }));
const seqs = ({ entries }: LogPage): readonly number[] => entries.map(({ seq }) => seq);
const range = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

async function appendMany(
  from: MemberDevice,
  conversation: ConversationId,
  params: { readonly commitSeq: number; readonly count: number; readonly text?: string },
): Promise<void> {
  const { commitSeq, count, text = 'text' } = params;
  const results = await append(
    store,
    ...Array.from({ length: count }, () => ({ from, conversation, commitSeq, text })),
  );
  expect(results.every(({ outcome }) => outcome === 'accepted')).toBe(true);
}

describe('a page of the log', () => {
  it('holds 100 envelopes at most, and the next goes on where it ended', async () => {
    const ana = newMember();
    const conversation = await newGroup(store, [ana]);
    await appendMany(ana, conversation, { commitSeq: 1, count: 149 });
    const first = await page(ana, conversation, 0);
    expect([first.headSeq, first.floorSeq, seqs(first)]).toEqual([150, 0, range(1, limits.maxPageEnvelopes)]);
    expect(seqs(await page(ana, conversation, 100))).toEqual(range(101, 150));
    expect(seqs(await page(ana, conversation, 150))).toEqual([]);
  });

  it('holds 256 KiB at most, but always one', async () => {
    const ana = newMember();
    const conversation = await newGroup(store, [ana]);
    await appendMany(ana, conversation, { commitSeq: 1, count: 10, text: 'x'.repeat(60_000) });
    expect(seqs(await page(ana, conversation, 1))).toEqual(range(2, 5));
    const large = Buffer.alloc(limits.maxPageBytes * 2, 1);
    const { seq } = await store.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana], commitSeq: 1, commit: large }),
    );
    const last = await page(ana, conversation, seq - 1);
    expect(seqs(last)).toEqual([seq]);
    expect(Buffer.from(last.entries[0]?.ciphertext ?? []).equals(large)).toBe(true);
  });

  it('gives the welcome to its joiner alone, and the device list to all', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(store, [ana]);
    await appendMany(ana, conversation, { commitSeq: 1, count: 3 });
    await store.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana, ben], commitSeq: 1, welcome: Buffer.from('welcome') }),
    );
    const forBen = await page(ben, conversation, 0);
    expect([forBen.floorSeq, seqs(forBen)]).toEqual([4, [5]]);
    expect(forBen.entries[0]).toMatchObject({ kind: 'commit', devices: [ana, ben], commitSeq: 1 });
    expect(Buffer.from(forBen.entries[0]?.welcome ?? []).toString()).toBe('welcome');
    const forAna = await page(ana, conversation, 4);
    expect(forAna.entries[0]).toMatchObject({ devices: [ana, ben], welcome: new Uint8Array(0) });
  });

  it('ends for a removed device with the commit that removed it, whatever comes later', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(store, [ana, ben]);
    const { seq } = await store.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana], commitSeq: 1 }),
    );
    await appendMany(ana, conversation, { commitSeq: seq, count: 5 });
    const read = await page(ben, conversation, 0);
    expect([read.headSeq, seqs(read)]).toEqual([seq, [1, seq]]);
    expect((await page(ben, conversation, seq)).entries).toEqual([]);
  });

  it('leaves out what lies between two stays of a device', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(store, [ana, ben]);
    await store.commits.commit(caller(ana), conversation, bundle({ devices: [ana], commitSeq: 1 }));
    await appendMany(ana, conversation, { commitSeq: 2, count: 3 });
    await store.commits.commit(
      caller(ana),
      conversation,
      bundle({ devices: [ana, ben], commitSeq: 2, welcome: Buffer.from('again') }),
    );
    await appendMany(ana, conversation, { commitSeq: 6, count: 2 });
    const first = await page(ben, conversation, 0);
    expect([first.headSeq, first.floorSeq, seqs(first)]).toEqual([8, 0, [1, 2]]);
    const second = await page(ben, conversation, 2);
    expect([second.headSeq, second.floorSeq, seqs(second)]).toEqual([8, 5, [6, 7, 8]]);
    expect(Buffer.from(second.entries[0]?.welcome ?? []).toString()).toBe('again');
  });

  it('shows cleared envelopes as tombstones, and a floor where rows are gone', async () => {
    const ana = newMember();
    const conversation = await newGroup(store, [ana]);
    await appendMany(ana, conversation, { commitSeq: 1, count: 4 });
    await world.rows('UPDATE envelopes SET ciphertext = NULL WHERE conversation_id = $1 AND seq = 3', [
      conversation,
    ]);
    await world.rows('DELETE FROM envelopes WHERE conversation_id = $1 AND seq <= 2', [conversation]);
    await world.rows('UPDATE conversations SET floor_seq = 2 WHERE id = $1', [conversation]);
    const read = await page(ana, conversation, 0);
    expect([read.floorSeq, read.entries.map(({ seq, kind }) => [seq, kind])]).toEqual([
      2,
      [
        [3, 'tombstone'],
        [4, 'message'],
        [5, 'message'],
      ],
    ]);
  });

  it('is refused to strangers, under a false user, and to a device that departs', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(store, [ana, ben]);
    const unknown = { code: 'conversation/unknown' };
    await expect(page(newMember(), conversation, 0)).rejects.toMatchObject(unknown);
    await expect(page({ ...ana, user: newUser() }, conversation, 0)).rejects.toMatchObject(unknown);
    await store.departures.leave(ben.user, conversation);
    await expect(page(ben, conversation, 0)).rejects.toMatchObject(unknown);
  });
});

describe('what routing knows', () => {
  it('lists the conversations of a user newest first, and says which this device is in', async () => {
    const ana = newMember();
    const laptop = newMember(ana.user);
    const older = await newGroup(store, [ana]);
    const newer = await newGroup(store, [ana, laptop]);
    await append(store, { from: ana, conversation: older, commitSeq: 1 });
    const { conversations, more } = await store.conversations.list(caller(laptop), {});
    expect(more).toBe(false);
    expect(conversations).toEqual([
      { conversation: older, kind: 'group', headSeq: 2, sameUntilSeq: 2, joined: false },
      { conversation: newer, kind: 'group', headSeq: 1, sameUntilSeq: 1, joined: true },
    ]);
    expect(
      (await store.conversations.list(caller(laptop), { after: older })).conversations.map(
        ({ conversation }) => conversation,
      ),
    ).toEqual([newer]);
  });

  it('shows members, cursors and departures to devices of member users, and nothing to others', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const laptop = newMember(ana.user);
    const conversation = await newGroup(store, [ana, ben]);
    await store.departures.leave(ben.user, conversation);
    const read = await store.conversations.read(caller(laptop), conversation);
    expect(read).toMatchObject({
      conversation,
      kind: 'group',
      headSeq: 1,
      lastCommitSeq: 1,
      minCommitSeq: 1,
    });
    expect(read.members).toEqual(
      expect.arrayContaining([
        { ...ana, joinedSeq: 1, cursorSeq: 0, departing: false, readMark: null },
        { ...ben, joinedSeq: 1, cursorSeq: 0, departing: true, readMark: null },
      ]),
    );
    for (const stranger of [newMember(), ben])
      await expect(store.conversations.read(caller(stranger), conversation)).rejects.toMatchObject({
        code: 'conversation/unknown',
      });
  });

  it('gives the GroupInfo of the last commit, with its seq, to a device that may join', async () => {
    const ana = newMember();
    const conversation = await newGroup(store, [ana]);
    await store.commits.commit(caller(ana), conversation, {
      ...bundle({ devices: [ana], commitSeq: 1 }),
      groupInfo: Buffer.from('second'),
    });
    const { groupInfo, commitSeq } = await store.conversations.readGroupInfo(
      caller(newMember(ana.user)),
      conversation,
    );
    expect([Buffer.from(groupInfo).toString(), commitSeq]).toEqual(['second', 2]);
    await expect(store.conversations.readGroupInfo(caller(newMember()), conversation)).rejects.toMatchObject({
      code: 'conversation/unknown',
    });
  });
});
