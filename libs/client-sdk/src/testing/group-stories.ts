/** Groups, over the model of the services. */
import { describe, expect, it } from '@jest/globals';
import type { ModelPerson } from './model-world.js';
import { allRead, begin, isActive, world } from './story.js';

export function describeGroupStories(): void {
  describe('a group', () => {
    it('of three has one order, whoever writes', async () => {
      const [ana, ben, cleo] = (await begin({ seed: 11, names: ['ana', 'ben', 'cleo'] })) as [
        ModelPerson,
        ModelPerson,
        ModelPerson,
      ];
      const group = await ana.client.group({ users: [ben.user, cleo.user], name: 'Tea' });
      await group.send('welcome');
      for (const person of [ana, ben, cleo]) await isActive(person, group.id);
      for (let round = 0; round < 5; round++)
        for (const person of [ana, ben, cleo])
          await person.client.conversation(group.id).send(`${person.username} ${round}`);
      await world.clock.runUntil(async () =>
        (await Promise.all([ana, ben, cleo].map((person) => person.texts(group.id)))).every(
          (texts) => texts.length === 16,
        ),
      );
      const orders = await Promise.all([ana, ben, cleo].map((person) => person.texts(group.id)));
      expect(orders[1]).toEqual(orders[0]);
      expect(orders[2]).toEqual(orders[0]);
      for (const person of [ana, ben, cleo])
        expect(orders[0]?.filter((text) => text.startsWith(`${person.username} `))).toEqual(
          [0, 1, 2, 3, 4].map((round) => `${person.username} ${round}`),
        );
      expect([ana, ben, cleo].map((person) => person.client.conversation(group.id).info.name)).toEqual([
        'Tea',
        'Tea',
        'Tea',
      ]);
    });

    it('lets a newcomer read from their joining on, and one who was removed up to their removal', async () => {
      const [ana, ben, cleo] = (await begin({ seed: 12, names: ['ana', 'ben', 'cleo'] })) as [
        ModelPerson,
        ModelPerson,
        ModelPerson,
      ];
      const group = await ana.client.group({ users: [ben.user] });
      await group.send('before cleo');
      await allRead([ben], group.id, ['before cleo']);
      await group.add([cleo.user]);
      await group.send('with cleo');
      await allRead([cleo], group.id, ['with cleo']);
      await cleo.client.conversation(group.id).send('thanks');
      await allRead([ana, ben], group.id, ['before cleo', 'with cleo', 'thanks']);
      await group.remove([cleo.user]);
      await group.send('without cleo');
      await allRead([ben], group.id, ['before cleo', 'with cleo', 'thanks', 'without cleo']);
      await world.clock.runUntil(() => cleo.client.conversation(group.id).info.phase === 'removed');
      await expect(cleo.client.conversation(group.id).send('still there?')).rejects.toMatchObject({
        reason: 'not-a-member',
      });
      await allRead([cleo], group.id, ['with cleo', 'thanks']);
      expect((await group.members()).map(({ user }) => user).sort()).toEqual([ana.user, ben.user].sort());
    });

    it('takes in the changes of two who commit at the same time', async () => {
      const [ana, ben, cleo, dora] = (await begin({ seed: 13, names: ['ana', 'ben', 'cleo', 'dora'] })) as [
        ModelPerson,
        ModelPerson,
        ModelPerson,
        ModelPerson,
      ];
      const group = await ana.client.group({ users: [ben.user] });
      await isActive(ben, group.id);
      await Promise.all([group.add([cleo.user]), ben.client.conversation(group.id).add([dora.user])]);
      for (const person of [cleo, dora]) await isActive(person, group.id);
      await world.clock.run(5_000);
      for (const person of [ana, ben, cleo, dora]) {
        const members = (await person.client.conversation(group.id).members()).map(({ user }) => user);
        expect(members.sort()).toEqual([ana.user, ben.user, cleo.user, dora.user].sort());
      }
      await group.send('all here');
      await allRead([ben, cleo, dora], group.id, ['all here']);
    });

    it('goes on without one who left', async () => {
      const [ana, ben, cleo] = (await begin({ seed: 14, names: ['ana', 'ben', 'cleo'] })) as [
        ModelPerson,
        ModelPerson,
        ModelPerson,
      ];
      const group = await ana.client.group({ users: [ben.user, cleo.user] });
      await isActive(cleo, group.id);
      await isActive(ben, group.id);
      await cleo.client.conversation(group.id).leave();
      await world.clock.runUntil(() => cleo.client.conversation(group.id).info.phase === 'removed');
      await world.clock.runUntil(async () => (await group.members()).length === 2);
      await group.send('she left');
      await allRead([ben], group.id, ['she left']);
      expect(await cleo.texts(group.id)).toEqual([]);
    });

    it('refuses to add someone whom nobody knows, and says so', async () => {
      const [ana, ben] = (await begin({ seed: 15, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
      const group = await ana.client.group({ users: [ben.user] });
      await isActive(ana, group.id);
      const failures: unknown[] = [];
      ana.on('action-failed', (failure) => failures.push(failure));
      await group.add([group.id as never]);
      await world.clock.runUntil(() => failures.length === 1);
      expect(failures).toEqual([{ conversation: group.id, action: 'add', failure: 'user-unknown' }]);
    });
  });
}
