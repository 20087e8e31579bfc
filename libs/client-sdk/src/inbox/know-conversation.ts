/** Conversations that this device hears of before it has anything of them. */
import { conversationRoutes, ProblemError, type ConversationId } from '@cipherchat/protocol';
import type { Api } from '../connection/api.js';
import { newConversationRow, putConversation } from '../conversations/conversation-row.js';
import { losersTo, replaceConversation } from '../conversations/replace-conversation.js';
import { addIntent } from '../outbox/intent-table.js';
import type { Steps } from '../state/steps.js';
import { tables } from '../state/tables.js';
import type { InboxPorts } from './context.js';

type Ports = Pick<InboxPorts, 'memory' | 'clock'> & { readonly api: Api; readonly steps: Steps };

/** The first that this device hears of it; false when the server knows no such conversation for it. */
export async function learnConversation(ports: Ports, conversation: ConversationId): Promise<boolean> {
  const described = await describe(ports.api, conversation);
  if (described === null) return false;
  const { memory, clock, steps } = ports;
  const { kind, members } = described;
  const peer =
    kind === 'direct' ? (members.find(({ user }) => user !== memory.profile.user)?.user ?? null) : null;
  await steps.run('inbox/know-conversation', async (transaction) => {
    if ((await transaction.get(tables.conversations, conversation)) !== null) return;
    const row = newConversationRow({
      id: conversation,
      kind,
      phase: 'joining',
      standing: 'request',
      peer,
      suite: memory.profile.suite,
      nowMs: clock.nowMs(),
    });
    putConversation(transaction, row);
    for (const loser of losersTo(memory, row))
      await replaceConversation({ transaction, memory, loser, winner: conversation });
  });
  return true;
}

/** A conversation of ours to which this device was never added: it adds itself. */
export async function joinUninvited(ports: Ports, conversation: ConversationId): Promise<void> {
  const { memory, clock, steps } = ports;
  await steps.run('inbox/know-conversation', async (transaction) => {
    const row = await transaction.get(tables.conversations, conversation);
    const isPlanned = [...memory.intents.values()].some(
      (intent) => intent.conversation === conversation && intent.work.kind === 'rejoin',
    );
    if (row?.phase !== 'joining' || isPlanned) return;
    await addIntent(
      { transaction, memory },
      { conversation, work: { kind: 'rejoin' }, addedAtMs: clock.nowMs() },
    );
  });
}

async function describe(api: Api, conversation: ConversationId) {
  try {
    return await api.call(conversationRoutes.read, { path: { conversation } });
  } catch (error) {
    if (error instanceof ProblemError && error.is('conversation/unknown')) return null;
    throw error;
  }
}
