/** A server that comes back from a backup. Real: all of the client. Faked: the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import { conversationRoutes, problem } from '@cipherchat/protocol';
import { refuse } from './testing/model-http.js';
import type { ModelPerson } from './testing/model-world.js';
import { meet, reads, restore } from './testing/restored-world.js';
import type { Message } from './views.js';

async function allTexts({ client }: ModelPerson): Promise<readonly Message[]> {
  const messages = await Promise.all(
    client.conversations().map(({ id }) => client.conversation(id).messages()),
  );
  return messages.flat().filter(({ body }) => body.kind === 'text');
}

describe('after a restore of the server from a backup', () => {
  it('nothing that was shown is lost or shown twice, and people write on', async () => {
    const { world, people } = await meet(71, 'ana', 'ben');
    const [ana, ben] = people as [ModelPerson, ModelPerson];
    const conversation = await ana.client.direct(ben.user);
    await conversation.send('one');
    await reads(world, [ben], conversation.id, 'one');
    await world.clock.run(30_000);
    const backup = world.network.server.backup();
    await ben.client.conversation(conversation.id).send('two');
    await conversation.send('three');
    await reads(world, [ana, ben], conversation.id, 'two');
    await reads(world, [ana, ben], conversation.id, 'three');
    await world.clock.run(30_000);
    const before = await ana.texts(conversation.id);
    await restore(world, backup);
    await conversation.send('four');
    await ben.client.conversation(conversation.id).send('five');
    await reads(world, [ana, ben], conversation.id, 'four');
    await reads(world, [ana, ben], conversation.id, 'five');
    for (const person of [ana, ben]) {
      const texts = await person.texts(conversation.id);
      expect(texts.slice(0, 3)).toEqual(before);
      expect([...texts].sort()).toEqual(['five', 'four', 'one', 'three', 'two']);
      expect(await person.marks(conversation.id)).toEqual([]);
      expect(new Set(person.told.map(({ id }) => id)).size).toBe(person.told.length);
      expect(person.faults).toEqual([]);
    }
    expect(world.universe.violations).toEqual([]);
    const waiting = await conversation.messages({ limit: 100 });
    expect(waiting.filter(({ delivery }) => delivery?.kind === 'queued')).toEqual([]);
  });

  it('who was away gets what the server had lost, and what was written since, from those who wrote it, once', async () => {
    const { world, people } = await meet(72, 'ana', 'ben', 'cleo');
    const [ana, ben, cleo] = people as [ModelPerson, ModelPerson, ModelPerson];
    const group = await ana.client.group({ users: [ben.user, cleo.user] });
    await group.send('one');
    await reads(world, [ben, cleo], group.id, 'one');
    await world.clock.run(30_000);
    const backup = world.network.server.backup();
    cleo.goOffline();
    await group.send('two');
    await ben.client.conversation(group.id).send('three');
    await group.send('four');
    await reads(world, [ana, ben], group.id, 'three');
    await reads(world, [ana, ben], group.id, 'four');
    await world.clock.run(60_000);
    await restore(world, backup);
    // In the anchored group, which cleo cannot follow from where she left.
    await group.send('five');
    await reads(world, [ben], group.id, 'five');
    cleo.goOnline();
    for (const text of ['two', 'three', 'four', 'five']) await reads(world, [cleo], group.id, text);
    await world.clock.run(60_000);
    expect([...(await cleo.texts(group.id))].sort()).toEqual(['five', 'four', 'one', 'three', 'two']);
    const marks = (await cleo.marks(group.id)).filter((mark) => !mark.startsWith('rejoined'));
    expect(marks).toEqual([]);
    expect(world.universe.violations).toEqual([]);
  });

  it('who was away reads what each of them wrote in the order of writing, also what is written while the others offer it', async () => {
    for (const seed of [101, 102, 103]) {
      const { world, people } = await meet(seed, 'ana', 'ben', 'cleo');
      const [ana, ben, cleo] = people as [ModelPerson, ModelPerson, ModelPerson];
      const group = await ana.client.group({ users: [ben.user, cleo.user] });
      await group.send('start');
      await reads(world, [ben, cleo], group.id, 'start');
      await world.clock.run(30_000);
      const backup = world.network.server.backup();
      cleo.goOffline();
      const texts: string[] = [];
      const write = async (): Promise<void> => {
        texts.push(`text ${texts.length}`);
        await group.send(texts.at(-1) ?? '');
      };
      for (let count = 0; count < 3; count++) await write();
      // His first, and so a commit that cleo does not see: she has to join anew.
      await ben.client.conversation(group.id).send('of ben');
      await reads(world, [ben], group.id, 'text 2');
      await world.clock.run(60_000);
      await restore(world, backup);
      await write();
      await reads(world, [ben], group.id, 'text 3');
      cleo.goOnline();
      let longestMs = 0;
      for (let count = 0; count < 40; count++) {
        await write();
        await world.clock.run(250);
        for (const { delivery, atMs } of await group.messages({ limit: 100 }))
          if (delivery?.kind === 'queued') longestMs = Math.max(longestMs, world.clock.nowMs() - atMs);
      }
      expect(longestMs).toBeLessThan(2_000);
      for (const text of texts) await reads(world, [ben, cleo], group.id, text);
      expect((await cleo.marks(group.id)).map((mark) => mark.split(' ')[0])).toEqual(['rejoined']);
      for (const person of [ana, ben, cleo])
        expect((await person.texts(group.id)).filter((text) => text.startsWith('text'))).toEqual(texts);
      expect(world.universe.violations).toEqual([]);
    }
  });

  it('a conversation that the server has lost altogether is founded again', async () => {
    const { world, people } = await meet(74, 'ana', 'ben');
    const [ana, ben] = people as [ModelPerson, ModelPerson];
    const backup = world.network.server.backup();
    const conversation = await ana.client.direct(ben.user);
    await conversation.send('one');
    await reads(world, [ben], conversation.id, 'one');
    await ben.client.conversation(conversation.id).send('two');
    await reads(world, [ana], conversation.id, 'two');
    // A message whose answer its sender has not seen yet would be shown behind what is sent meanwhile.
    await world.clock.run(30_000);
    await restore(world, backup);
    await conversation.send('three');
    await reads(world, [ben], conversation.id, 'three');
    await ben.client.conversation(conversation.id).send('four');
    await reads(world, [ana], conversation.id, 'four');
    for (const person of [ana, ben]) {
      expect(await person.texts(conversation.id)).toEqual(['one', 'two', 'three', 'four']);
      expect(await person.marks(conversation.id)).toEqual([]);
    }
  });

  it('who comes back when a lost conversation was founded again and went on reads all of its new log', async () => {
    // What the others wrote since is less than what was lost, or more.
    for (const written of [1, 40]) {
      const { world, people } = await meet(89, 'ana', 'ben', 'cleo');
      const [ana, ben, cleo] = people as [ModelPerson, ModelPerson, ModelPerson];
      const backup = world.network.server.backup();
      const group = await ana.client.group({ users: [ben.user, cleo.user] });
      const texts = ['of ana', 'of ben', 'of cleo'];
      for (const [index, person] of people.entries()) {
        await world.clock.runUntil(() => person.client.conversations().some(({ id }) => id === group.id));
        await person.client.conversation(group.id).send(texts[index] ?? '');
      }
      for (const text of texts) await reads(world, people, group.id, text);
      await world.clock.run(30_000);
      cleo.goOffline();
      await restore(world, backup);
      for (let count = 0; count < written; count++) {
        await ben.client.conversation(group.id).send(`since ${count}`);
        texts.push(`since ${count}`);
      }
      await reads(world, [ana], group.id, `since ${written - 1}`);
      cleo.goOnline();
      for (const text of texts) await reads(world, people, group.id, text);
      await cleo.client.conversation(group.id).send('back');
      await reads(world, people, group.id, 'back');
      for (const person of people) {
        expect([...(await person.texts(group.id))].sort()).toEqual([...texts, 'back'].sort());
        expect(await person.marks(group.id)).toEqual([]);
      }
      expect(world.universe.violations).toEqual([]);
    }
  });

  it('of a 1:1 that the server has lost and one that the other person began meanwhile one is left, with all in it', async () => {
    // Which of them is back first depends on the seed.
    for (const seed of [77, 78, 79, 80]) {
      const { world, people } = await meet(seed, 'ana', 'ben');
      const [ana, ben] = people as [ModelPerson, ModelPerson];
      const backup = world.network.server.backup();
      ana.goOffline();
      const toAna = await ben.client.direct(ana.user);
      await toAna.send('one');
      await world.clock.runUntil(async () => (await toAna.messages()).every(({ seq }) => seq !== null));
      await world.clock.run(30_000);
      const toBen = await ana.client.direct(ben.user);
      await toBen.send('two');
      world.network.server.restore(backup);
      world.network.closeAll(1012);
      ana.goOnline();
      await world.clock.runUntil(() => toAna.id === toBen.id);
      for (const text of ['one', 'two']) await reads(world, [ana, ben], toBen.id, text);
      await toAna.send('three');
      await reads(world, [ana, ben], toBen.id, 'three');
      for (const person of [ana, ben]) {
        // What was read before stays where it stands: for each at another place.
        expect([...(await person.texts(toBen.id))].sort()).toEqual(['one', 'three', 'two']);
        // Who had the lost one only by its welcome has to join what is left anew.
        expect((await person.marks(toBen.id)).filter((mark) => !mark.startsWith('rejoined'))).toEqual([]);
      }
    }
  });

  it('what a person does before a lost conversation is founded again is done after it', async () => {
    const { world, people } = await meet(87, 'ana', 'ben', 'dora');
    const [ana, ben, dora] = people as [ModelPerson, ModelPerson, ModelPerson];
    const backup = world.network.server.backup();
    const group = await ana.client.group({ users: [ben.user] });
    await group.send('one');
    await reads(world, [ben], group.id, 'one');
    await world.clock.run(30_000);
    const failures: unknown[] = [];
    ana.on('action-failed', (failure) => failures.push(failure));
    world.network.server.restore(backup);
    world.network.closeAll(1012);
    await group.add([dora.user]);
    await group.send('welcome');
    await reads(world, [ben, dora], group.id, 'welcome');
    expect(failures).toEqual([]);
  });

  it('who learns of it by HTTP, before the end of a silent socket is noticed, takes nothing of the new logs for the old ones', async () => {
    const { world, people } = await meet(90, 'ana', 'ben', 'dora', 'eve');
    const [ana, ben, dora, eve] = people as [ModelPerson, ModelPerson, ModelPerson, ModelPerson];
    const group = await ana.client.group({ users: [ben.user] });
    const texts = ['start', 'lost 1', 'lost 2', 'since 1', 'since 2', 'since 3'];
    const write = async (text: string): Promise<void> => {
      await ben.client.conversation(group.id).send(text);
      await reads(world, [ben], group.id, text);
    };
    await world.clock.runUntil(() => ben.client.conversations().length > 0);
    await write('start');
    await world.clock.run(30_000);
    const backup = world.network.server.backup();
    for (const text of ['lost 1', 'lost 2']) await write(text);
    await reads(world, [ana], group.id, 'lost 2');
    await world.clock.run(30_000);
    ana.loseSocket();
    world.network.server.restore(backup);
    world.network.closeAll(1012);
    // Within the time that a socket may be silent: his anchor, messages and commit stand where she knows other ones.
    await world.clock.run(3_000);
    for (const text of ['since 1', 'since 2', 'since 3']) await ben.client.conversation(group.id).send(text);
    await ben.client.conversation(group.id).add([eve.user]);
    await world.clock.run(3_000);
    expect(ana.client.connection.kind).toBe('live');
    await group.add([dora.user]);
    for (const text of texts) await reads(world, [ana, ben], group.id, text);
    await group.send('welcome');
    await reads(world, people, group.id, 'welcome');
    for (const person of [ana, ben]) {
      expect((await person.texts(group.id)).filter((text) => text !== 'welcome')).toEqual(texts);
      expect(await person.marks(group.id)).toEqual([]);
    }
    expect(people.flatMap(({ faults }) => faults)).toEqual([]);
    expect(world.universe.violations).toEqual([]);
  });

  it('what is written to somebody who is not back yet waits for them, however long', async () => {
    const { world, people } = await meet(91, 'ana', 'ben', 'dora');
    const [ana, ben, dora] = people as [ModelPerson, ModelPerson, ModelPerson];
    const group = await ana.client.group({ users: [dora.user] });
    await group.send('start');
    await reads(world, [dora], group.id, 'start');
    await world.clock.run(30_000);
    ben.goOffline();
    await restore(world, world.network.server.backup());
    const failures: unknown[] = [];
    ana.on('action-failed', (failure) => failures.push(failure));
    const toBen = await ana.client.direct(ben.user);
    await toBen.send('one');
    await group.add([ben.user]);
    await world.clock.run(1_800_000);
    // Soon what is not for him goes first.
    await group.send('without ben');
    await reads(world, [dora], group.id, 'without ben');
    ben.goOnline();
    await reads(world, [ben], toBen.id, 'one');
    await world.clock.run(120_000);
    await group.send('with ben');
    await reads(world, [ben, dora], group.id, 'with ben');
    expect(failures).toEqual([]);
  });

  it('what was given up is still shown when the other person begins the 1:1 that takes its place', async () => {
    const { world, people } = await meet(92, 'ana', 'ben');
    const [ana, ben] = people as [ModelPerson, ModelPerson];
    const { server } = world.network;
    await world.clock.runUntil(() => ana.client.connection.kind === 'live');
    ana.goOffline();
    await restore(world, server.backup());
    const accept = refuse(server, conversationRoutes.create, problem('request/too-large', { maxBytes: 1 }));
    await (await ana.client.direct(ben.user)).send('one');
    ana.goOnline();
    await world.clock.runUntil(async () =>
      (await allTexts(ana)).some(({ delivery }) => delivery?.kind === 'failed'),
    );
    accept();
    await (await ben.client.direct(ana.user)).send('two');
    await world.clock.runUntil(async () => (await allTexts(ana)).length === 2);
    expect((await allTexts(ana)).map(({ body, delivery }) => [body, delivery?.kind])).toEqual([
      [{ kind: 'text', text: 'two' }, undefined],
      [{ kind: 'text', text: 'one' }, 'failed'],
    ]);
  });

  it('a second one is survived as well', async () => {
    const { world, people } = await meet(75, 'ana', 'ben');
    const [ana, ben] = people as [ModelPerson, ModelPerson];
    const conversation = await ana.client.direct(ben.user);
    await conversation.send('0');
    await reads(world, [ben], conversation.id, '0');
    const texts = ['0'];
    for (let round = 1; round < 4; round++) {
      await world.clock.run(30_000);
      const backup = world.network.server.backup();
      const [writer, reader] = round % 2 === 0 ? [ana, ben] : [ben, ana];
      for (const text of [`${round} lost`, `${round} lost too`]) {
        await writer.client.conversation(conversation.id).send(text);
        await reads(world, [reader], conversation.id, text);
        texts.push(text);
      }
      await restore(world, backup);
    }
    await conversation.send('last');
    await reads(world, [ana, ben], conversation.id, 'last');
    for (const person of [ana, ben]) {
      expect(await person.texts(conversation.id)).toEqual([...texts, 'last']);
      expect(await person.marks(conversation.id)).toEqual([]);
    }
    expect(world.universe.violations).toEqual([]);
  });
});
