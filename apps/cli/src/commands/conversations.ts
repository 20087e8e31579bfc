import type { ConversationInfo } from '@cipherchat/client-sdk';
import type { Context } from '../context.js';
import { CliFailure } from '../exit-codes.js';
import { withClient } from '../open-client.js';
import { findConversation, People, titleOf } from '../people.js';
import { phaseText } from '../terminal/event-lines.js';
import { bodyText, deliveryText, messageJson, peopleIn, timeOf } from '../terminal/message-text.js';
import { safeLine } from '../terminal/safe-text.js';

/** Lists conversations, newest activity first. Asks no server, but for names that are not known yet. */
export async function conversations(
  context: Context,
  isWanted: (info: ConversationInfo) => boolean = () => true,
): Promise<void> {
  await withClient(context, async (client) => {
    const people = new People(client);
    const wanted = client.conversations().filter(isWanted);
    if (wanted.length === 0) context.output.note('Nothing here yet.');
    for (const info of wanted) {
      const title = await titleOf(info, people);
      const members = new Set((await client.conversation(info.id).members()).map(({ user }) => user));
      context.output.result({
        json: {
          ...info,
          kind: 'conversation',
          type: info.kind,
          title,
          memberCount: members.size,
          lastActivity: new Date(info.lastActivityMs).toISOString(),
        },
        text: `${title.padEnd(24)} ${info.kind === 'group' ? `${members.size} people` : '1:1'.padEnd(8)}  ${info.phase === 'active' ? '' : `(${phaseText(info)})`}${info.unreadCount > 0 ? `  ${info.unreadCount} unread` : ''}  ${context.output.styled('dim', info.id)}`,
      });
    }
  });
}

const maxHistory = 500;

/** Prints the last messages of a conversation from this device's own store. */
export async function history(
  context: Context,
  target: string,
  options: { readonly limit: string },
): Promise<void> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > maxHistory)
    throw new CliFailure('usage', `--limit is a number from 1 to ${maxHistory}`);
  await withClient(context, async (client) => {
    const people = new People(client);
    const conversation = await findConversation(client, target);
    const messages = await conversation.messages({ limit });
    await people.learn(messages.flatMap(peopleIn));
    const nameOf = (user: Parameters<People['nameOf']>[0]): string => people.nameOf(user);
    if (messages.length === 0) context.output.note('No messages yet.');
    for (const message of messages) {
      const who = message.own
        ? 'you'
        : message.sender === null
          ? ''
          : safeLine(people.nameOf(message.sender.user));
      const mark =
        message.delivery === null
          ? ''
          : context.output.styled('dim', `  (${deliveryText(message.delivery)})`);
      const from = who === '' ? '' : `${who}: `;
      context.output.result({
        json: { kind: 'message', ...messageJson(message, nameOf) },
        text: `${timeOf(message.atMs)} ${from}${bodyText(message, nameOf)}${mark}`,
      });
    }
  });
}
