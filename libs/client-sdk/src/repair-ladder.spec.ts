/** The repair ladder, rung by rung (design.md §5). Real: all of the client. Faked: the engine, the services, time. */
import { encode, epochStatement } from '@cipherchat/protocol';
import { describe, expect, it } from '@jest/globals';
import type { ClientEvents } from './events.js';
import { noFaults } from './testing/model-network.js';
import { everybodyCanTalk, groupWithMallory, marksOf } from './testing/repair-story.js';

const hourMs = 3_600_000;

const devices = (people: readonly { readonly client: { readonly self: { readonly device: string } } }[]) =>
  people.map(({ client }) => client.self.device);

describe('a message that fails', () => {
  it('is fetched once more: a live frame that was altered on its way costs nothing', async () => {
    const story = await groupWithMallory(71, ['ana', 'ben']);
    story.world.network.faults = { ...noFaults, alterLive: 1 };
    await everybodyCanTalk(story, 'altered');
    expect(await marksOf(story)).toEqual([]);
  });

  it('for everybody makes nobody rejoin, however many there are: the others are in the same epoch', async () => {
    const story = await groupWithMallory(72, ['ana', 'ben', 'cleo']);
    const before = story.mallory.log.entries.length;
    story.mallory.sendNonsense(12);
    await story.world.clock.run(120_000);
    await everybodyCanTalk(story, 'after');
    const kinds = story.mallory.log.entries.slice(before).map(({ kind }) => kind);
    expect(kinds).not.toContain('external-commit');
    const marks = await marksOf(story);
    expect(marks).toHaveLength(36);
    expect(new Set(marks.map((mark) => mark.split(': ')[1]))).toEqual(new Set(['not-authentic 1']));
  });
});

describe('a commit that fails', () => {
  it('for one member alone makes that one rejoin, and says what it missed', async () => {
    const story = await groupWithMallory(73, ['ana', 'ben', 'cleo']);
    const [ana, ben] = story.honest;
    if (ana === undefined || ben === undefined) throw new Error('nobody');
    story.mallory.commitBrokenFor(devices([ben]));
    await story.world.clock.run(1_000);
    await ana.client.conversation(story.conversation).send('unreadable for ben');
    await story.world.clock.run(60_000);
    await everybodyCanTalk(story, 'after');
    expect(await marksOf(story)).toEqual(['ben: not-authentic 1', 'ben: rejoined 1']);
  });

  it('for all is void: nobody rejoins, and nothing is lost', async () => {
    const story = await groupWithMallory(74, ['ana', 'ben', 'cleo']);
    const before = story.mallory.log.entries.length;
    story.mallory.commitBrokenFor(devices(story.honest));
    await everybodyCanTalk(story, 'after');
    const kinds = story.mallory.log.entries.slice(before).map(({ kind }) => kind);
    expect(kinds).not.toContain('external-commit');
    expect(await marksOf(story)).toEqual([]);
  });

  it('for all is void also when its author says that it merged it', async () => {
    const story = await groupWithMallory(75, ['ana', 'ben', 'cleo']);
    const seq = story.mallory.commitBrokenFor(devices(story.honest));
    story.mallory.lieToHaveMerged(seq, () =>
      encode(epochStatement, {
        commitSeq: seq,
        doubtSeq: 0,
        merges: [{ seq, digest: new Uint8Array(16) }],
      }),
    );
    await everybodyCanTalk(story, 'after');
    expect(await marksOf(story)).toEqual([]);
  });

  it('costs a rejoin, and no more, in a conversation with its author alone', async () => {
    const story = await groupWithMallory(76, ['ana']);
    story.mallory.commitBrokenFor(devices(story.honest));
    await story.world.clock.run(120_000);
    await everybodyCanTalk(story, 'after');
    expect(await marksOf(story)).toEqual(['ana: not-authentic 1', 'ana: rejoined 0']);
  });

  it('holds up nothing for ever when nobody else is there', async () => {
    const story = await groupWithMallory(77, ['ana', 'ben', 'cleo']);
    const [ana, ben, cleo] = story.honest;
    if (ana === undefined || ben === undefined || cleo === undefined) throw new Error('nobody');
    for (const person of [ben, cleo]) person.goOffline();
    story.mallory.commitBrokenFor(devices([ana]));
    await story.world.clock.runUntil(async () =>
      (await ana.marks(story.conversation)).includes('rejoined 0'),
    );
    for (const person of [ben, cleo]) person.goOnline();
    await everybodyCanTalk(story, 'after');
  });

  it('for one, who is then left out by a void commit, and refused, makes it rejoin when that is put right', async () => {
    const story = await groupWithMallory(80, ['ana', 'ben', 'cleo']);
    const [ana, ben, cleo] = story.honest;
    if (ana === undefined || ben === undefined || cleo === undefined) throw new Error('nobody');
    for (const person of [ana, cleo]) person.goOffline();
    story.mallory.commitBrokenFor(devices([ben]));
    await story.world.clock.runUntil(() => story.in(ben).info.phase === 'rejoining');
    story.mallory.commitNonsense([story.deviceOf(ana), story.deviceOf(cleo), story.mallory.self]);
    const refusals: unknown[] = [];
    ben.on('action-failed', (failure) => refusals.push(failure));
    await story.world.clock.runUntil(() => refusals.length > 0);
    for (const person of [ana, cleo]) person.goOnline();
    await story.world.clock.run(60_000);
    await everybodyCanTalk(story, 'after');
  });

  it('is found again after a crash while the others are asked', async () => {
    const story = await groupWithMallory(78, ['ana', 'ben', 'cleo']);
    const [ana, ben] = story.honest;
    if (ana === undefined || ben === undefined) throw new Error('nobody');
    story.mallory.commitBrokenFor(devices([ben]));
    await story.world.clock.run(300);
    ben.crash();
    await story.world.clock.run(10_000);
    await ben.restart();
    await story.world.clock.run(60_000);
    await everybodyCanTalk(story, 'after');
    expect((await ben.marks(story.conversation)).filter((mark) => mark.startsWith('rejoined'))).toHaveLength(
      1,
    );
  });
});

describe('a device that cannot join anew by itself', () => {
  it('asks, is added anew by one commit of a member, and reads on', async () => {
    const story = await groupWithMallory(79, ['ana', 'ben']);
    const [ana, ben] = story.honest;
    if (ana === undefined || ben === undefined) throw new Error('nobody');
    const { log } = story.mallory;
    ben.crash();
    ben.disk.tables.get('groups')?.clear();
    // What the server keeps for joiners is of no use, and nobody mends it.
    log.groupInfo = { bytes: Uint8Array.of(9), commitSeq: log.lastCommitSeq };
    await ana.client.conversation(story.conversation).send('unreadable for ben');
    await story.world.clock.run(5_000);
    await ben.restart();
    await story.world.clock.runUntil(async () => (await ben.marks(story.conversation)).length > 0, 3_600_000);
    const request = log.entries.find(({ kind }) => kind === 'readd-request');
    expect(request?.devices).toEqual([story.deviceOf(ben)]);
    await everybodyCanTalk(story, 'after');
    expect(log.entries.filter(({ kind }) => kind === 'external-commit')).toEqual([]);
    expect((await marksOf(story)).filter((mark) => mark.includes('rejoined'))).toHaveLength(1);
    const stays = log.members.filter(({ device }) => device === ben.client.self.device);
    expect(stays.map(({ leftSeq }) => leftSeq === null)).toEqual([false, true]);
  });

  it('and is refused, since it is no member any more, says so, asks no more, and reads on when it is added', async () => {
    const story = await groupWithMallory(80, ['ana', 'ben']);
    const [ana, ben] = story.honest;
    if (ana === undefined || ben === undefined) throw new Error('nobody');
    const { log } = story.mallory;
    const { user } = ben;
    ben.crash();
    ben.disk.tables.get('groups')?.clear();
    await story.in(ana).remove([user]);
    await story.world.clock.run(60_000);
    log.groupInfo = { bytes: Uint8Array.of(9), commitSeq: log.lastCommitSeq };
    const failures: ClientEvents['action-failed'][] = [];
    await ben.restart();
    ben.on('action-failed', (failure) => failures.push(failure));
    await story.world.clock.run(3_600_000);
    expect(failures).toEqual([
      { conversation: story.conversation, action: 'rejoin', failure: 'conversation-unknown' },
    ]);
    expect(log.entries.filter(({ kind }) => kind === 'readd-request')).toEqual([]);
    await story.in(ana).add([user]);
    await everybodyCanTalk(story, 'after');
  });

  it('and whom nobody can help asks ever less often, says so, and reads on when somebody comes back', async () => {
    const story = await groupWithMallory(81, ['ana', 'ben']);
    const [ana, ben] = story.honest;
    if (ana === undefined || ben === undefined) throw new Error('nobody');
    const { log } = story.mallory;
    ben.crash();
    ben.disk.tables.get('groups')?.clear();
    log.groupInfo = { bytes: Uint8Array.of(9), commitSeq: log.lastCommitSeq };
    await story.in(ana).send('unreadable for ben');
    await story.world.clock.run(5_000);
    ana.goOffline();
    const repair = () => story.in(ben).info.repair;
    const requests = () => log.entries.filter(({ kind }) => kind === 'readd-request').length;
    await ben.restart();
    expect(repair()).toBe('none');
    await story.world.clock.runUntil(() => repair() === 'asked', hourMs);
    expect(requests()).toBe(1);
    await story.world.clock.runUntil(() => repair() === 'unanswered', hourMs);
    expect(requests()).toBe(2);
    await story.world.clock.run(8 * hourMs);
    // After 10 minutes, 20, 40 and so on, with the time that eight external commits take.
    expect(requests()).toBeGreaterThan(4);
    expect(requests()).toBeLessThan(9);
    ben.crash();
    await ben.restart();
    expect(repair()).toBe('unanswered');
    ana.goOnline();
    await story.world.clock.runUntil(() => repair() === 'none', hourMs);
    await everybodyCanTalk(story, 'after');
    expect((await marksOf(story)).filter((mark) => mark.includes('rejoined'))).toHaveLength(1);
  }, 60_000);
});
