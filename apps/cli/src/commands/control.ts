/**
 * For programs: one process that holds the profile, takes JSON commands on standard input and tells
 * everything as JSON on standard output. Bots, the demo and the tests are made with it.
 *
 *   {"id": 1, "do": "send", "to": "ben", "text": "hello"}
 *   → {"kind":"reply","id":1,"ok":true,"message":"…","conversation":"…"}
 */
import { createInterface } from 'node:readline';
import type { CipherChat, MessageId } from '@cipherchat/client-sdk';
import type { Context } from '../context.js';
import { exitCodes, CliFailure } from '../exit-codes.js';
import { explainFailure } from '../explain-failure.js';
import { withClient } from '../open-client.js';
import { findConversation, findGroup, findPeople, People } from '../people.js';
import { connectionJson, eventLines } from '../terminal/event-lines.js';
import { messageJson, peopleIn } from '../terminal/message-text.js';
import { safeJson } from '../terminal/safe-text.js';
import { parseTimer } from '../timer-text.js';
import { throwIfOver } from '../waiting.js';

type Command = Readonly<Record<string, unknown>>;
type Reply = Readonly<Record<string, unknown>>;
type Doing = { readonly client: CipherChat; readonly people: People; readonly command: Command };

export async function control(context: Context): Promise<void> {
  await withClient(context, async (client) => {
    const people = new People(client);
    const tell = (json: Reply): void => void process.stdout.write(`${safeJson(json)}\n`);
    const stop = eventLines({ client, people, tell: ({ json }) => tell(json) });
    const { user, username, device } = client.self;
    tell({ kind: 'self', user, username, device });
    tell(connectionJson(client.connection));
    const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
    const end = (): void => lines.close();
    context.interrupted.addEventListener('abort', end);
    const stopWatching = client.on('connection', (state) => {
      if (state.kind === 'stopped') end();
    });
    for await (const line of lines) {
      if (line.trim() === '') continue;
      const reply = await answer({ client, people, line });
      tell(reply.json);
      if (reply.isLast) break;
    }
    lines.close();
    stopWatching();
    context.interrupted.removeEventListener('abort', end);
    // Ctrl-C and the end of input are both how a program ends this.
    if (!context.interrupted.aborted) throwIfOver(client, context.interrupted);
    await stop();
  });
}

async function answer(params: {
  readonly client: CipherChat;
  readonly people: People;
  readonly line: string;
}): Promise<{ readonly json: Reply; readonly isLast: boolean }> {
  const { client, people, line } = params;
  let id: unknown = null;
  try {
    const command = parseCommand(line);
    id = command['id'] ?? null;
    if (command['do'] === 'quit') return { json: { kind: 'reply', id, ok: true }, isLast: true };
    const result = await perform({ client, people, command });
    return { json: { kind: 'reply', id, ok: true, ...result }, isLast: false };
  } catch (error) {
    const { reason, message } = explainFailure(error);
    return {
      json: { kind: 'reply', id, ok: false, code: exitCodes[reason].code, error: message },
      isLast: false,
    };
  }
}

function parseCommand(line: string): Command {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Command;
  } catch {
    // Said below, together with what is no object.
  }
  throw new CliFailure('usage', 'a command is a JSON object on one line');
}

const actions: Readonly<Record<string, (doing: Doing) => Promise<Reply>>> = {
  send: async (doing) => {
    const conversation = await findConversation(doing.client, text(doing, 'to'));
    const { id } = await conversation.send(text(doing, 'text'));
    return { message: id, conversation: conversation.id };
  },
  history: async (doing) => {
    const before = doing.command['before'];
    const conversation = await findConversation(doing.client, text(doing, 'to'));
    const messages = await conversation.messages({
      limit: 500,
      ...(typeof before === 'string' ? { before } : {}),
    });
    await doing.people.learn(messages.flatMap(peopleIn));
    return { messages: messages.map((message) => messageJson(message, (user) => doing.people.nameOf(user))) };
  },
  retry: async (doing) => {
    await (await findConversation(doing.client, text(doing, 'to'))).retry(messageId(doing));
    return {};
  },
  discard: async (doing) => {
    await (await findConversation(doing.client, text(doing, 'to'))).discard(messageId(doing));
    return {};
  },
  'mark-read': async (doing) => {
    await (await findConversation(doing.client, text(doing, 'to'))).markRead();
    return {};
  },
  typing: async (doing) => {
    (await findConversation(doing.client, text(doing, 'to'))).setTyping(doing.command['active'] !== false);
    return {};
  },
  conversation: async (doing) => {
    const conversation = await findConversation(doing.client, text(doing, 'to'));
    const users = [...new Set((await conversation.members()).map(({ user }) => user))];
    await doing.people.learn(users);
    return {
      conversation: conversation.id,
      phase: conversation.info.phase,
      name: conversation.info.name,
      members: users.map((user) => doing.people.nameOf(user)).sort(),
    };
  },
  timer: async (doing) => {
    const conversation = await findConversation(doing.client, text(doing, 'to'));
    await conversation.setTimer(parseTimer(text(doing, 'time')));
    return { disappearAfterS: conversation.info.disappearAfterS };
  },
  'group-create': async (doing) => {
    const group = await doing.client.group({
      users: await findPeople(doing.client, texts(doing, 'users')),
      name: text(doing, 'name'),
    });
    return { conversation: group.id };
  },
  'group-add': async (doing) => {
    const users = await findPeople(doing.client, texts(doing, 'users'));
    await findGroup(doing.client, text(doing, 'to')).add(users);
    return {};
  },
  'group-remove': async (doing) => {
    await findGroup(doing.client, text(doing, 'to')).remove(
      await findPeople(doing.client, texts(doing, 'users')),
    );
    return {};
  },
  'group-rename': async (doing) => {
    await findGroup(doing.client, text(doing, 'to')).rename(text(doing, 'name'));
    return {};
  },
  'group-leave': async (doing) => {
    await findGroup(doing.client, text(doing, 'to')).leave();
    return {};
  },
};

const controlActions: readonly string[] = [...Object.keys(actions), 'quit'];

/** One example of each action. */
export const controlHelp = `
Commands, one object per line; an "id" of yours comes back in the reply:
  {"do":"send","to":"ben","text":"hi"}         {"do":"history","to":"ben"}
  {"do":"retry","to":"ben","message":"…"}      {"do":"discard","to":"ben","message":"…"}
  {"do":"mark-read","to":"ben"}                {"do":"typing","to":"ben","active":true}
  {"do":"timer","to":"ben","time":"1d"}        {"do":"timer","to":"ben","time":"off"}
  {"do":"group-create","name":"crew","users":["ben","cleo"]}
  {"do":"group-add","to":"#crew","users":["dora"]}
  {"do":"group-remove","to":"#crew","users":["dora"]}
  {"do":"group-rename","to":"#crew","name":"the crew"}
  {"do":"group-leave","to":"#crew"}            {"do":"conversation","to":"#crew"}
  {"do":"quit"}`;

async function perform(doing: Doing): Promise<Reply> {
  const name = text(doing, 'do');
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined) throw new CliFailure('usage', `"do" is one of ${controlActions.join(', ')}`);
  return action(doing);
}

function text({ command }: Doing, field: string): string {
  const value = command[field];
  if (typeof value !== 'string') throw new CliFailure('usage', `"${field}" must be a text`);
  return value;
}

function messageId(doing: Doing): MessageId {
  return text(doing, 'message') as MessageId;
}

function texts({ command }: Doing, field: string): readonly string[] {
  const value = command[field];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    throw new CliFailure('usage', `"${field}" must be a list of texts`);
  return value;
}
