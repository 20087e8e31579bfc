/** Bad networks and replaced sockets, over the model of the services. */
import { describe, expect, it } from '@jest/globals';
import type { ModelPerson } from './model-world.js';
import { allRead, begin, world } from './story.js';

export function describeNetworkStories(): void {
  describe('a bad network', () => {
    it('neither loses, repeats nor reorders anything', async () => {
      const [ana, ben] = (await begin({ seed: 21, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
      const toBen = await ana.client.direct(ben.user);
      await toBen.send('0');
      await allRead([ben], toBen.id, ['0']);
      world.network.faults = {
        loseLive: 0.3,
        alterLive: 0.2,
        repeatLive: 0.3,
        delayLive: 0.3,
        loseAnswer: 0.3,
        loseResponse: 0.2,
        loseRequest: 0.2,
        refuseAppend: 0,
      };
      const texts = Array.from({ length: 60 }, (_, index) => `${index}`);
      for (const text of texts.slice(1)) {
        await toBen.send(text);
        await world.clock.run(100);
      }
      await world.clock.run(600_000);
      await allRead([ben], toBen.id, texts);
      expect(await ben.marks(toBen.id)).toEqual([]);
    });

    it('that loses an answer, and then who has the message, tells of both when it is back', async () => {
      const [ana, ben] = (await begin({ seed: 24, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
      const toBen = await ana.client.direct(ben.user);
      await toBen.send('0');
      await allRead([ben], toBen.id, ['0']);
      await ben.client.conversation(toBen.id).markRead();
      await world.clock.run(10_000);
      const headSeq = (): number => world.network.server.store.logs.get(toBen.id)?.headSeq ?? 0;
      const before = headSeq();
      await toBen.send('1');
      // The store has it, and nothing of that has arrived.
      await world.clock.runUntil(() => headSeq() > before);
      ana.goOffline();
      await allRead([ben], toBen.id, ['0', '1']);
      await ben.client.conversation(toBen.id).markRead();
      await world.clock.run(10_000);
      expect((await toBen.messages()).at(-1)?.delivery).toEqual({ kind: 'queued' });
      ana.goOnline();
      await world.clock.run(10_000);
      expect((await toBen.messages()).at(-1)?.delivery).toEqual({ kind: 'read' });
    });

    it('whose gateways restart again and again loses nothing', async () => {
      const [ana, ben] = (await begin({ seed: 22, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
      const toBen = await ana.client.direct(ben.user);
      for (let round = 0; round < 20; round++) {
        await toBen.send(`${round}`);
        await world.clock.run(400);
        world.network.closeAll(1012);
      }
      await allRead(
        [ana, ben],
        toBen.id,
        Array.from({ length: 20 }, (_, index) => `${index}`),
      );
    });

    it('that ends all sessions makes clients sign in again', async () => {
      const [ana, ben] = (await begin({ seed: 23, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
      const toBen = await ana.client.direct(ben.user);
      await toBen.send('before');
      await allRead([ben], toBen.id, ['before']);
      world.network.server.forgetTokens();
      world.network.closeAll(4401);
      await toBen.send('after');
      await allRead([ben], toBen.id, ['before', 'after']);
    });
  });

  describe('a device', () => {
    it('whose socket was replaced by a newer one stops, and does not come back', async () => {
      const [ana] = (await begin({ seed: 31, names: ['ana'] })) as [ModelPerson];
      const old = ana.client;
      await world.clock.runUntil(() => old.connection.kind === 'live');
      await ana.restart();
      await world.clock.runUntil(() => ana.client.connection.kind === 'live');
      await world.clock.run(60_000);
      expect(old.connection).toEqual({ kind: 'stopped', reason: 'replaced' });
      expect(ana.client.connection.kind).toBe('live');
      await expect(old.direct(ana.user)).rejects.toMatchObject({ name: 'SupersededError' });
    });
  });
}
