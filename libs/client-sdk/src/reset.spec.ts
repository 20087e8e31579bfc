/** The last rung of the ladder: a reset by an administrator. Real: all of the client. Faked: the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import { idFromRandom, type ConversationId, type EnvelopeId, type ServerFrame } from '@cipherchat/protocol';
import type { ConversationRow } from './state/rows.js';
import { decodeRow } from './store/row-codec.js';
import type { ModelPerson, ModelWorld } from './testing/model-world.js';
import { everybodyCanTalk, groupWithMallory, marksOf, type RepairStory } from './testing/repair-story.js';
import { meet, reads, restore } from './testing/restored-world.js';

const hourMs = 3_600_000;
/** Longer than anybody waits for those who hold a group before founding it anew. */
const foundedMs = 10 * 60_000;

/** By somebody who is in none of it. */
async function reset(world: ModelWorld, conversation: ConversationId): Promise<number> {
  const admin = await world.person(`admin-${world.clock.nowMs()}`);
  const { seq } = await world.waitFor(admin.client.account.resetConversation(conversation));
  return seq;
}

/** Ben and cleo have lost the group; ana, who has it, is away; and what the server keeps for joiners is garbage. */
async function nobodyCanJoin(seed: number): Promise<RepairStory & { readonly lost: readonly ModelPerson[] }> {
  const story = await groupWithMallory(seed, ['ana', 'ben', 'cleo']);
  const [ana, ben, cleo] = story.honest as [ModelPerson, ModelPerson, ModelPerson];
  const { log } = story.mallory;
  for (const person of [ben, cleo]) {
    person.crash();
    person.disk.tables.get('groups')?.clear();
  }
  log.groupInfo = { bytes: Uint8Array.of(9), commitSeq: log.lastCommitSeq };
  await story.in(ana).send('of ana alone');
  await story.world.clock.run(5_000);
  ana.goOffline();
  for (const person of [ben, cleo]) await person.restart();
  return { ...story, lost: [ben, cleo] };
}

function needsAdministrator(story: RepairStory, person: ModelPerson): boolean {
  return story.in(person).info.repair === 'unanswered';
}

describe('a reset of a conversation', () => {
  it('whose refusal reaches a device after it has merged another’s anchor has it make none of its own', async () => {
    const { world, people } = await meet(321, 'ana', 'ben');
    const [ana, ben] = people as [ModelPerson, ModelPerson];
    const group = await ana.client.group({ users: [ben.user] });
    await group.send('one');
    await reads(world, [ben], group.id, 'one');
    await world.clock.run(30_000);
    const { server } = world.network;
    const receive = server.receive.bind(server);
    let late: readonly ServerFrame[] = [];
    server.receive = (who, frame) => {
      const answers = receive(who, frame);
      const isRefused = answers.some(({ type }) => type === 'problem');
      if (who.user !== ben.user || frame.type !== 'append' || !isRefused) return answers;
      late = answers;
      return [];
    };
    // Nobody is told.
    const envelope = idFromRandom<EnvelopeId>(world.random);
    server.conversations.get(group.id)?.reset({ envelope, atMs: world.clock.nowMs(), generation: 1 });
    await ben.client.conversation(group.id).send('of ben');
    await world.clock.runUntil(() => late.length > 0);
    server.receive = receive;
    await group.send('two');
    await reads(world, [ben], group.id, 'two');
    for (const frame of late) world.network.publish(new Set([ben.user]), frame);
    const since = Array.from({ length: 20 }, (_, index) => `since ${index}`);
    for (const text of since) {
      await group.send(text);
      await world.clock.run(3);
    }
    for (const text of ['of ben', ...since]) await reads(world, [ana, ben], group.id, text);
    const anchors = server.conversations.get(group.id)?.entries.filter(({ kind }) => kind === 'anchor');
    expect(anchors).toHaveLength(1);
  });

  it('that was well costs a mark: nothing is lost, and what was written meanwhile arrives once', async () => {
    const { world, people } = await meet(301, 'ana', 'ben', 'cleo');
    const [ana, ben, cleo] = people as [ModelPerson, ModelPerson, ModelPerson];
    const group = await ana.client.group({ users: [ben.user, cleo.user] });
    await group.send('one');
    await reads(world, [ben, cleo], group.id, 'one');
    await world.clock.run(30_000);
    cleo.goOffline();
    await group.send('two');
    const done = reset(world, group.id);
    const texts = ['one', 'two'];
    for (let round = 0; round < 5; round++)
      for (const person of [ana, ben, cleo]) {
        texts.push(`${person.username} ${round}`);
        await person.client.conversation(group.id).send(`${person.username} ${round}`);
        await world.clock.run(400);
      }
    await done;
    cleo.goOnline();
    for (const text of texts) await reads(world, people, group.id, text);
    await world.clock.run(120_000);
    for (const person of people) {
      expect([...(await person.texts(group.id))].sort()).toEqual([...texts].sort());
      expect(await person.marks(group.id)).toEqual(['reset 0']);
      expect(person.faults).toEqual([]);
    }
    const kinds = world.network.server.conversations.get(group.id)?.entries.map(({ kind }) => kind);
    expect(kinds?.filter((kind) => kind === 'anchor')).toHaveLength(1);
    expect(kinds).not.toContain('external-commit');
    expect(world.universe.violations).toEqual([]);
  });

  it('is done once however often it is asked for while the conversation is closed, and again when it is open', async () => {
    const { world, people } = await meet(302, 'ana', 'ben');
    const [ana, ben] = people as [ModelPerson, ModelPerson];
    const chat = await ana.client.direct(ben.user);
    await chat.send('one');
    await reads(world, [ben], chat.id, 'one');
    for (const person of people) person.goOffline();
    const first = await reset(world, chat.id);
    expect(await reset(world, chat.id)).toBe(first);
    for (const person of people) person.goOnline();
    await ben.client.conversation(chat.id).send('two');
    await reads(world, people, chat.id, 'two');
    expect(await reset(world, chat.id)).toBeGreaterThan(first);
    await chat.send('three');
    await reads(world, people, chat.id, 'three');
    await world.clock.run(60_000);
    for (const person of people) {
      expect(await person.texts(chat.id)).toEqual(['one', 'two', 'three']);
      expect(await person.marks(chat.id)).toEqual(['reset 0', 'reset 0']);
    }
    expect(world.universe.violations).toEqual([]);
  });

  it('lets a device that had given up its group take it up again, when nobody else has one', async () => {
    const story = await groupWithMallory(303, ['ana']);
    const [ana] = story.honest as [ModelPerson];
    story.mallory.commitBrokenFor([story.deviceOf(ana).device], 'garbage');
    await story.world.clock.runUntil(() => needsAdministrator(story, ana), 4 * hourMs);
    await story.in(ana).send('waits');
    await reset(story.world, story.conversation);
    await story.world.clock.runUntil(() => !needsAdministrator(story, ana));
    await everybodyCanTalk(story, 'after');
    expect(await ana.texts(story.conversation)).toContain('waits');
    const { entries } = story.mallory.log;
    const anchor = entries.find(({ kind }) => kind === 'anchor');
    expect(anchor?.welcome).toHaveLength(0);
    expect(entries.at(-1)?.kind).toBe('message');
  });

  it('has the group founded anew where nobody who is there holds it, with the same people', async () => {
    const story = await nobodyCanJoin(304);
    const { world, lost } = story;
    const [ben, cleo] = lost as [ModelPerson, ModelPerson];
    await world.clock.runUntil(() => lost.every((person) => needsAdministrator(story, person)), 6 * hourMs);
    const before = new Set(story.mallory.log.current().map(({ user }) => user));
    await story.in(ben).send('waits');
    // The server says that somebody else is a member, too.
    const stranger = await world.person('stranger');
    const [stay] = story.mallory.log.members;
    if (stay === undefined) throw new Error('nobody');
    const { user, device } = stranger.client.self;
    story.mallory.log.members.push({ ...stay, user, device });
    await reset(world, story.conversation);
    await world.clock.run(foundedMs);
    await reads(world, lost, story.conversation, 'waits');
    await story.in(cleo).send('founded');
    await reads(world, lost, story.conversation, 'founded');
    const anchors = story.mallory.log.entries.filter(({ kind }) => kind === 'anchor');
    expect(anchors).toHaveLength(1);
    expect(new Set(story.mallory.log.current().map(({ user }) => user))).toEqual(before);
    for (const person of lost) {
      const marks = await person.marks(story.conversation);
      expect(marks.filter((mark) => mark.startsWith('reset'))).toHaveLength(1);
      expect(needsAdministrator(story, person)).toBe(false);
      expect(await person.texts(story.conversation)).not.toContain('of ana alone');
    }
    expect(world.universe.violations).toEqual([]);
  });

  it('gives a group that was founded anew up for one of before, when its holder is back, and loses nothing', async () => {
    const story = await nobodyCanJoin(305);
    const { world, lost } = story;
    const [ana, ben, cleo] = story.honest as [ModelPerson, ModelPerson, ModelPerson];
    await world.clock.runUntil(() => lost.every((person) => needsAdministrator(story, person)), 6 * hourMs);
    await reset(world, story.conversation);
    await world.clock.run(foundedMs);
    for (const person of [ben, cleo]) {
      await story.in(person).send(`meanwhile ${person.username}`);
      await reads(world, lost, story.conversation, `meanwhile ${person.username}`);
    }
    ana.goOnline();
    await reads(world, [ana], story.conversation, 'meanwhile ben');
    await reads(world, [ana], story.conversation, 'meanwhile cleo');
    await everybodyCanTalk(story, 'after');
    for (const person of story.honest) {
      const texts = await person.texts(story.conversation);
      expect(new Set(texts).size).toBe(texts.length);
    }
    expect((await marksOf(story)).filter((mark) => mark.startsWith('ana: reset'))).toEqual(['ana: reset 0']);
  });

  it('is got through by whoever crashes meanwhile, at any time', async () => {
    for (let round = 0; round < 6; round++) {
      const story = await nobodyCanJoin(310 + round);
      const { world, lost } = story;
      const [ben] = lost as [ModelPerson];
      await world.clock.runUntil(() => lost.every((person) => needsAdministrator(story, person)), 6 * hourMs);
      await reset(world, story.conversation);
      let steps = 0;
      ben.probe = () => {
        steps += 1;
        if (steps === 2 + 2 * round) ben.crash();
      };
      await world.clock.run(foundedMs);
      ben.probe = () => undefined;
      if (steps >= 2 + 2 * round) await ben.restart();
      await story.in(ben).send(`after ${round}`);
      await reads(world, lost, story.conversation, `after ${round}`);
      expect(world.universe.violations).toEqual([]);
      for (const person of lost) expect(person.faults).toEqual([]);
    }
  });

  it('makes whoever saw a removal follow nobody who takes the removed person back, until they are added again', async () => {
    const { world, people } = await meet(330, 'ana', 'ben', 'mallory');
    const [ana, ben, mallory] = people as [ModelPerson, ModelPerson, ModelPerson];
    const group = await ana.client.group({ users: [ben.user, mallory.user] });
    await group.send('one');
    await reads(world, [ben, mallory], group.id, 'one');
    await world.clock.run(30_000);
    const { user } = mallory;
    await group.remove([user]);
    await world.clock.run(30_000);
    const refused = () => {
      const bytes = ben.disk.tables.get('conversations')?.get(group.id);
      if (bytes === undefined) throw new Error('no such conversation');
      return decodeRow<ConversationRow>(bytes).lostByRestore?.removedUsers;
    };
    await reset(world, group.id);
    await group.send('two');
    await reads(world, [ben], group.id, 'two');
    expect(refused()).toEqual([user]);
    await group.add([user]);
    await group.send('three');
    await reads(world, people, group.id, 'three');
    expect(refused()).toEqual([]);
  });

  it('that a restore of the server takes back, or that comes while one has closed it, loses nothing', async () => {
    for (const order of ['reset first', 'restore first'] as const) {
      const { world, people } = await meet(320, 'ana', 'ben');
      const [ana, ben] = people as [ModelPerson, ModelPerson];
      const group = await ana.client.group({ users: [ben.user] });
      await group.send('one');
      await reads(world, [ben], group.id, 'one');
      await world.clock.run(30_000);
      const backup = world.network.server.backup();
      await group.send('two');
      await reads(world, [ben], group.id, 'two');
      if (order === 'reset first') {
        await reset(world, group.id);
        await restore(world, backup);
      } else {
        for (const person of people) person.goOffline();
        world.network.server.restore(backup);
        await reset(world, group.id);
        for (const person of people) person.goOnline();
      }
      await group.send('three');
      await ben.client.conversation(group.id).send('four');
      await reads(world, people, group.id, 'three');
      await reads(world, people, group.id, 'four');
      await world.clock.run(60_000);
      for (const person of people) {
        const texts = await person.texts(group.id);
        expect([order, [...texts].sort()]).toEqual([order, ['four', 'one', 'three', 'two']]);
        expect((await person.marks(group.id)).filter((mark) => !mark.startsWith('reset'))).toEqual([]);
      }
      expect(world.universe.violations).toEqual([]);
    }
  });
});
