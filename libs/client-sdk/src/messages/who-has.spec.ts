/** Who has a message, person by person. Real: all of the client. Faked: the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import type { MessageId } from '@cipherchat/protocol';
import type { CallRefusedError } from '../call-refused.js';
import type { Conversation } from '../conversation.js';
import type { ModelPerson } from '../testing/model-world.js';
import { meet, reads } from '../testing/restored-world.js';

async function group(seed: number) {
  const { world, people } = await meet(seed, 'ana', 'ben', 'cleo');
  const [ana, ben, cleo] = people as [ModelPerson, ModelPerson, ModelPerson];
  const chat = await ana.client.group({ users: [ben.user] });
  const { id: early } = await chat.send('early');
  await reads(world, [ben], chat.id, 'early');
  const nameOf = new Map([
    [ben.user, 'ben'],
    [cleo.user, 'cleo'],
  ]);
  const who = async (conversation: Conversation, message: MessageId) =>
    Object.fromEntries(
      [...(await conversation.receipts(message))].map(([user, state]) => [nameOf.get(user), state]),
    );
  return { world, ana, ben, cleo, chat, early, who };
}

describe('who has a message', () => {
  it('is told person by person, as it changes, and through a restart', async () => {
    const { world, ana, ben, cleo, chat, early, who } = await group(21);
    let told = 0;
    ana.on('receipts', ({ conversation }) => (told += conversation === chat.id ? 1 : 0));
    await chat.add([cleo.user]);
    await world.clock.run(5_000);
    cleo.goOffline();
    const { id: message } = await chat.send('to both');
    expect(await who(chat, message)).toEqual({ ben: 'sent', cleo: 'sent' });
    await reads(world, [ben], chat.id, 'to both');
    await world.clock.runUntil(async () => (await who(chat, message))['ben'] === 'delivered');
    expect(await who(chat, message)).toEqual({ ben: 'delivered', cleo: 'sent' });
    const before = told;
    await ben.client.conversation(chat.id).markRead();
    await world.clock.runUntil(async () => (await who(chat, message))['ben'] === 'read');
    expect(told).toBeGreaterThan(before);
    ana.crash();
    await ana.restart();
    const again = ana.client.conversation(chat.id);
    expect(await who(again, message)).toEqual({ ben: 'read', cleo: 'sent' });
    expect(await who(again, early)).toEqual({ ben: 'read' });
  });

  it('names nobody who came later, or came back, nor who is gone', async () => {
    const { world, ben, cleo, chat, early, who } = await group(22);
    await chat.add([cleo.user]);
    await world.clock.run(5_000);
    const { id: middle } = await chat.send('middle');
    await reads(world, [ben, cleo], chat.id, 'middle');
    await world.clock.runUntil(async () => (await who(chat, middle))['cleo'] === 'delivered');
    expect(await who(chat, early)).toEqual({ ben: 'delivered' });
    expect(await who(chat, middle)).toEqual({ ben: 'delivered', cleo: 'delivered' });
    await chat.remove([cleo.user]);
    await world.clock.run(5_000);
    expect(await who(chat, middle)).toEqual({ ben: 'delivered' });
    await chat.add([cleo.user]);
    await world.clock.run(5_000);
    const { id: late } = await chat.send('late');
    await reads(world, [ben, cleo], chat.id, 'late');
    await world.clock.run(1_000);
    expect(await who(chat, middle)).toEqual({ ben: 'delivered' });
    expect(await who(chat, late)).toEqual({ ben: 'delivered', cleo: 'delivered' });
    const unknown = chat.receipts(chat.id as string as MessageId);
    expect(await unknown.catch(({ reason }: CallRefusedError) => reason)).toBe('unknown-message');
  });
});
