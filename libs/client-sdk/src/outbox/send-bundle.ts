/** Sending a prepared commit, with all that becomes true with it, over HTTP: it may be megabytes. */
import { conversationRoutes, isProblem, type ConversationId, type ProblemError } from '@cipherchat/protocol';
import { epochSeqOf } from '../repair/statement.js';
import { newConversationRow, putConversation } from '../conversations/conversation-row.js';
import { mayReplace, replaceConversation } from '../conversations/replace-conversation.js';
import type { PermanentFailure } from '../state/rows.js';
import { tables } from '../state/tables.js';
import type { IntentRow } from './intents.js';
import type { Outbox } from './outbox.js';
import { giveUp, maxAttempts } from './give-up.js';
import type { Performed } from './perform.js';
import { judgeRefusal } from './refusal.js';
import { planAnchor } from './plan-anchor.js';
import { requeueWithGroup } from './requeue.js';
import { waitForCommit } from './wait-for-commit.js';

export async function sendBundle(outbox: Outbox, intent: IntentRow): Promise<Performed> {
  const bytes = await outbox.ports.steps.reader().get(tables.intentBytes, intent.key);
  if (intent.state.kind !== 'prepared' || bytes === null) return { kind: 'waiting' };
  try {
    const answer = await post(outbox, intent, bytes);
    return answer.kind === 'exists'
      ? await joinExisting(outbox, intent, answer.conversation)
      : await accepted(outbox, intent, answer.seq);
  } catch (error) {
    if (isProblem(error)) return refused(outbox, intent, error);
    throw error;
  }
}

async function post(outbox: Outbox, intent: IntentRow, binary: Uint8Array) {
  const { api, memory } = outbox.ports;
  const { conversation, work, state } = intent;
  // An anchor that builds on nothing founds the conversation again.
  const founds = state.kind === 'prepared' && state.commitSeq === 0;
  if (work.kind === 'create' || (work.kind === 'anchor' && founds))
    return api.call(conversationRoutes.create, { binary });
  const row = memory.conversations.get(conversation);
  // Whoever joins from outside cannot know which commits were void.
  const isFromInside = row !== undefined && state.kind === 'prepared' && state.as === 'commit';
  const query = {
    ...(isFromInside ? { epochSeq: epochSeqOf(row) } : {}),
    ...(work.kind === 'readd' ? { readds: work.device.device } : {}),
  };
  return api.call(conversationRoutes.commit, { path: { conversation }, query, binary });
}

/** The server has it; what it did becomes true here when the log is read up to it. */
async function accepted(outbox: Outbox, intent: IntentRow, seq: number): Promise<Performed> {
  const { steps, noteHead } = outbox.ports;
  await steps.run('outbox/answered', async (transaction) => {
    const current = await transaction.get(tables.intents, intent.key);
    if (current?.state.kind === 'prepared')
      transaction.put(tables.intents, intent.key, {
        ...current,
        state: { kind: 'accepted', envelope: current.state.envelope, seq },
      });
    transaction.after(() => noteHead(intent.conversation, seq));
  });
  return { kind: 'progressed' };
}

async function refused(outbox: Outbox, intent: IntentRow, problem: ProblemError): Promise<Performed> {
  const verdict = judgeRefusal(problem);
  switch (verdict.kind) {
    case 'again':
      return { kind: 'again-later', afterMs: verdict.afterMs };
    case 'fail':
      return isUnknownYet(outbox, intent, verdict.failure)
        ? requeueWithGroup(outbox, intent)
        : giveUp(outbox, intent, verdict.failure);
    case 'anew':
      return intent.attempts + 1 >= maxAttempts
        ? giveUp(outbox, intent, verdict.failure)
        : requeueWithGroup(outbox, intent);
    case 'closed':
      return planAnchor(outbox, intent);
    case 'stale':
      // Losing races is normal in a busy group: not counted as long as the group moves on.
      return waitForCommit(outbox, intent, verdict.lastCommitSeq) ?? requeueWithGroup(outbox, intent);
  }
}

/** A restore of the server lost the conversation, or us as a member: an anchor brings it back within seconds. */
function isUnknownYet({ ports }: Outbox, intent: IntentRow, failure: PermanentFailure): boolean {
  const { conversation, work, attempts } = intent;
  const isOurs =
    work.kind !== 'create' && work.kind !== 'rejoin' && work.kind !== 'anchor' && work.kind !== 'found';
  const wasRestored = (ports.memory.conversations.get(conversation)?.lostByRestore ?? null) !== null;
  return isOurs && wasRestored && failure === 'conversation-unknown' && attempts + 1 < maxAttempts;
}

/** Of two simultaneous creations of a 1:1 ours lost. */
async function joinExisting(outbox: Outbox, intent: IntentRow, winner: ConversationId): Promise<Performed> {
  const { steps, memory, clock, noteHead } = outbox.ports;
  const joined = await steps.run('outbox/replace-conversation', async (transaction) => {
    const loser = await transaction.get(tables.conversations, intent.conversation);
    // The winner's log came first, and with it this was done.
    if (loser === null || loser.replacedBy !== null) return true;
    const { peer, suite } = loser;
    const known = await transaction.get(tables.conversations, winner);
    if (known !== null && !mayReplace(known, loser)) return false;
    if (known === null) {
      const nowMs = clock.nowMs();
      const made = { id: winner, kind: 'direct', phase: 'joining', peer, suite, nowMs } as const;
      putConversation(transaction, newConversationRow({ ...made, standing: 'request' }));
    }
    await replaceConversation({ transaction, memory, loser, winner });
    transaction.after(() => noteHead(winner, 1));
    return true;
  });
  if (!joined) return giveUp(outbox, intent, 'refused');
  outbox.wake(winner);
  return { kind: 'progressed' };
}
