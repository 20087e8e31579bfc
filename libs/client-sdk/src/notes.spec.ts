/** What a history says of who came and went. Real: all of the client. Faked: the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import type { ConversationId } from '@cipherchat/protocol';
import { ModelWorld, type ModelPerson } from './testing/model-world.js';

async function groupOfThree(seed: number) {
  const world = new ModelWorld({ seed });
  const [ana, ben, cleo] = [await world.person('ana'), await world.person('ben'), await world.person('cleo')];
  const group = await ana.client.group({ users: [ben.user, cleo.user], name: 'Three' });
  await world.clock.runUntil(() => cleo.client.conversations()[0]?.name === 'Three');
  const names = new Map([ana, ben, cleo].map(({ user, username }) => [user, username]));
  const notes = async (person: ModelPerson, id: ConversationId = group.id) => {
    const messages = await person.client.conversation(id).messages();
    return messages.flatMap(({ body, sender }) => {
      const all = (users: readonly (typeof ana.user)[]): string =>
        users.map((user) => names.get(user)).join();
      if (body.kind === 'group-profile')
        return [`${all(sender === null ? [] : [sender.user])} named ${body.name}`];
      if (body.kind !== 'membership') return [];
      const by = body.by === null ? 'somebody' : all([body.by]);
      return [`${by} +${all(body.added)} -${all(body.removed)} left:${all(body.left)}`];
    });
  };
  return { world, ana, ben, cleo, group, notes };
}

describe('a history', () => {
  it('says who added, removed and named, and who left by themselves, to everybody alike', async () => {
    const { world, ana, ben, cleo, group, notes } = await groupOfThree(971);
    await ana.client.conversation(group.id).remove([cleo.user]);
    await world.clock.runUntil(() => cleo.client.conversation(group.id).info.phase === 'removed');
    await ben.client.conversation(group.id).add([cleo.user]);
    await world.clock.runUntil(() => cleo.client.conversation(group.id).info.phase === 'active');
    const before = ana.client.conversation(group.id).info.unreadCount;
    await cleo.client.conversation(group.id).leave();
    await cleo.client.conversation(group.id).leave();
    await world.clock.runUntil(async () => (await group.members()).every(({ user }) => user !== cleo.user));
    await world.clock.run(10_000);
    const [last] = (await notes(ana)).slice(-1);
    expect(last).toMatch(/^(ana|ben) \+ - left:cleo$/);
    for (const person of [ana, ben])
      expect(await notes(person)).toEqual([
        'ana +ana,ben,cleo - left:',
        'ana named Three',
        'ana + -cleo left:',
        'ben +cleo - left:',
        last,
      ]);
    expect(ana.client.conversation(group.id).info.unreadCount).toBe(before);
    expect([ana.faults, ben.faults, cleo.faults]).toEqual([[], [], []]);
    // Added again and removed by another, they are not said to have left.
    await group.add([cleo.user]);
    await world.clock.runUntil(() => cleo.client.conversation(group.id).info.phase === 'active');
    await group.remove([cleo.user]);
    await world.clock.runUntil(() => cleo.client.conversation(group.id).info.phase === 'removed');
    await world.clock.run(5_000);
    expect((await notes(ben)).slice(-1)).toEqual(['ana + -cleo left:']);
    expect(await ben.marks(group.id)).toEqual([]);
  });
});
