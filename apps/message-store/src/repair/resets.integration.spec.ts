/** A reset by an administrator, as the store sees it. Real: Postgres, two replicas of the store's classes. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  decode,
  logPage,
  type AppendResults,
  type ConversationId,
  type LogPage,
  type MemberDevice,
} from '@cipherchat/protocol';
import { readLogPage } from '../conversations/log-page.js';
import { beginGeneration } from '../generations/begin-generation.js';
import {
  append,
  bundle,
  caller,
  LogWorld,
  newEnvelope,
  newGroup,
  newId,
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

async function page(conversation: ConversationId, device: MemberDevice, afterSeq: number): Promise<LogPage> {
  return decode(logPage, await readLogPage(one.pool, { conversation, ...device, afterSeq }));
}

const outcomes = (results: AppendResults['results']) => results.map(({ outcome, seq }) => [outcome, seq]);

async function sameUntil(device: MemberDevice, since: number): Promise<readonly number[]> {
  const { conversations } = await one.conversations.list(caller(device), { since });
  return conversations.map(({ sameUntilSeq }) => sameUntilSeq);
}

describe('a reset', () => {
  it('stands in the log for every member, closes it to all but a member’s anchor, and is logged by its name alone', async () => {
    const [ana, ben, stranger] = [newMember(), newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben]);
    const sent = { from: ana, conversation, commitSeq: 1, envelope: newEnvelope() };
    await append(one, sent);
    one.published.length = 0;
    expect(await one.resets.reset(conversation)).toEqual({ seq: 3 });
    expect(one.logged).toEqual(['messages.conversation-reset']);
    expect(one.published.map(({ frame }) => frame)).toEqual(
      [ana, ben].map(() => expect.objectContaining({ type: 'announce', conversation, seq: 3 })),
    );
    for (const member of [ana, ben])
      expect((await page(conversation, member, 2)).entries).toMatchObject([
        { seq: 3, kind: 'reset', commitSeq: 1, devices: [] },
      ]);
    expect(outcomes(await append(other, { ...sent, envelope: newEnvelope() }))).toEqual([['closed', 0]]);
    expect(outcomes(await append(other, sent))).toEqual([['duplicate', 2]]);
    for (const kind of ['commit', 'external-commit'] as const)
      await expect(
        other.commits.commit(caller(ben), conversation, bundle({ kind, devices: [ana, ben], commitSeq: 1 })),
      ).rejects.toMatchObject({ code: 'conversation/closed' });
    const anchor = bundle({ kind: 'anchor', devices: [ana, ben], commitSeq: 1 });
    await expect(
      one.commits.commit(caller(stranger), conversation, { ...anchor, devices: [ana, ben, stranger] }),
    ).rejects.toMatchObject({ code: 'conversation/unknown' });
    expect(await one.commits.commit(caller(ben), conversation, anchor)).toMatchObject({ seq: 4 });
    expect(outcomes(await append(one, { from: ana, conversation, commitSeq: 4 }))).toEqual([['accepted', 5]]);
    // Another, who was away, may say that the group had gone further.
    expect(
      await one.commits.commit(
        caller(ana),
        conversation,
        bundle({ kind: 'anchor', devices: [ana, ben], commitSeq: 4 }),
      ),
    ).toMatchObject({ seq: 6 });
  });

  it('is one while the conversation is closed, whoever asks, and another when it was opened', async () => {
    const ana = newMember();
    const conversation = await newGroup(one, [ana, newMember()]);
    const [first, second] = await Promise.all([
      one.resets.reset(conversation),
      other.resets.reset(conversation),
    ]);
    expect([first, second]).toEqual([{ seq: 2 }, { seq: 2 }]);
    await one.commits.commit(
      caller(ana),
      conversation,
      bundle({ kind: 'anchor', devices: [ana], commitSeq: 1 }),
    );
    expect(await one.resets.reset(conversation)).toEqual({ seq: 4 });
  });

  it('gives who was removed before it no say by claiming to have been left out', async () => {
    const [ana, ben, cleo] = [newMember(), newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben, cleo]);
    await one.commits.commit(caller(ana), conversation, bundle({ devices: [ana, ben], commitSeq: 1 }));
    await one.resets.reset(conversation);
    const claim = (from: MemberDevice, commitSeq: number, epochSeq: number) =>
      one.commits.commit(
        caller(from),
        conversation,
        bundle({ kind: 'anchor', devices: [ana, ben, from], commitSeq }),
        { epochSeq },
      );
    await expect(claim(cleo, 2, 1)).rejects.toMatchObject({ code: 'conversation/unknown' });
    const anchor = bundle({ kind: 'anchor', devices: [ben], commitSeq: 2 });
    await one.commits.commit(caller(ben), conversation, anchor);
    await expect(claim(cleo, 4, 1)).rejects.toMatchObject({ code: 'conversation/unknown' });
    // Whom an anchor since then has left out may say so.
    const back = bundle({ kind: 'anchor', devices: [ana, ben], commitSeq: 4 });
    expect(await one.commits.commit(caller(ana), conversation, back, { epochSeq: 2 })).toMatchObject({
      seq: 5,
    });
  });

  it('of nothing is an error', async () => {
    await expect(one.resets.reset(newId<ConversationId>())).rejects.toMatchObject({
      code: 'conversation/unknown',
    });
  });

  it('has a group founded anew by a Welcome that every listed device is served, and nobody else', async () => {
    const [ana, ben, cleo] = [newMember(), newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben, cleo]);
    await append(one, { from: ana, conversation, commitSeq: 1, text: 'before' });
    await one.resets.reset(conversation);
    const welcome = Buffer.from('welcome');
    const founding = bundle({ kind: 'anchor', devices: [ana, ben], commitSeq: 1, welcome });
    expect(await one.commits.commit(caller(ana), conversation, founding)).toMatchObject({ seq: 4 });
    const first = await page(conversation, ben, 1);
    const rest = await page(conversation, ben, 3);
    const entries = [...first.entries, ...rest.entries];
    expect([...new Map(entries.map(({ seq, kind }) => [seq, kind]))]).toEqual([
      [2, 'message'],
      [3, 'reset'],
      [4, 'anchor'],
    ]);
    expect(
      entries.filter(({ seq }) => seq === 4).map((entry) => Buffer.from(entry.welcome).toString()),
    ).toContain('welcome');
    const { entries: shown } = await page(conversation, cleo, 3);
    expect(shown.map((entry) => [entry.seq, entry.welcome.length])).toEqual([[4, 0]]);
    expect(outcomes(await append(one, { from: cleo, conversation, commitSeq: 4 }))).toEqual([
      ['not-member', 0],
    ]);
    expect(outcomes(await append(one, { from: ben, conversation, commitSeq: 4 }))).toEqual([['accepted', 5]]);
  });

  it('goes with restores, before and after them: what a device knows is told from what it does not', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup(one, [ana, ben]);
    await one.resets.reset(conversation);
    const restored = await one.pool.connect();
    const anchor = (commitSeq: number) => bundle({ kind: 'anchor', devices: [ana, ben], commitSeq });
    try {
      // Closed by a reset, then by a restore; then by both in the other order.
      await beginGeneration(restored);
      expect(outcomes(await append(one, { from: ana, conversation, commitSeq: 1 }))).toEqual([['closed', 0]]);
      expect(await one.commits.commit(caller(ana), conversation, anchor(1))).toMatchObject({ seq: 3 });
      expect(await sameUntil(ana, 1)).toEqual([2]);
      await beginGeneration(restored);
      expect(await one.resets.reset(conversation)).toEqual({ seq: 4 });
      expect(await one.commits.commit(caller(ben), conversation, anchor(3))).toMatchObject({ seq: 5 });
      const [{ generation = 0 } = {}] = await world.rows<{ generation: number }>(
        'SELECT generation FROM store_state',
      );
      expect(await sameUntil(ana, generation - 1)).toEqual([3]);
      // Within one generation nothing was lost.
      await one.resets.reset(conversation);
      expect(await one.commits.commit(caller(ben), conversation, anchor(5))).toMatchObject({ seq: 7 });
      expect(await sameUntil(ana, generation)).toEqual([7]);
    } finally {
      restored.release();
    }
  });
});
