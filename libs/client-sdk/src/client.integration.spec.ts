/** Real: clients with OpenMLS on SQLite, all services, Postgres, NATS, Redis. Played: the loss of a client's network. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ConversationId } from '@cipherchat/protocol';
import { until, World, type WorldUser } from './testing/world.js';

const storyMs = 60_000;
let world: World;
let people: WorldUser[] = [];

beforeAll(async () => {
  world = await World.start();
}, 120_000);
afterAll(() => world?.stop(), 30_000);

afterEach(async () => {
  for (const person of people) {
    expect(new Set(person.told.map(({ id }) => id)).size).toBe(person.told.length);
    expect(person.faults).toEqual([]);
    await person.stop();
  }
  people = [];
}, 30_000);

async function person(name: string): Promise<WorldUser> {
  const made = await world.user(name);
  people.push(made);
  return made;
}

async function allRead(
  readers: readonly WorldUser[],
  conversation: ConversationId,
  texts: readonly string[],
): Promise<void> {
  for (const reader of readers) {
    await until(
      `${reader.username} reads ${texts.length} texts`,
      async () => (await reader.texts(conversation)).length >= texts.length,
    );
    expect([reader.username, await reader.texts(conversation)]).toEqual([reader.username, texts]);
  }
}

async function isMember(user: WorldUser, conversation: ConversationId): Promise<void> {
  await until(`${user.username} is a member`, () =>
    user.client.conversations().some(({ id, phase }) => id === conversation && phase === 'active'),
  );
}

describe('two people on real services', () => {
  it(
    'exchange messages, see them delivered and read, and have the same safety number',
    async () => {
      const [ana, ben] = [await person('ana'), await person('ben')];
      const found = await ana.client.findUser(ben.username);
      expect(found.user).toBe(ben.user);
      const toBen = await ana.client.direct(found.user);
      await toBen.send('hello');
      await allRead([ben], toBen.id, ['hello']);
      await ben.client.conversation(toBen.id).send('hello yourself');
      await allRead([ana, ben], toBen.id, ['hello', 'hello yourself']);
      await until(
        'ana sees it delivered',
        async () => (await toBen.messages())[0]?.delivery?.kind === 'delivered',
      );
      await ben.client.conversation(toBen.id).markRead();
      await until('ana sees it read', async () => (await toBen.messages())[0]?.delivery?.kind === 'read');
      expect(await ana.client.safetyNumber(ben.user)).toEqual(await ben.client.safetyNumber(ana.user));
    },
    storyMs,
  );

  it(
    'lose nothing while the recipient is away: it is all there, in order, when they return',
    async () => {
      const [ana, ben] = [await person('ana'), await person('ben')];
      const toBen = await ana.client.direct(ben.user);
      await toBen.send('0');
      await allRead([ben], toBen.id, ['0']);
      ben.goOffline();
      const texts = Array.from({ length: 120 }, (_, index) => `${index}`);
      for (const text of texts.slice(1)) await toBen.send(text);
      await until('all is sent', async () =>
        (await toBen.messages({ limit: 500 })).every(
          ({ delivery, seq }) => delivery === null || seq !== null,
        ),
      );
      expect(await ben.texts(toBen.id)).toEqual(['0']);
      ben.goOnline();
      await allRead([ben], toBen.id, texts);
    },
    storyMs,
  );

  it(
    'get what a sender without a network wrote, also after the sender’s restart',
    async () => {
      const [ana, ben] = [await person('ana'), await person('ben')];
      const toBen = await ana.client.direct(ben.user);
      await toBen.send('before');
      await allRead([ben], toBen.id, ['before']);
      ana.goOffline();
      await toBen.send('written without a network');
      expect((await toBen.messages()).at(-1)?.delivery).toEqual({ kind: 'queued' });
      await ana.restart();
      await ana.client.conversation(toBen.id).send('written after a restart without a network');
      expect(await ben.texts(toBen.id)).toEqual(['before']);
      ana.goOnline();
      await allRead([ana, ben], toBen.id, [
        'before',
        'written without a network',
        'written after a restart without a network',
      ]);
    },
    storyMs,
  );

  it(
    'who begin a conversation at the same moment end in one, with both messages',
    async () => {
      const [ana, ben] = [await person('ana'), await person('ben')];
      const [fromAna, fromBen] = await Promise.all([
        ana.client.direct(ben.user),
        ben.client.direct(ana.user),
      ]);
      await Promise.all([fromAna.send('from ana'), fromBen.send('from ben')]);
      await until(
        'both have both',
        async () =>
          fromAna.id === fromBen.id &&
          (await ana.texts(fromAna.id)).length === 2 &&
          (await ben.texts(fromAna.id)).length === 2,
      );
      expect(await ana.texts(fromAna.id)).toEqual(await ben.texts(fromAna.id));
      expect([ana.client.conversations().length, ben.client.conversations().length]).toEqual([1, 1]);
    },
    storyMs,
  );

  it(
    'exchange a message of 60 KB in three scripts',
    async () => {
      const [ana, ben] = [await person('ana'), await person('ben')];
      const toBen = await ana.client.direct(ben.user);
      const long = 'Call me Ishmael. قال لي 🐳 '.repeat(1_800);
      expect(Buffer.byteLength(long)).toBeGreaterThan(60_000);
      await toBen.send(long);
      await allRead([ben], toBen.id, [long]);
    },
    storyMs,
  );
});

describe('a group on real services', () => {
  it(
    'takes in a third person, who reads from then on, and removes them again',
    async () => {
      const [ana, ben, cleo] = [await person('ana'), await person('ben'), await person('cleo')];
      const group = await ana.client.group({ users: [ben.user], name: 'Tea' });
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
      await until('cleo is told', () => cleo.client.conversation(group.id).info.phase === 'removed');
      await expect(cleo.client.conversation(group.id).send('still there?')).rejects.toMatchObject({
        reason: 'not-a-member',
      });
      expect(await cleo.texts(group.id)).toEqual(['with cleo', 'thanks']);
      expect(ben.client.conversation(group.id).info.name).toBe('Tea');
    },
    storyMs,
  );

  it(
    'takes in the changes of two who commit at the same moment',
    async () => {
      const [ana, ben, cleo, dora] = [
        await person('ana'),
        await person('ben'),
        await person('cleo'),
        await person('dora'),
      ];
      const group = await ana.client.group({ users: [ben.user] });
      await isMember(ben, group.id);
      await Promise.all([group.add([cleo.user]), ben.client.conversation(group.id).add([dora.user])]);
      for (const user of [cleo, dora]) await isMember(user, group.id);
      await group.send('all here');
      for (const user of [ben, cleo, dora])
        await until(
          `${user.username} reads it`,
          async () => (await user.texts(group.id)).at(-1) === 'all here',
        );
      for (const user of [ana, ben, cleo, dora]) {
        const members = (await user.client.conversation(group.id).members()).map((member) => member.user);
        expect([...members].sort()).toEqual([ana.user, ben.user, cleo.user, dora.user].sort());
      }
    },
    storyMs,
  );

  it(
    'goes on without one who left',
    async () => {
      const [ana, ben, cleo] = [await person('ana'), await person('ben'), await person('cleo')];
      const group = await ana.client.group({ users: [ben.user, cleo.user] });
      for (const user of [ben, cleo]) await isMember(user, group.id);
      await cleo.client.conversation(group.id).leave();
      await until('the others removed her', async () => (await group.members()).length === 2);
      await until('cleo is told', () => cleo.client.conversation(group.id).info.phase === 'removed');
      await group.send('she left');
      await allRead([ben], group.id, ['she left']);
    },
    storyMs,
  );
});

describe('a device on real services', () => {
  it(
    'whose socket is replaced by a newer one stops, and does not come back',
    async () => {
      const ana = await person('ana');
      const older = ana.client;
      await ana.openAgain();
      await ana.live();
      await until('the older one has stopped', () => older.connection.kind === 'stopped');
      expect(older.connection).toEqual({ kind: 'stopped', reason: 'replaced' });
      await expect(older.direct(ana.user)).rejects.toMatchObject({ name: 'SupersededError' });
      expect(ana.client.connection.kind).toBe('live');
      await older.close();
    },
    storyMs,
  );
});
