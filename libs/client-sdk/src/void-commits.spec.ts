/** Void commits with false device lists, and what puts them right. Real: all of the client. Faked: the engine, the services, time. */
import { idFromRandom, type DeviceId, type UserId } from '@cipherchat/protocol';
import { describe, expect, it } from '@jest/globals';
import { isGroupInfo } from './testing/malicious-member.js';
import { everybodyCanTalk, groupWithMallory, marksOf, type RepairStory } from './testing/repair-story.js';

function listed(story: RepairStory): readonly string[] {
  return story.mallory.log.current().map(({ device }) => device);
}

/** The store lists exactly the devices of the group, each in the stay that it began with. */
function expectMended(story: RepairStory, joinedSeqs: ReadonlyMap<string, number>): void {
  const { log } = story.mallory;
  expect(new Set(listed(story))).toEqual(new Set(joinedSeqs.keys()));
  for (const { device, joinedSeq } of log.current()) expect(joinedSeq).toBe(joinedSeqs.get(device));
  expect(isGroupInfo(log.groupInfo.bytes)).toBe(true);
}

const stays = (story: RepairStory): ReadonlyMap<string, number> =>
  new Map(story.mallory.log.current().map(({ device, joinedSeq }) => [device, joinedSeq]));

describe('a void commit', () => {
  it('that leaves a member out is put right: nothing of it is missing to the member', async () => {
    const story = await groupWithMallory(61, ['ana', 'ben', 'cleo']);
    const [ana, ben, cleo] = story.honest;
    if (ana === undefined || ben === undefined || cleo === undefined) throw new Error('nobody');
    const before = stays(story);
    story.mallory.commitNonsense([story.deviceOf(ana), story.deviceOf(cleo), story.mallory.self]);
    await story.in(ana).send('between');
    await everybodyCanTalk(story, 'after');
    expectMended(story, before);
    expect(await ben.texts(story.conversation)).toContain('between');
    expect(await marksOf(story)).toEqual([]);
    expect(story.mallory.log.members.every(({ appeals }) => appeals <= 1)).toBe(true);
  });

  it('that leaves out everybody but its author is put right by those who were left out', async () => {
    const story = await groupWithMallory(62, ['ana', 'ben', 'cleo']);
    const before = stays(story);
    story.mallory.commitNonsense([story.mallory.self]);
    await everybodyCanTalk(story, 'after');
    expectMended(story, before);
    expect(await marksOf(story)).toEqual([]);
  });

  it('that leaves out the only other member is put right by that member', async () => {
    const story = await groupWithMallory(63, ['ana']);
    const before = stays(story);
    story.mallory.commitNonsense([story.mallory.self]);
    await everybodyCanTalk(story, 'after');
    expectMended(story, before);
    expect(await marksOf(story)).toEqual([]);
  });

  it('after others that had left out everybody, and that nobody but its author may read, is put right', async () => {
    const story = await groupWithMallory(69, ['ana', 'ben']);
    const [ana, ben] = story.honest;
    if (ana === undefined || ben === undefined) throw new Error('nobody');
    const before = stays(story);
    for (const person of story.honest) person.goOffline();
    story.mallory.commitNonsense([story.deviceOf(ana), story.mallory.self]);
    story.mallory.commitNonsense([story.mallory.self]);
    story.mallory.commitNonsense([story.mallory.self]);
    for (const person of story.honest) person.goOnline();
    await everybodyCanTalk(story, 'after');
    expectMended(story, before);
    expect(await marksOf(story)).toEqual([]);
    expect(story.mallory.log.members.every(({ appeals }) => appeals <= 1)).toBe(true);
  });

  it('that lists a stranger is put right, and the stranger gets nothing that follows', async () => {
    const story = await groupWithMallory(64, ['ana', 'ben']);
    const before = stays(story);
    const stranger = {
      user: idFromRandom<UserId>(story.world.random),
      device: idFromRandom<DeviceId>(story.world.random),
    };
    story.mallory.commitNonsense([...story.honest.map(story.deviceOf), story.mallory.self, stranger]);
    await everybodyCanTalk(story, 'after');
    expectMended(story, before);
    expect(story.mallory.log.memberOf(stranger.device)?.leftSeq).not.toBeNull();
    expect(await marksOf(story)).toEqual([]);
  });

  it('is put right for whoever comes back days later, with all that was written meanwhile', async () => {
    const story = await groupWithMallory(65, ['ana', 'ben']);
    const [ana, ben] = story.honest;
    if (ana === undefined || ben === undefined) throw new Error('nobody');
    ben.crash();
    await ana.client.conversation(story.conversation).send('before it');
    await story.world.clock.run(5_000);
    story.mallory.commitNonsense([story.deviceOf(ana), story.mallory.self]);
    await ana.client.conversation(story.conversation).send('after it');
    await story.world.clock.run(3 * 24 * 60 * 60_000);
    await ben.restart();
    await everybodyCanTalk(story, 'again');
    const texts = await ben.texts(story.conversation);
    expect(texts).toEqual(expect.arrayContaining(['before it', 'after it']));
    expect(await marksOf(story)).toEqual([]);
  });

  it('again and again costs rounds, no messages, and no more than a few appeals of a device', async () => {
    const story = await groupWithMallory(66, ['ana', 'ben', 'cleo']);
    for (let round = 0; round < 8; round++) {
      const kept = story.honest.filter((_, index) => index !== round % 3);
      story.mallory.commitNonsense([...kept.map(story.deviceOf), story.mallory.self]);
      await everybodyCanTalk(story, `round${round}`);
    }
    expect(await marksOf(story)).toEqual([]);
    expect(story.mallory.log.members.every(({ appeals }) => appeals <= 3)).toBe(true);
  });

  it('that says that earlier commits were void gives no device a place in the group', async () => {
    const story = await groupWithMallory(67, ['ana', 'ben', 'cleo']);
    const [ana, , cleo] = story.honest;
    if (ana === undefined || cleo === undefined) throw new Error('nobody');
    const gone = story.deviceOf(cleo);
    await ana.client.conversation(story.conversation).remove([gone.user]);
    await story.world.clock.run(60_000);
    expect(listed(story)).not.toContain(gone.device);
    const remaining = { ...story, honest: story.honest.filter((person) => person !== cleo) };
    const before = stays(story);
    story.mallory.commitNonsense([...remaining.honest.map(story.deviceOf), story.mallory.self, gone], {
      epochSeq: 1,
    });
    await everybodyCanTalk(remaining, 'without cleo');
    expectMended(story, before);
    expect((await cleo.texts(story.conversation)).filter((text) => text.startsWith('without'))).toEqual([]);
    expect(cleo.client.conversation(story.conversation).info.phase).toBe('removed');
  });

  it('of a device that was rightly removed is taken a few times, and changes nothing for good', async () => {
    const story = await groupWithMallory(68, ['ana', 'ben']);
    const [ana] = story.honest;
    if (ana === undefined) throw new Error('nobody');
    const { self, log } = story.mallory;
    const last = log.lastCommitSeq;
    await ana.client.conversation(story.conversation).remove([self.user]);
    await story.world.clock.runUntil(() => !listed(story).includes(self.device));
    let taken = 0;
    for (let attempt = 0; attempt < 6; attempt++) {
      try {
        story.mallory.commitNonsense([self], { epochSeq: last });
        taken++;
      } catch {
        // Refused: it may not say so any more.
      }
      await story.world.clock.run(90_000);
    }
    expect(taken).toBe(3);
    await everybodyCanTalk(story, 'after');
    expect(listed(story)).not.toContain(self.device);
    expect(await marksOf(story)).toEqual([]);
  });
});
