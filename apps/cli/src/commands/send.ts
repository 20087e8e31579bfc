import type { CipherChat, Conversation, Message } from '@cipherchat/client-sdk';
import type { Context } from '../context.js';
import { CliFailure } from '../exit-codes.js';
import { withClient } from '../open-client.js';
import { findConversation, People } from '../people.js';
import { deliveryWord, failureText, messageJson } from '../terminal/message-text.js';
import { readStandardInput } from '../terminal/standard-input.js';
import { parseDuration, waitUntil } from '../waiting.js';

export const waitGoals = ['nothing', 'sent', 'delivered', 'read'] as const;
export type WaitGoal = (typeof waitGoals)[number];
export type SendOptions = { readonly wait: WaitGoal; readonly timeout: string };

/** Sends one message and waits until it has come as far as asked. */
export async function send(
  context: Context,
  target: string,
  words: readonly string[],
  options: SendOptions,
): Promise<void> {
  const timeoutMs = parseDuration(options.timeout);
  const text = words.length > 0 ? words.join(' ') : await readStandardInput(context, 'the message');
  await withClient(context, async (client) => {
    const conversation = await findConversation(client, target);
    const sent = await conversation.send(text);
    const last = await waitForDelivery({
      client,
      conversation,
      message: sent,
      goal: options.wait,
      timeoutMs,
      context,
    });
    const people = new People(client);
    const word = last.delivery === null ? 'sent' : deliveryWord(last.delivery);
    context.output.result({
      json: { kind: 'message', ...messageJson(last, (user) => people.nameOf(user)) },
      text:
        word === 'waiting'
          ? 'Kept; it goes out when this profile is connected.'
          : `${word.charAt(0).toUpperCase()}${word.slice(1)}.`,
    });
  });
}

const order: readonly string[] = ['queued', 'sent', 'delivered', 'read'];

/** @throws CliFailure when it failed for good, or the time is over */
async function waitForDelivery(params: {
  readonly client: CipherChat;
  readonly conversation: Conversation;
  readonly message: Message;
  readonly goal: WaitGoal;
  readonly timeoutMs: number;
  readonly context: Context;
}): Promise<Message> {
  const { client, conversation, message, goal, timeoutMs, context } = params;
  if (goal === 'nothing') return message;
  let last = message;
  let wasLive = false;
  const stop = client.on('message-changed', (changed) => {
    if (changed.id === message.id) last = changed;
  });
  const isFar = (): boolean => {
    wasLive ||= client.connection.kind === 'live' || client.connection.kind === 'catching-up';
    return (
      last.delivery === null ||
      last.delivery.kind === 'failed' ||
      order.indexOf(last.delivery.kind) >= order.indexOf(goal)
    );
  };
  try {
    const came = await waitUntil({ client, isSo: isFar, timeoutMs, interrupted: context.interrupted });
    if (last.delivery?.kind === 'failed') throw failed(last.delivery.failure);
    if (came) return last;
  } finally {
    stop();
  }
  await explainBlocked(conversation);
  const kept = 'The message is kept in this profile and goes out by itself: cipherchat listen';
  if (!wasLive) throw new CliFailure('unreachable', 'the server does not answer', { hint: kept });
  const so = last.delivery === null ? 'sent' : deliveryWord(last.delivery);
  throw new CliFailure(
    'undelivered',
    `not ${goal} within ${Math.round(timeoutMs / 1_000)} s (so far: ${so})`,
    so === 'waiting' ? { hint: kept } : {},
  );
}

function failed(failure: Parameters<typeof failureText>[0]): CliFailure {
  return new CliFailure(
    failure === 'member-not-verified' ? 'unverified' : 'refused',
    `not sent: ${failureText(failure)}`,
  );
}

/** A member whose keys do not fit blocks our sending: say so instead of "it took too long". */
async function explainBlocked(conversation: Conversation): Promise<void> {
  const doubtful = (await conversation.members()).filter(
    ({ check }) => check !== 'genuine' && check !== 'unchecked',
  );
  if (doubtful.length === 0) return;
  throw new CliFailure('unverified', 'not sent: the keys of a member do not fit their account', {
    hint: 'Compare safety numbers with them over another channel: cipherchat safety-number USERNAME',
  });
}
