/** Messages that disappear, as their people see it. Real: all of the client. Faked: the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import type { ConversationId, MessageId } from '@cipherchat/protocol';
import { textOnDisk } from '../testing/disk-search.js';
import { ModelPerson, type ModelWorld } from '../testing/model-world.js';
import { meet, reads, restore } from '../testing/restored-world.js';

const hourMs = 60 * 60_000;

async function pair(seed: number, kind: 'direct' | 'group' = 'direct') {
  const { world, people } = await meet(seed, 'ana', 'ben');
  const [ana, ben] = people as [ModelPerson, ModelPerson];
  const made = kind === 'direct' ? ana.client.direct(ben.user) : ana.client.group({ users: [ben.user] });
  const { id } = await made;
  await say(ana, id, 'hello');
  await reads(world, people, id, 'hello');
  return { world, people, ana, ben, id };
}

async function say(person: ModelPerson, id: ConversationId, text: string): Promise<MessageId> {
  return (await person.client.conversation(id).send(text)).id;
}

const timersOf = (people: readonly ModelPerson[], id: ConversationId) =>
  people.map(({ client }) => client.conversation(id).info.disappearAfterS);

async function setBy(world: ModelWorld, person: ModelPerson, id: ConversationId, seconds: number | null) {
  await person.client.conversation(id).setTimer(seconds);
  await world.clock.run(1_000);
}

describe('messages that disappear', () => {
  it('go for who sent them when they were sent so long ago, and for who received them when read so long ago', async () => {
    const { world, people, ana, ben, id } = await pair(1);
    await setBy(world, ana, id, 60);
    expect(timersOf(people, id)).toEqual([60, 60]);
    const message = await say(ben, id, 'a secret');
    const gone: MessageId[] = [];
    for (const person of people) person.on('message-removed', (event) => gone.push(event.message));
    await reads(world, people, id, 'a secret');
    await world.clock.run(58_000);
    expect(await ben.texts(id)).toContain('a secret');
    await world.clock.run(3_000);
    expect([await ben.texts(id), gone]).toEqual([['hello'], [message]]);
    await world.clock.run(24 * hourMs);
    // Nobody has seen it at the other end.
    expect(await ana.texts(id)).toContain('a secret');
    expect(ana.client.conversation(id).info.unreadCount).toBe(1);
    await ana.client.conversation(id).markRead();
    await world.clock.run(59_000);
    expect(await ana.texts(id)).toContain('a secret');
    await world.clock.run(2_000);
    expect(await ana.texts(id)).toEqual(['hello']);
    expect(ana.client.conversation(id).info.lastMessage?.body.kind).toBe('timer');
    for (const { disk, faults } of people) expect([textOnDisk(disk, 'a secret'), faults]).toEqual([[], []]);
  });

  it('stay as long as was said when they were written, whatever is set afterwards', async () => {
    const { world, people, ana, ben, id } = await pair(2);
    await setBy(world, ana, id, 3600);
    await say(ana, id, 'for an hour');
    await setBy(world, ben, id, null);
    await say(ana, id, 'for good');
    await reads(world, people, id, 'for good');
    for (const { client } of people) await client.conversation(id).markRead();
    await world.clock.run(2 * hourMs);
    for (const person of people) expect(await person.texts(id)).toEqual(['hello', 'for good']);
  });

  it('are not begun before they are sent, however long that takes', async () => {
    const { world, ana, ben, id } = await pair(3);
    await setBy(world, ana, id, 30);
    ana.goOffline();
    await say(ana, id, 'written long ago');
    await world.clock.run(5 * hourMs);
    expect(await ana.texts(id)).toContain('written long ago');
    ana.goOnline();
    await reads(world, [ben], id, 'written long ago');
    await world.clock.run(31_000);
    expect(await ana.texts(id)).toEqual(['hello']);
  });

  it('go with all that was done to them, and nothing of it is left on a disk', async () => {
    const { world, people, ana, ben, id } = await pair(4);
    await setBy(world, ana, id, 3600);
    const message = await say(ana, id, 'first words');
    await reads(world, people, id, 'first words');
    await ben.client.conversation(id).markRead();
    const at = ana.client.conversation(id);
    await world.clock.run(30 * 60_000);
    await at.edit(message, 'better words');
    await ana.client.conversation(id).react(message, '🦩');
    await ben.client.conversation(id).react(message, '🐙');
    const reply = (await ben.client.conversation(id).send('an answer', { replyTo: message })).id;
    await ben.client.conversation(id).markRead();
    await world.clock.run(29 * 60_000);
    // An edit does not make it stay longer.
    expect(await ben.texts(id)).toEqual(['hello', 'better words', 'an answer']);
    await world.clock.run(2 * 60_000);
    for (const person of people) {
      expect(await person.texts(id)).toEqual(['hello', 'an answer']);
      for (const text of ['first words', 'better words', '🦩', '🐙'])
        expect([person.username, text, textOnDisk(person.disk, text)]).toEqual([person.username, text, []]);
      const [answer] = (await person.client.conversation(id).messages({ limit: 1 })) ?? [];
      expect(answer).toMatchObject({ id: reply, replyTo: message });
      await expect(person.client.conversation(id).message(message)).resolves.toEqual({ kind: 'gone' });
    }
  });

  it('take along what waits to be sent about them', async () => {
    const { world, people, ana, ben, id } = await pair(13);
    await setBy(world, ana, id, 60);
    const message = await say(ana, id, 'first words');
    await reads(world, people, id, 'first words');
    await world.clock.run(1_000); // Ana has the answer, and it counts for her.
    ana.goOffline();
    await world.clock.run(1_000);
    await ana.client.conversation(id).edit(message, 'better words');
    await ana.client.conversation(id).react(message, '🦩');
    await world.clock.run(61_000);
    for (const text of ['first words', 'better words', '🦩']) expect(textOnDisk(ana.disk, text)).toEqual([]);
    ana.goOnline();
    await say(ana, id, 'what follows');
    await reads(world, [ben], id, 'what follows');
    // Ben has it until he has read it, as it was.
    expect(await ben.texts(id)).toEqual(['hello', 'first words', 'what follows']);
    for (const person of people) expect([await person.marks(id), person.faults]).toEqual([[], []]);
  });

  it('leave no edit with who joined after they were written', async () => {
    const { world, people, ana, id } = await pair(14, 'group');
    await setBy(world, ana, id, 600);
    const message = await say(ana, id, 'first words');
    await reads(world, people, id, 'first words');
    const cleo = await world.person('cleo');
    await ana.client.conversation(id).add([cleo.user]);
    await ana.client.conversation(id).edit(message, 'better words');
    await say(ana, id, 'welcome');
    await reads(world, [cleo], id, 'welcome');
    expect(textOnDisk(cleo.disk, 'better words')).not.toEqual([]);
    await world.clock.run(601_000);
    expect(textOnDisk(cleo.disk, 'better words')).toEqual([]);
  });

  it('all begin to count when many are read at once and the client dies in the midst of that', async () => {
    const { world, ana, ben, id } = await pair(15);
    await setBy(world, ana, id, 3600);
    ben.goOffline();
    for (let sent = 0; sent < 220; sent++) await say(ana, id, `one of many ${sent}.`);
    await world.clock.run(30_000);
    ben.goOnline();
    await world.clock.runUntil(() => ben.client.conversation(id).info.unreadCount === 221);
    ben.probe = ({ step, point }) => {
      if (step === 'expiry/begin' && point === 'decided') ben.crash();
    };
    void ben.client.conversation(id).markRead();
    await world.clock.runUntil(() => !ben.isRunning);
    ben.probe = () => undefined;
    await ben.restart();
    await world.clock.run(2 * hourMs);
    expect(textOnDisk(ben.disk, 'one of many')).toEqual([]);
    expect(await ben.texts(id)).toEqual(['hello']);
  });

  it('are gone when a client opens after their time, before anybody sees them', async () => {
    const { world, people, ana, ben, id } = await pair(5);
    await setBy(world, ana, id, 60);
    await say(ana, id, 'a secret');
    await reads(world, people, id, 'a secret');
    await ben.client.conversation(id).markRead();
    ben.crash();
    await world.clock.run(hourMs);
    expect(textOnDisk(ben.disk, 'a secret')).not.toEqual([]);
    await ben.restart();
    expect(await ben.texts(id)).toEqual(['hello']);
    expect(textOnDisk(ben.disk, 'a secret')).toEqual([]);
  });

  it('do not stay for a clock that was set back, whether their client ran meanwhile or not', async () => {
    for (const meanwhile of ['runs', 'is closed'] as const) {
      const { world, people, ana, ben, id } = await pair(6);
      await setBy(world, ana, id, 3600);
      await say(ana, id, 'a secret');
      await reads(world, people, id, 'a secret');
      await ben.client.conversation(id).markRead();
      await world.clock.run(1_000);
      if (meanwhile === 'is closed') ben.crash();
      ben.clockOffsetMs = -365 * 24 * hourMs;
      if (meanwhile === 'is closed') await ben.restart();
      await world.clock.run(hourMs - 10 * 60_000);
      expect(await ben.texts(id)).toContain('a secret');
      await world.clock.run(15 * 60_000);
      expect(await ben.texts(id)).toEqual(['hello']);
    }
  });

  it('leave counts, previews and receipts right', async () => {
    const { world, people, ana, ben, id } = await pair(7);
    await setBy(world, ana, id, 60);
    await say(ana, id, 'one');
    await setBy(world, ana, id, null);
    await say(ana, id, 'two');
    await reads(world, people, id, 'two');
    expect(ben.client.conversation(id).info.unreadCount).toBe(3);
    const [, , one] = await ben.client.conversation(id).messages();
    await ben.client.conversation(id).markRead({ upTo: one?.id as MessageId });
    expect(ben.client.conversation(id).info.unreadCount).toBe(1);
    await world.clock.run(61_000);
    const { unreadCount, firstUnread, lastMessage } = ben.client.conversation(id).info;
    expect({ unreadCount, lastMessage }).toMatchObject({
      unreadCount: 1,
      lastMessage: { body: { text: 'two' } },
    });
    expect(firstUnread?.message).toBe(lastMessage?.id);
    expect(await ana.texts(id)).toEqual(['hello', 'two']);
  });

  it('are refused a duration that is none', async () => {
    const { ana, id } = await pair(8);
    for (const seconds of [0, -5, 1.5, NaN, 366 * 24 * 3600])
      await expect(ana.client.conversation(id).setTimer(seconds)).rejects.toMatchObject({
        reason: 'not-a-duration',
      });
    expect(ana.client.conversation(id).info.disappearAfterS).toBe(null);
  });

  it('disappear after a restore of the server too, and nobody misses them', async () => {
    const { world, people, ana, ben, id } = await pair(9);
    await setBy(world, ana, id, 60);
    const backup = world.network.server.backup();
    await say(ana, id, 'a secret');
    await say(ben, id, 'another');
    await reads(world, people, id, 'another');
    for (const { client } of people) await client.conversation(id).markRead();
    await world.clock.run(61_000);
    for (const person of people) expect(await person.texts(id)).toEqual(['hello']);
    await restore(world, backup);
    await say(ana, id, 'after it');
    await reads(world, people, id, 'after it');
    await world.clock.run(hourMs);
    for (const person of people) {
      expect([await person.marks(id), person.faults]).toEqual([[], []]);
      for (const text of ['a secret', 'another']) expect(textOnDisk(person.disk, text)).toEqual([]);
    }
  });
});

describe('messages that have disappeared', () => {
  it('are missed by nobody who comes back to a restored server without them', async () => {
    const { world, people, ana, ben, id } = await pair(16);
    await setBy(world, ana, id, 60);
    await reads(world, people, id, 'hello');
    const backup = world.network.server.backup();
    ben.goOffline();
    await say(ana, id, 'a secret');
    await world.clock.run(61_000);
    expect(textOnDisk(ana.disk, 'a secret')).toEqual([]);
    await restore(world, backup);
    ben.goOnline();
    await say(ana, id, 'after it');
    await reads(world, [ben], id, 'after it');
    await world.clock.run(60_000);
    expect([await ben.marks(id), await ben.texts(id)]).toEqual([[], ['hello', 'after it']]);
  });
});

describe('the timer of a conversation', () => {
  it('is on all devices what stands last in the log, of two that set it at once', async () => {
    const { world, people, ana, ben, id } = await pair(10);
    ana.goOffline();
    await ana.client.conversation(id).setTimer(30);
    await setBy(world, ben, id, 60);
    expect(timersOf(people, id)).toEqual([30, 60]);
    ana.goOnline();
    await world.clock.run(60_000);
    expect(timersOf(people, id)).toEqual([30, 30]);
    const notes = await Promise.all(
      people.map(async ({ client }) =>
        (await client.conversation(id).messages()).flatMap(({ body }) =>
          body.kind === 'timer' ? [body.disappearAfterS] : [],
        ),
      ),
    );
    expect(notes).toEqual([
      [60, 30],
      [60, 30],
    ]);
  });

  it('is told to who joins a group later, and to nobody else', async () => {
    const { world, people, ana, id } = await pair(11, 'group');
    await setBy(world, ana, id, 3600);
    const cleo = await world.person('cleo');
    const told: string[] = [];
    for (const person of people) person.on('message', ({ body }) => told.push(body.kind));
    await ana.client.conversation(id).add([cleo.user]);
    const timerOfCleo = () => cleo.client.conversations()[0]?.disappearAfterS;
    await world.clock.runUntil(() => timerOfCleo() === 3600);
    await world.clock.run(10_000);
    expect(told.filter((kind) => kind === 'timer')).toEqual([]);
    const notes = (await cleo.client.conversation(id).messages()).map(({ body }) => body);
    expect(notes).toContainEqual({ kind: 'timer', change: 'told', disappearAfterS: 3600 });
    await say(cleo, id, 'what I write goes too');
    expect((await cleo.client.conversation(id).messages({ limit: 1 }))[0]?.disappearAfterS).toBe(3600);
  });

  it('comes to a device that lost all by what the others write', async () => {
    const { world, ana, ben, id } = await pair(12);
    await setBy(world, ana, id, 3600);
    const recoveryKey = await world.waitFor(ben.client.recovery.newKey());
    await world.waitFor(ben.client.recovery.confirm(recoveryKey));
    await world.clock.run(5_000);
    ben.crash();
    const again = new ModelPerson(world, 'ben');
    await again.recover({ recoveryKey });
    const isIn = () => again.client.conversations()[0]?.phase === 'active';
    await world.clock.runUntil(isIn, 300_000);
    await say(ana, id, 'welcome back');
    await reads(world, [again], id, 'welcome back');
    expect(timersOf([again], id)).toEqual([3600]);
  });
});
