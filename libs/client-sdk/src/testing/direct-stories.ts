/** Two people, over the model of the services. */
import { describe, expect, it } from '@jest/globals';
import { conversationRoutes, keysRoutes, problem } from '@cipherchat/protocol';
import { refuse } from './model-http.js';
import type { ModelPerson } from './model-world.js';
import { allRead, begin, isActive, world } from './story.js';

export function describeDirectStories(): void {
  describe('two people', () => {
    it('exchange messages in order, each shown once, and see them delivered', async () => {
      const [ana, ben] = (await begin({ seed: 1, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
      const toBen = await ana.client.direct(ben.user);
      await toBen.send('hello');
      await toBen.send('are you there?');
      await allRead([ben], toBen.id, ['hello', 'are you there?']);
      await ben.client.conversation(toBen.id).send('yes');
      await allRead([ana, ben], toBen.id, ['hello', 'are you there?', 'yes']);
      await world.clock.run(5_000);
      expect((await toBen.messages()).map(({ delivery }) => delivery?.kind ?? null)).toEqual([
        'delivered',
        'delivered',
        null,
      ]);
    });

    it('see read marks, and see none when they are switched off', async () => {
      const [ana, ben] = (await begin({ seed: 2, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
      const toBen = await ana.client.direct(ben.user);
      await toBen.send('one');
      await allRead([ben], toBen.id, ['one']);
      expect(ben.client.conversation(toBen.id).info.unreadCount).toBe(1);
      await ben.client.setReadMarks('kept');
      await ben.client.conversation(toBen.id).markRead();
      await world.clock.run(10_000);
      expect((await toBen.messages())[0]?.delivery).toEqual({ kind: 'delivered' });
      expect(ben.client.conversation(toBen.id).info.unreadCount).toBe(0);
      await ben.client.setReadMarks('sent');
      await toBen.send('two');
      await allRead([ben], toBen.id, ['one', 'two']);
      await ben.client.conversation(toBen.id).markRead();
      await world.clock.run(10_000);
      expect((await toBen.messages()).map(({ delivery }) => delivery)).toEqual([
        { kind: 'read' },
        { kind: 'read' },
      ]);
    });

    it('see which message another one answers, and cannot answer one that is not there', async () => {
      const [ana, ben] = (await begin({ seed: 10, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
      const toBen = await ana.client.direct(ben.user);
      const question = await toBen.send('coffee?');
      await allRead([ben], toBen.id, ['coffee?']);
      await ben.client.conversation(toBen.id).send('yes', { replyTo: question.id });
      await allRead([ana], toBen.id, ['coffee?', 'yes']);
      for (const person of [ana, ben]) {
        const messages = await person.client.conversation(toBen.id).messages();
        expect(messages.map(({ body, replyTo }) => [body, replyTo])).toEqual([
          [{ kind: 'text', text: 'coffee?' }, null],
          [{ kind: 'text', text: 'yes' }, question.id],
        ]);
      }
      const unknown = toBen.id as unknown as typeof question.id;
      await expect(toBen.send('what?', { replyTo: unknown })).rejects.toMatchObject({
        reason: 'unknown-message',
      });
      expect(await toBen.messages()).toHaveLength(2);
    });

    it('see reactions, edits and deletions of each other, also of what was written without a network', async () => {
      const [ana, ben] = (await begin({ seed: 12, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
      const toBen = await ana.client.direct(ben.user);
      const [kept, gone] = [await toBen.send('helo'), await toBen.send('regretted')];
      await allRead([ben], toBen.id, ['helo', 'regretted']);
      const fromBen = ben.client.conversation(toBen.id);
      await fromBen.react(kept.id, '👍');
      await fromBen.react(kept.id, '🎉');
      await fromBen.unreact(kept.id, '🎉');
      ana.goOffline();
      await toBen.edit(kept.id, 'hello');
      await toBen.delete(gone.id);
      expect((await toBen.messages()).map(({ body }) => body)).toEqual([
        { kind: 'text', text: 'hello' },
        { kind: 'deleted' },
      ]);
      ana.crash();
      await ana.restart();
      await ana.client.conversation(toBen.id).send('end');
      await world.clock.runUntil(async () => (await ben.texts(toBen.id)).includes('end'));
      await allRead([ana, ben], toBen.id, ['hello', 'end']);
      for (const person of [ana, ben]) {
        const messages = await person.client.conversation(toBen.id).messages();
        expect(
          messages.map(({ body, edited, reactions }) => [
            body,
            edited !== null,
            reactions.map(({ emoji, user }) => [emoji, user]),
          ]),
        ).toEqual([
          [{ kind: 'text', text: 'hello' }, true, [['👍', ben.user]]],
          [{ kind: 'deleted' }, false, []],
          [{ kind: 'text', text: 'end' }, false, []],
        ]);
      }
      await expect(fromBen.react(gone.id, '👍')).rejects.toMatchObject({ reason: 'message-deleted' });
      await expect(fromBen.react(kept.id, 'ok')).rejects.toMatchObject({ reason: 'not-an-emoji' });
    });

    it('see each other typing', async () => {
      const [ana, ben] = (await begin({ seed: 3, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
      const toBen = await ana.client.direct(ben.user);
      await toBen.send('one');
      await allRead([ben], toBen.id, ['one']);
      const seen: boolean[] = [];
      ben.on('typing', ({ typing }) => seen.push(typing));
      toBen.setTyping(true);
      toBen.setTyping(false);
      await world.clock.run(1_000);
      expect(seen).toEqual([true, false]);
    });

    it('lose nothing when the recipient is away, and have all in order when they return', async () => {
      const [ana, ben] = (await begin({ seed: 4, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
      const toBen = await ana.client.direct(ben.user);
      await toBen.send('0');
      await allRead([ben], toBen.id, ['0']);
      ben.goOffline();
      const texts = Array.from({ length: 250 }, (_, index) => `${index}`);
      for (const text of texts.slice(1)) await toBen.send(text);
      await world.clock.run(60_000);
      expect(await ben.texts(toBen.id)).toEqual(['0']);
      ben.goOnline();
      await allRead([ben], toBen.id, texts);
    });

    it('have what the sender wrote without a network, also after a restart', async () => {
      const [ana, ben] = (await begin({ seed: 5, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
      const toBen = await ana.client.direct(ben.user);
      await toBen.send('before');
      await allRead([ben], toBen.id, ['before']);
      ana.goOffline();
      await toBen.send('written offline');
      expect((await toBen.messages()).at(-1)?.delivery).toEqual({ kind: 'queued' });
      ana.crash();
      await ana.restart();
      await ana.client.conversation(toBen.id).send('written after the restart');
      await allRead([ana, ben], toBen.id, ['before', 'written offline', 'written after the restart']);
    });

    it('who write to each other first at the same time end in one conversation with both messages', async () => {
      const [ana, ben] = (await begin({ seed: 6, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
      const [fromAna, fromBen] = [await ana.client.direct(ben.user), await ben.client.direct(ana.user)];
      await Promise.all([fromAna.send('from ana'), fromBen.send('from ben')]);
      await world.clock.runUntil(
        async () =>
          fromAna.id === fromBen.id &&
          (await fromAna.messages()).length === 2 &&
          (await fromBen.messages()).length === 2,
      );
      expect(await ana.texts(fromAna.id)).toEqual(await ben.texts(fromAna.id));
      expect([...(await ana.texts(fromAna.id))].sort()).toEqual(['from ana', 'from ben']);
      expect([ana.client.conversations().length, ben.client.conversations().length]).toEqual([1, 1]);
    });

    it('see in the order of writing what waits in a 1:1 that lost and what is written into the one that won', async () => {
      const [ana, ben] = (await begin({ seed: 8, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
      ana.goOffline();
      const fromAna = await ana.client.direct(ben.user);
      await fromAna.send('first');
      const fromBen = await ben.client.direct(ana.user);
      await fromBen.send('hello');
      await allRead([ben], fromBen.id, ['hello']);
      await world.clock.runUntil(() => world.network.server.conversations.has(fromBen.id));
      const busy = problem('service/unavailable', { retryAfterMs: 100 });
      const answerCreations = refuse(world.network.server, conversationRoutes.create, busy);
      ana.goOnline();
      await isActive(ana, fromBen.id);
      await ana.client.conversation(fromBen.id).send('second');
      await world.clock.run(2_000);
      answerCreations();
      await allRead([ana, ben], fromBen.id, ['hello', 'first', 'second']);
      expect(fromAna.id).toBe(fromBen.id);
    });

    it('are in one conversation when one of them asks for it twice at once', async () => {
      const [ana, ben] = (await begin({ seed: 9, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
      const [one, other] = await Promise.all([ana.client.direct(ben.user), ana.client.direct(ben.user)]);
      expect(one.id).toBe(other.id);
      await one.send('first');
      await other.send('second');
      await allRead([ana, ben], one.id, ['first', 'second']);
    });

    it('can write to each other within a minute, though the first key packages of one were not taken', async () => {
      const [ana] = (await begin({ seed: 8, names: ['ana'] })) as [ModelPerson];
      const busy = problem('service/unavailable', { retryAfterMs: 100 });
      const accept = refuse(world.network.server, keysRoutes.countKeyPackages, busy);
      const ben = await world.person('ben');
      await world.clock.runUntil(() => ben.client.connection.kind === 'live');
      accept();
      const toBen = await ana.client.direct(ben.user);
      await toBen.send('one');
      await world.clock.run(60_000);
      expect(await ben.texts(toBen.id)).toEqual(['one']);
    });

    it('exchange a message of the longest length and are told of one that is longer', async () => {
      const [ana, ben] = (await begin({ seed: 7, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
      const toBen = await ana.client.direct(ben.user);
      await expect(toBen.send('x'.repeat(64_000))).rejects.toMatchObject({ reason: 'text-too-long' });
      await expect(toBen.send('')).rejects.toMatchObject({ reason: 'text-empty' });
      // The fake engine's ciphertext is a third longer than a real one.
      const long = 'é🙂'.repeat(4_000);
      await toBen.send(long);
      await allRead([ben], toBen.id, [long]);
    });
  });
}
