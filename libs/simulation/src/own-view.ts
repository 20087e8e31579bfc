/** What a person does in a conversation that nobody else hears of, but for what they have seen. */
import type { CipherChat, ConversationInfo } from '@cipherchat/client-sdk';
import { idFromRandom, type MessageId } from '@cipherchat/protocol';
import type { Chance } from './chance.js';

/** Reads a part of it; on the way something is begun to be written, and whether it calls the person changes. */
export function changeOwnView(
  client: CipherChat,
  { info: { id, firstUnread }, chance }: { readonly info: ConversationInfo; readonly chance: Chance },
): Promise<unknown> {
  const conversation = client.conversation(id);
  const message = idFromRandom<MessageId>(chance.bytes);
  return Promise.all([
    conversation.setNotify(chance.pick(['all', 'none'] as const)),
    conversation.setDraft({ kind: 'message', message, text: 'begun', replyTo: null }),
    firstUnread === null ? null : conversation.markRead({ upTo: firstUnread.message }),
  ]);
}
