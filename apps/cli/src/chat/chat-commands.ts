import type { CipherChat, Conversation, Message } from '@cipherchat/client-sdk';
import { CliFailure } from '../exit-codes.js';
import { findPeople, type People } from '../people.js';
import { parseTimer, timerText } from '../timer-text.js';
import { safeLine } from '../terminal/safe-text.js';

const chatHelp: readonly string[] = [
  '/history [N]      show the last N messages (50)',
  '/members          who is in this conversation',
  '/safety-number    digits to compare with the other person',
  '/add NAME…        add people to this group',
  '/remove NAME…     remove people from this group',
  '/rename NAME      name this group',
  '/timer TIME       let messages disappear after 30s, 5m, 8h, 1d, 4w; or off',
  '/retry            send again what failed here',
  '/discard          give up what failed here',
  '/quit             end (Ctrl-C and Ctrl-D too)',
  'A line that begins with // is sent with one slash.',
];

const maxHistory = 500;

type Doing = {
  readonly client: CipherChat;
  readonly conversation: Conversation;
  readonly people: People;
  readonly line: string;
  readonly showHistory: (count: number) => Promise<void>;
};

/** Carries out a line that begins with a slash; returns what to show. @throws CliFailure for an unknown one */
export async function chatCommand(doing: Doing): Promise<readonly string[]> {
  const [name = '', ...words] = doing.line.slice(1).trim().split(/\s+/);
  const { client, conversation, people } = doing;
  switch (name) {
    case 'help':
      return chatHelp;
    case 'history':
      await doing.showHistory(Math.min(maxHistory, Number.parseInt(words[0] ?? '50', 10) || 50));
      return [];
    case 'members': {
      const users = [...new Set((await conversation.members()).map(({ user }) => user))];
      await people.learn(users);
      return [users.map((user) => safeLine(people.nameOf(user))).join(', ')];
    }
    case 'safety-number':
      return safetyNumbers(client, conversation, people);
    case 'add':
      await groupOnly(conversation).add(await findPeople(client, someNames(words)));
      return [];
    case 'remove':
      await groupOnly(conversation).remove(await findPeople(client, someNames(words)));
      return [];
    case 'rename':
      await groupOnly(conversation).rename(doing.line.replace(/^\/rename\s*/, '').trim());
      return [];
    case 'timer': {
      const [time] = words;
      if (time !== undefined) await conversation.setTimer(parseTimer(time));
      return [timerText(conversation.info.disappearAfterS)];
    }
    case 'retry':
      return [await withFailed(conversation, (message) => conversation.retry(message), 'sent again')];
    case 'discard':
      return [await withFailed(conversation, (message) => conversation.discard(message), 'given up')];
    default:
      throw new CliFailure('usage', `there is no command /${safeLine(name)}`, {
        hint: '/help lists them; // sends a line that begins with a slash.',
      });
  }
}

/** Of the last that are here, where failed messages stand. */
async function withFailed(
  conversation: Conversation,
  act: (message: Message['id']) => Promise<void>,
  done: string,
): Promise<string> {
  const messages = await conversation.messages({ limit: maxHistory });
  const failed = messages.filter(({ delivery }) => delivery?.kind === 'failed');
  for (const { id } of failed) await act(id);
  return failed.length === 0 ? 'Nothing has failed here.' : `${failed.length} ${done}.`;
}

async function safetyNumbers(
  client: CipherChat,
  conversation: Conversation,
  people: People,
): Promise<readonly string[]> {
  const others = [...new Set((await conversation.members()).map(({ user }) => user))].filter(
    (user) => user !== client.self.user,
  );
  await people.learn(others);
  const numbers = others.map(
    async (user) => `${safeLine(people.nameOf(user))}: ${(await client.safetyNumber(user)).digits}`,
  );
  return Promise.all(numbers);
}

function groupOnly(conversation: Conversation): Conversation {
  if (conversation.info.kind === 'group') return conversation;
  throw new CliFailure('usage', 'this is a conversation of two', {
    hint: 'Make a group: cipherchat groups create NAME PEOPLE…',
  });
}

function someNames(words: readonly string[]): readonly string[] {
  if (words.length > 0) return words;
  throw new CliFailure('usage', 'whom?');
}
