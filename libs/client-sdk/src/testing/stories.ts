/** Stories over the model of the services, in virtual time: everything of the client is real; the engine is the caller's. */
import type { MlsEngine } from '@cipherchat/crypto';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ConversationId } from '@cipherchat/protocol';
import { ModelWorld, type ModelPerson } from './model-world.js';

let world = new ModelWorld({ seed: 1 });
let engine: MlsEngine | undefined;
let people: ModelPerson[] = [];

async function begin(params: { readonly seed: number; readonly names: readonly string[] }): Promise<readonly ModelPerson[]> {
  world = new ModelWorld({ seed: params.seed, engine });
  people = [];
  for (const name of params.names) people.push(await world.person(name));
  return people;
}

/** Waits until each person reads exactly these texts. */
async function allRead(readers: readonly ModelPerson[], conversation: ConversationId, texts: readonly string[]): Promise<void> {
  await world.clock
    .runUntil(async () => {
      for (const person of readers) {
        if (!person.client.conversations().some(({ id }) => id === conversation)) return false;
        if ((await person.texts(conversation)).length < texts.length) return false;
      }
      return true;
    })
    .catch(() => undefined);
  for (const person of readers) expect([person.username, await person.texts(conversation)]).toEqual([person.username, texts]);
}

async function isActive(person: ModelPerson, conversation: ConversationId): Promise<void> {
  await world.clock.runUntil(() => person.client.conversations().some(({ id, phase }) => id === conversation && phase === 'active'));
}

/** `makeEngine` is called once; without it each person has a fake engine. */
export function describeStories(name: string, makeEngine?: () => Promise<MlsEngine>): void {
  describe(name, () => {
    beforeAll(async () => {
      engine = await makeEngine?.();
    });

    afterEach(async () => {
      // Nothing of what follows may be lost later on.
      await world.clock.run(150_000);
      for (const person of people) {
        expect([person.username, person.faults]).toEqual([person.username, []]);
        const ids = person.told.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      }
      expect(world.universe.violations).toEqual([]);
    });

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
        expect((await toBen.messages()).map(({ delivery }) => delivery?.kind ?? null)).toEqual(['delivered', 'delivered', null]);
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
        expect((await toBen.messages()).map(({ delivery }) => delivery)).toEqual([{ kind: 'read' }, { kind: 'read' }]);
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
        await world.clock.runUntil(async () => fromAna.id === fromBen.id && (await fromAna.messages()).length === 2 && (await fromBen.messages()).length === 2);
        expect(await ana.texts(fromAna.id)).toEqual(await ben.texts(fromAna.id));
        expect([...(await ana.texts(fromAna.id))].sort()).toEqual(['from ana', 'from ben']);
        expect([ana.client.conversations().length, ben.client.conversations().length]).toEqual([1, 1]);
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

    describe('a group', () => {
      it('of three has one order, whoever writes', async () => {
        const [ana, ben, cleo] = (await begin({ seed: 11, names: ['ana', 'ben', 'cleo'] })) as [ModelPerson, ModelPerson, ModelPerson];
        const group = await ana.client.group({ users: [ben.user, cleo.user], name: 'Tea' });
        await group.send('welcome');
        for (const person of [ana, ben, cleo]) await isActive(person, group.id);
        for (let round = 0; round < 5; round++) for (const person of [ana, ben, cleo]) await person.client.conversation(group.id).send(`${person.username} ${round}`);
        await world.clock.runUntil(async () => (await Promise.all([ana, ben, cleo].map((person) => person.texts(group.id)))).every((texts) => texts.length === 16));
        const orders = await Promise.all([ana, ben, cleo].map((person) => person.texts(group.id)));
        expect(orders[1]).toEqual(orders[0]);
        expect(orders[2]).toEqual(orders[0]);
        for (const person of [ana, ben, cleo]) expect(orders[0]?.filter((text) => text.startsWith(`${person.username} `))).toEqual([0, 1, 2, 3, 4].map((round) => `${person.username} ${round}`));
        expect([ana, ben, cleo].map((person) => person.client.conversation(group.id).info.name)).toEqual(['Tea', 'Tea', 'Tea']);
      });

      it('lets a newcomer read from their joining on, and one who was removed up to their removal', async () => {
        const [ana, ben, cleo] = (await begin({ seed: 12, names: ['ana', 'ben', 'cleo'] })) as [ModelPerson, ModelPerson, ModelPerson];
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
        await expect(cleo.client.conversation(group.id).send('still there?')).rejects.toMatchObject({ reason: 'not-a-member' });
        await allRead([cleo], group.id, ['with cleo', 'thanks']);
        expect((await group.members()).map(({ user }) => user).sort()).toEqual([ana.user, ben.user].sort());
      });

      it('takes in the changes of two who commit at the same time', async () => {
        const [ana, ben, cleo, dora] = (await begin({ seed: 13, names: ['ana', 'ben', 'cleo', 'dora'] })) as [ModelPerson, ModelPerson, ModelPerson, ModelPerson];
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
        const [ana, ben, cleo] = (await begin({ seed: 14, names: ['ana', 'ben', 'cleo'] })) as [ModelPerson, ModelPerson, ModelPerson];
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

    describe('a bad network', () => {
      it('neither loses, repeats nor reorders anything', async () => {
        const [ana, ben] = (await begin({ seed: 21, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
        const toBen = await ana.client.direct(ben.user);
        await toBen.send('0');
        await allRead([ben], toBen.id, ['0']);
        world.network.faults = { loseLive: 0.3, repeatLive: 0.3, delayLive: 0.3, loseAnswer: 0.3, loseResponse: 0.2, loseRequest: 0.2 };
        const texts = Array.from({ length: 60 }, (_, index) => `${index}`);
        for (const text of texts.slice(1)) {
          await toBen.send(text);
          await world.clock.run(100);
        }
        await world.clock.run(600_000);
        await allRead([ben], toBen.id, texts);
        expect(await ben.marks(toBen.id)).toEqual([]);
      });

      it('whose gateways restart again and again loses nothing', async () => {
        const [ana, ben] = (await begin({ seed: 22, names: ['ana', 'ben'] })) as [ModelPerson, ModelPerson];
        const toBen = await ana.client.direct(ben.user);
        for (let round = 0; round < 20; round++) {
          await toBen.send(`${round}`);
          await world.clock.run(400);
          world.network.closeAll(1012);
        }
        await allRead([ana, ben], toBen.id, Array.from({ length: 20 }, (_, index) => `${index}`));
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
  });
}
