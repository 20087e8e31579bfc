/** Read marks on a network that loses them. Real: all of the client. Faked: the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import type { ConversationId, MessageId } from '@cipherchat/protocol';
import { ModelWorld, type ModelPerson } from './testing/model-world.js';
import { seededRandom } from './testing/virtual-clock.js';

async function two(seed: number) {
  const world = new ModelWorld({ seed });
  const [ana, ben] = [await world.person('ana'), await world.person('ben')];
  const { id } = await ana.client.direct(ben.user);
  const stored = (): Uint8Array | null =>
    world.network.server.conversations.get(id)?.memberOf(ben.client.self.device)?.readMark ?? null;
  const says = async (text: string): Promise<MessageId> => {
    const message = await ana.client.conversation(id).send(text);
    await world.clock.runUntil(async () => (await ben.texts(id).catch((): string[] => [])).includes(text));
    return message.id;
  };
  const isRead = async (message: MessageId): Promise<boolean> =>
    (await ana.client.conversation(id).messages()).find((each) => each.id === message)?.delivery?.kind ===
    'read';
  await says('hello');
  await world.clock.run(30_000);
  return { world, ana, ben, id, stored, says, isRead };
}

/** The store takes none of them, and nobody is told. */
function loseMarks({ network: { server } }: ModelWorld): () => void {
  const pass = server.store.signal.bind(server.store);
  server.store.signal = (who, frame) => (frame.kind === 'read' ? [] : pass(who, frame));
  return () => {
    server.store.signal = pass;
  };
}

/** How many marks this person's device gives to the server from now on. */
function countMarks(world: ModelWorld, { user }: ModelPerson): () => number {
  let count = 0;
  world.network.sent = (sender, frame) => {
    if (sender === user && frame.type === 'signal' && frame.kind === 'read') count++;
  };
  return () => count;
}

describe('a read mark', () => {
  it('is sent once, where nothing is lost', async () => {
    const { world, ben, id, says, isRead } = await two(701);
    const count = countMarks(world, ben);
    const message = await says('seen at once');
    await ben.client.conversation(id).markRead();
    await world.clock.runUntil(() => isRead(message));
    await world.clock.run(15 * 60_000);
    expect(count()).toBe(1);
  });

  it('that the socket took and the network swallowed is sent again on the next one', async () => {
    const { world, ben, id, says, isRead } = await two(702);
    const message = await says('into the void');
    ben.loseSocket();
    await ben.client.conversation(id).markRead();
    await world.clock.runUntil(() => isRead(message), 5 * 60_000);
  });

  it('that the socket took when it was being closed is sent again', async () => {
    const { world, ben, id, says, isRead } = await two(703);
    const message = await says('the moment it closes');
    await ben.client.conversation(id).markRead();
    ben.goOffline();
    await world.clock.run(60_000);
    expect(await isRead(message)).toBe(false);
    ben.goOnline();
    await world.clock.runUntil(() => isRead(message));
  });

  it('that the server did not take is sent again while the connection lasts, ever more slowly, and no more once it has it', async () => {
    const { world, ben, id, says, isRead, stored } = await two(704);
    const message = await says('refused for now');
    const before = stored();
    const restore = loseMarks(world);
    const count = countMarks(world, ben);
    await ben.client.conversation(id).markRead();
    // What else happens in the conversation is no reason to send it again.
    for (const text of ['one', 'two', 'three']) await says(text);
    expect(count()).toBe(1);
    await world.clock.run(60 * 60_000);
    expect(stored()).toEqual(before);
    expect(count()).toBeGreaterThan(5);
    expect(count()).toBeLessThan(30);
    restore();
    await world.clock.runUntil(() => isRead(message), 10 * 60_000);
    const sent = count();
    await world.clock.run(60 * 60_000);
    expect(count()).toBe(sent);
  });

  it('gives way to a newer one while it waits: the newest is what the server has in the end', async () => {
    const { world, ben, id, says, isRead } = await two(705);
    const messages = [await says('one'), await says('two'), await says('three')];
    const restore = loseMarks(world);
    for (const message of messages.slice(0, 2)) await ben.client.conversation(id).markRead({ upTo: message });
    await world.clock.run(1_000);
    restore();
    await ben.client.conversation(id).markRead({ upTo: messages[2]! });
    await world.clock.run(10 * 60_000);
    expect(await Promise.all(messages.map(isRead))).toEqual([true, true, true]);
  });

  it('that was swallowed is sent again after a crash, at whatever point', async () => {
    for (const point of ['begun', 'decided', 'written', 'published', 'done'] as const)
      for (const step of ['conversation/mark-read', 'conversation/read-mark-sent'] as const) {
        const { world, ben, id, says, isRead } = await two(710);
        const message = await says('and then it crashed');
        ben.probe = (at) => {
          if (at.step === step && at.point === point) ben.crash();
        };
        void ben.client
          .conversation(id)
          .markRead()
          .catch(() => undefined);
        await world.clock.run(2_000);
        ben.probe = () => undefined;
        expect([step, point, ben.isRunning]).toEqual([step, point, false]);
        await ben.restart();
        // What was not written was not read: the person looks again.
        await ben.client.conversation(id).markRead();
        await world.clock.runUntil(() => isRead(message));
      }
  });

  it('that was kept back goes out when they are sent again, without waiting for anything else', async () => {
    const { world, ben, id, says, isRead } = await two(706);
    await ben.client.setReadMarks('kept');
    const message = await says('seen in secret');
    await ben.client.conversation(id).markRead();
    await world.clock.run(60_000);
    expect(await isRead(message)).toBe(false);
    await ben.client.setReadMarks('sent');
    await world.clock.runUntil(() => isRead(message), 1_000);
  });

  it('that a restore of the server took is sent again, also where it took nothing else', async () => {
    const { world, ben, id, says, isRead, stored } = await two(707);
    const { server } = world.network;
    const message = await says('read after the backup');
    await world.clock.run(10_000);
    const backup = server.backup();
    await ben.client.conversation(id).markRead();
    await world.clock.runUntil(() => isRead(message));
    server.restore(backup);
    expect(stored()).toBeNull();
    world.network.closeAll(1006);
    await world.clock.runUntil(() => stored() !== null);
  });

  it('of a request goes out when whoever made it is a contact, however they came to be one', async () => {
    const world = new ModelWorld({ seed: 708 });
    const [ana, ben] = [await world.person('ana', 'kept'), await world.person('ben', 'kept')];
    const group = await ana.client.group({ users: [ben.user] });
    await group.send('who are you?');
    await world.clock.runUntil(
      async () => (await ben.texts(group.id).catch((): string[] => [])).length === 1,
    );
    await ben.client.conversation(group.id).markRead();
    const count = countMarks(world, ben);
    await world.clock.run(60_000);
    expect(count()).toBe(0);
    await ben.client.contacts.openInvite(ana.client.contacts.inviteLink());
    await world.clock.run(1_000);
    expect(count()).toBe(1);
  });

  it('reaches who joins while it is on its way', async () => {
    const world = new ModelWorld({ seed: 720 });
    const [ana, ben, cleo] = [
      await world.person('ana'),
      await world.person('ben'),
      await world.person('cleo'),
    ];
    const group = await ana.client.group({ users: [ben.user] });
    await group.send('hello');
    const reads = (person: ModelPerson, id: ConversationId, text: string): Promise<void> =>
      world.clock.runUntil(async () => (await person.texts(id).catch((): string[] => [])).includes(text));
    await reads(ben, group.id, 'hello');
    const restore = loseMarks(world);
    await ben.client.conversation(group.id).markRead();
    await group.add([cleo.user]);
    await world.clock.runUntil(() => cleo.client.conversations().length === 1);
    await cleo.client.conversation(group.id).send('who has seen this?');
    await reads(ben, group.id, 'who has seen this?');
    await ben.client.conversation(group.id).markRead();
    restore();
    await ana.client.conversation(group.id).markRead();
    const readBy = async (): Promise<readonly string[]> => {
      const last = (await cleo.client.conversation(group.id).messages()).at(-1)!;
      const receipts = await cleo.client.conversation(group.id).receipts(last.id);
      return [...receipts.values()];
    };
    await world.clock.runUntil(async () => (await readBy()).every((state) => state === 'read'), 10 * 60_000);
  });

  it('is with the others in the end, and never more than was seen, in 15 random lives of a reader', async () => {
    let lost = 0;
    for (let seed = 1; seed <= 15; seed++) {
      const { world, ana, ben, id, says } = await two(10_000 + seed);
      const random = seededRandom(seed * 13);
      const below = (count: number): number => (random(1)[0] ?? 0) % count;
      const written: MessageId[] = [];
      let seen = 0;
      let restore = (): void => undefined;
      for (let step = 0; step < 14; step++) {
        restore();
        restore = () => undefined;
        const kind = below(6);
        if (kind <= 1 || written.length === 0) written.push(await says(`number ${step}`));
        if (kind === 2) {
          restore = loseMarks(world);
          lost++;
        }
        if (kind === 3) ben.loseSocket();
        if (kind === 4) {
          ben.goOffline();
          world.clock.setTimer(() => ben.goOnline(), below(10) * 1_000);
        }
        if (kind === 5) {
          let pointsLeft = below(12);
          ben.probe = () => {
            if (pointsLeft-- === 0) ben.crash();
          };
        }
        const upTo = Math.max(seen, below(written.length + 1));
        if (upTo > seen) {
          const asked = ben.client.conversation(id).markRead({ upTo: written[upTo - 1]! });
          await Promise.race([asked.catch(() => undefined), world.clock.run(below(5) * 1_000)]);
        }
        await world.clock.run(below(5) * 1_000);
        ben.probe = () => undefined;
        if (!ben.isRunning) {
          await ben.restart();
          // What was not stored was not seen: the person looks again.
          if (upTo > seen) await ben.client.conversation(id).markRead({ upTo: written[upTo - 1]! });
        }
        seen = upTo;
        await world.clock.run(10_000);
      }
      restore();
      await world.clock.run(15 * 60_000);
      const states = new Map(
        (await ana.client.conversation(id).messages()).map((each) => [each.id, each.delivery?.kind]),
      );
      expect([seed, written.map((message) => states.get(message))]).toEqual([
        seed,
        written.map((_, index) => (index < seen ? 'read' : 'delivered')),
      ]);
      expect([...ana.faults, ...ben.faults]).toEqual([]);
    }
    expect(lost).toBeGreaterThan(10);
  }, 120_000);
});
