/** Lines that begin with a slash. Real: the commands. Played: the conversation. */
import { describe, expect, it } from '@jest/globals';
import type { CipherChat, Conversation, DeliveryState, Message } from '@cipherchat/client-sdk';
import type { People } from '../people.js';
import { chatCommand } from './chat-commands.js';

const failed: DeliveryState = { kind: 'failed', failure: 'too-large' };

/** A conversation in which these stand, and what was asked of it. */
function conversationOf(deliveries: readonly DeliveryState[]) {
  const asked: string[] = [];
  const messages = deliveries.map((delivery, index) => ({ id: `m${index}`, delivery }) as unknown as Message);
  const conversation = {
    messages: () => Promise.resolve(messages),
    retry: (message: string) => Promise.resolve(void asked.push(`retry ${message}`)),
    discard: (message: string) => Promise.resolve(void asked.push(`discard ${message}`)),
  } as unknown as Conversation;
  const type = (line: string) =>
    chatCommand({
      client: {} as CipherChat,
      people: {} as People,
      conversation,
      line,
      showHistory: () => Promise.resolve(),
    });
  return { asked, type };
}

describe('/retry and /discard', () => {
  it('are about what failed here, in order, and nothing else', async () => {
    const { asked, type } = conversationOf([{ kind: 'sent' }, failed, { kind: 'queued' }, failed]);
    expect(await type('/retry')).toEqual(['2 sent again.']);
    expect(await type('/discard')).toEqual(['2 given up.']);
    expect(asked).toEqual(['retry m1', 'retry m3', 'discard m1', 'discard m3']);
  });

  it('say so when nothing has failed', async () => {
    const { asked, type } = conversationOf([{ kind: 'read' }]);
    expect([await type('/retry'), await type('/discard'), asked]).toEqual([
      ['Nothing has failed here.'],
      ['Nothing has failed here.'],
      [],
    ]);
  });
});
