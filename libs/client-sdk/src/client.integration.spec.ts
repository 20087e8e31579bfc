/** Real: clients with OpenMLS on SQLite, all services, Postgres, NATS, Redis. Played: the loss of a client's network. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ConversationId } from '@cipherchat/protocol';
import { until, World, type WorldUser } from './testing/world.js';

let world: World;

beforeAll(async () => {
  world = await World.start();
}, 120_000);
afterAll(() => world?.stop(), 30_000);

async function allRead(readers: readonly WorldUser[], conversation: ConversationId, texts: readonly string[]): Promise<void> {
  for (const reader of readers) {
    await until(`${reader.username} reads ${texts.length}`, async () => (await reader.texts(conversation)).length >= texts.length);
    expect(await reader.texts(conversation)).toEqual(texts);
    expect(new Set(reader.told.map(({ id }) => id)).size).toBe(reader.told.length);
    expect(reader.faults).toEqual([]);
  }
}

describe('two people on real services', () => {
  it('exchange messages, see them delivered and read, and have the same safety number', async () => {
    const [ana, ben] = [await world.user('ana'), await world.user('ben')];
    const found = await ana.client.findUser(ben.username);
    expect(found.user).toBe(ben.user);
    const toBen = await ana.client.direct(found.user);
    await toBen.send('hello');
    await allRead([ben], toBen.id, ['hello']);
    await ben.client.conversation(toBen.id).send('hello yourself');
    await allRead([ana, ben], toBen.id, ['hello', 'hello yourself']);
    await until('ana sees it delivered', async () => (await toBen.messages())[0]?.delivery?.kind === 'delivered');
    await ben.client.conversation(toBen.id).markRead();
    await until('ana sees it read', async () => (await toBen.messages())[0]?.delivery?.kind === 'read');
    expect(await ana.client.safetyNumber(ben.user)).toEqual(await ben.client.safetyNumber(ana.user));
  }, 60_000);
});
