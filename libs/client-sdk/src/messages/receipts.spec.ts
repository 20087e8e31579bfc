/** Who has our messages. Real: all of the client. Faked: the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import { meet } from '../testing/restored-world.js';
import type { ModelPerson } from '../testing/model-world.js';

describe('what is told of our messages', () => {
  it('is told of those alone of which it is news', async () => {
    const { world, people } = await meet(951, 'ana', 'ben');
    const [ana, ben] = people as [ModelPerson, ModelPerson];
    const conversation = await ana.client.direct(ben.user);
    const one = await conversation.send('one');
    await conversation.send('two');
    const delivery = async () => (await conversation.messages()).map((message) => message.delivery?.kind);
    await world.clock.runUntil(async () => (await delivery()).join() === 'delivered,delivered');
    await world.clock.run(5_000);
    const told: string[] = [];
    ana.on('message-changed', ({ id }) => told.push(id));
    await ben.client.conversation(conversation.id).markRead({ upTo: one.id });
    await world.clock.runUntil(async () => (await delivery()).join() === 'read,delivered');
    expect(told).toEqual([one.id]);
  });
});
