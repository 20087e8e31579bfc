/** A group of which one member turns malicious: what the stories of void commits and of the repair ladder begin with. */
import { expect } from '@jest/globals';
import type { ConversationId, MemberDevice } from '@cipherchat/protocol';
import type { Conversation } from '../conversation.js';
import { MaliciousMember } from './malicious-member.js';
import { ModelWorld, type ModelPerson } from './model-world.js';

export type RepairStory = {
  readonly world: ModelWorld;
  /** Those who stay honest. */
  readonly honest: readonly ModelPerson[];
  readonly conversation: ConversationId;
  readonly mallory: MaliciousMember;
  /** In the group, as the members of the story are named. */
  readonly deviceOf: (person: ModelPerson) => MemberDevice;
  readonly in: (person: ModelPerson) => Conversation;
};

/** The first name makes the group; `mallory` is in it, and taken over. Everybody has said something. */
export async function groupWithMallory(seed: number, names: readonly string[]): Promise<RepairStory> {
  const world = new ModelWorld({ seed });
  const honest: ModelPerson[] = [];
  for (const name of names) honest.push(await world.person(name));
  const mallory = await world.person('mallory');
  const [first, ...others] = honest;
  if (first === undefined) throw new Error('a group of nobody');
  const { id: conversation } = await first.client.group({
    users: [...others, mallory].map(({ user }) => user),
  });
  // Noted now: somebody who has crashed is still a member.
  const devices = new Map(
    honest.map((person) => [person, { user: person.user, device: person.client.self.device }]),
  );
  const story: RepairStory = {
    world,
    honest,
    conversation,
    mallory: new MaliciousMember(world, mallory, conversation),
    deviceOf: (person) => known(devices.get(person)),
    in: (person) => person.client.conversation(conversation),
  };
  const everybody = [...honest, mallory];
  await world.clock.runUntil(() => everybody.every((person) => isActive(person, conversation)));
  for (const person of everybody) {
    await story.in(person).send(`hello from ${person.username}`);
    await world.clock.run(20_000);
  }
  for (const person of everybody) expect(await person.texts(conversation)).toHaveLength(everybody.length);
  story.mallory.takeOver();
  return story;
}

/** Each honest member writes, and all read all of it, in one order; then everything has come to rest. */
export async function everybodyCanTalk(story: RepairStory, word: string): Promise<void> {
  const { world, honest, conversation } = story;
  for (const person of honest) await story.in(person).send(`${word} ${person.username}`);
  await world.clock.runUntil(async () => {
    for (const person of honest)
      if ((await said(person, conversation, word)).length < honest.length) return false;
    return true;
  }, 300_000);
  await world.clock.run(120_000);
  const [first, ...others] = honest;
  if (first === undefined) throw new Error('nobody');
  const order = await said(first, conversation, word);
  expect(order).toHaveLength(honest.length);
  for (const person of others) expect(await said(person, conversation, word)).toEqual(order);
  expect(world.universe.violations).toEqual([]);
  for (const person of honest) expect([person.username, person.faults]).toEqual([person.username, []]);
}

export async function marksOf(story: RepairStory): Promise<readonly string[]> {
  const marks: string[] = [];
  for (const person of story.honest)
    for (const mark of await person.marks(story.conversation)) marks.push(`${person.username}: ${mark}`);
  return marks;
}

async function said(
  person: ModelPerson,
  conversation: ConversationId,
  word: string,
): Promise<readonly string[]> {
  return (await person.texts(conversation)).filter((text) => text.startsWith(`${word} `));
}

function known(device: MemberDevice | undefined): MemberDevice {
  if (device === undefined) throw new Error('not of this story');
  return device;
}

function isActive(person: ModelPerson, conversation: ConversationId): boolean {
  return person.client.conversations().some(({ id, phase }) => id === conversation && phase === 'active');
}
