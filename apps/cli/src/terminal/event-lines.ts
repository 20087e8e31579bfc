/** The client's events as lines for a person and objects for a program, in the order in which they happened. */
import type {
  Alarm,
  CipherChat,
  ClientEvents,
  ConnectionState,
  ConversationInfo,
  Message,
} from '@cipherchat/client-sdk';
import { titleOf, type People } from '../people.js';
import { bodyText, deliveryWord, failureText, messageJson, peopleIn, timeOf } from './message-text.js';
import { safeLine } from './safe-text.js';

export type EventLine = {
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Messages are what one listens for; the rest is about the connection. */
  readonly importance: 'result' | 'remark';
};

type Teller = {
  readonly client: CipherChat;
  readonly people: People;
  readonly tell: (line: EventLine) => void;
  readonly onMessage?: (message: Message) => Promise<void>;
};

/**
 * Tells every event from now on. Returns what ends it, after everything was told. Names may have to be fetched, so
 * events wait for each other: a program that reads the lines can rely on their order.
 */
export function eventLines(teller: Teller): () => Promise<void> {
  const { client, tell } = teller;
  let last: Promise<void> = Promise.resolve();
  const inOrder = (work: () => Promise<void> | void): void => {
    last = last.then(work);
  };
  const stops = [
    client.on('message', (message) =>
      inOrder(async () => {
        tell(await messageLine(teller, message));
        await teller.onMessage?.(message);
      }),
    ),
    client.on('message-changed', (message) => inOrder(async () => tell(await changedLine(teller, message)))),
    client.on('message-removed', ({ conversation, message }) =>
      inOrder(async () => {
        const title = await titleOf(client.conversation(conversation).info, teller.people);
        tell({
          json: { kind: 'message-removed', conversation, id: message, title },
          text: `  a message is gone (in ${title})`,
          importance: 'remark',
        });
      }),
    ),
    client.on('connection', (state) => inOrder(() => tell(connectionLine(state)))),
    client.on('alarm', (alarm) => inOrder(async () => tell(await alarmLine(teller, alarm)))),
    client.on('action-failed', (failed) => inOrder(async () => tell(await actionFailedLine(teller, failed)))),
    onPhaseChange(client, (info) => inOrder(async () => tell(await phaseLine(teller, info)))),
    client.on('typing', (typing) =>
      inOrder(async () => {
        const name = await teller.people.nameFor(typing.user);
        const { conversation, typing: active } = typing;
        tell({
          json: { kind: 'typing', conversation, from: name, typing: active },
          text: `${safeLine(name)} ${active ? 'is typing' : 'stopped typing'}`,
          importance: 'remark',
        });
      }),
    ),
    client.on('conversation-replaced', ({ from, to }) =>
      inOrder(() =>
        tell({
          json: { kind: 'conversation-replaced', from, to },
          text: 'Both of you began at once; it is one conversation now.',
          importance: 'remark',
        }),
      ),
    ),
    client.on('fault', ({ during, error }) =>
      inOrder(() =>
        tell({
          json: { kind: 'fault', during, error: describe(error) },
          text: `! a fault during ${during}: ${safeLine(describe(error))}`,
          importance: 'remark',
        }),
      ),
    ),
  ];
  return async () => {
    for (const stop of stops) stop();
    await last;
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
}

async function messageLine({ client, people }: Teller, message: Message): Promise<EventLine> {
  await people.learn(peopleIn(message));
  const nameOf = (user: Parameters<People['nameOf']>[0]): string => people.nameOf(user);
  const title = await titleOf(client.conversation(message.conversation).info, people);
  const who = message.own
    ? 'you'
    : message.sender === null
      ? ''
      : safeLine(people.nameOf(message.sender.user));
  const where = title === who || message.own ? title : `${title} `;
  const from = who === '' || title === who ? '' : message.own ? ' ← you' : who;
  return {
    json: { kind: 'message', ...messageJson(message, nameOf), title },
    text: `${timeOf(message.atMs)} ${`${where}${from}`.trim()}: ${bodyText(message, nameOf)}`,
    importance: 'result',
  };
}

async function changedLine({ client, people }: Teller, message: Message): Promise<EventLine> {
  await people.learn(peopleIn(message));
  const nameOf = (user: Parameters<People['nameOf']>[0]): string => people.nameOf(user);
  const title = await titleOf(client.conversation(message.conversation).info, people);
  const word = message.delivery === null ? 'changed' : deliveryWord(message.delivery);
  const why = message.delivery?.kind === 'failed' ? `: ${failureText(message.delivery.failure)}` : '';
  return {
    json: { kind: 'message-changed', ...messageJson(message, nameOf), title },
    text:
      message.delivery === null
        ? `  ${word} (in ${title}): ${bodyText(message, nameOf)}`
        : `  ${word} (to ${title})${why}`,
    importance: 'remark',
  };
}

function connectionLine(state: ConnectionState): EventLine {
  return { json: connectionJson(state), text: `-- ${connectionText(state)}`, importance: 'remark' };
}

export function connectionJson(state: ConnectionState): Readonly<Record<string, unknown>> {
  const { kind: connection, ...rest } = state;
  return { kind: 'connection', connection, ...rest };
}

export function connectionText(state: ConnectionState): string {
  switch (state.kind) {
    case 'offline':
      return 'offline';
    case 'waiting':
      return 'not connected, trying again soon';
    case 'connecting':
      return 'connecting';
    case 'catching-up':
      return `connected to ${safeLine(state.gateway)}, catching up`;
    case 'live':
      return `live on ${safeLine(state.gateway)}`;
    case 'stopped':
      return `stopped: ${state.reason}`;
  }
}

/** Conversations are told of at every message; only that one begins, ends, or needs somebody's help is news. */
export function onPhaseChange(client: CipherChat, listener: (info: ConversationInfo) => void): () => void {
  const texts = new Map(client.conversations().map((info) => [info.id, phaseText(info)]));
  return client.on('conversation', (info) => {
    const text = phaseText(info);
    if (texts.get(info.id) === text) return;
    texts.set(info.id, text);
    listener(info);
  });
}

async function phaseLine({ people }: Teller, info: ConversationInfo): Promise<EventLine> {
  const title = await titleOf(info, people);
  const { id: conversation, phase, repair } = info;
  return {
    json: { kind: 'conversation', conversation, title, phase, repair },
    text: `-- ${title}: ${phaseText(info)}`,
    importance: 'remark',
  };
}

/** What a person reads beside a conversation that is not simply there. */
export function phaseText({ phase, repair }: Pick<ConversationInfo, 'phase' | 'repair'>): string {
  switch (phase) {
    case 'active':
      return 'you are in it';
    case 'creating':
      return 'not on the server yet';
    case 'joining':
      return 'joining';
    case 'leaving':
      return 'leaving';
    case 'removed':
      return 'you are not in it any more';
    case 'rejoining':
      return rejoiningText(repair);
  }
}

function rejoiningText(repair: ConversationInfo['repair']): string {
  switch (repair) {
    case 'none':
      return 'joining again';
    case 'asked':
      return 'joining again; the other members were asked for help';
    case 'unanswered':
      return 'joining again; nobody could help so far, another member has to come online, or an administrator to reset it';
  }
}

async function alarmLine({ people }: Teller, alarm: Alarm): Promise<EventLine> {
  const name = await people.nameFor(alarm.user);
  return {
    json: {
      kind: 'alarm',
      user: alarm.user,
      username: name,
      device: alarm.device,
      conversation: alarm.conversation,
      reason: alarm.reason,
    },
    text: `! the keys of ${safeLine(name)} do not fit (${alarm.reason}). Nothing is sent to them until this is cleared up; compare safety numbers.`,
    importance: 'result',
  };
}

async function actionFailedLine(
  { client, people }: Teller,
  failed: ClientEvents['action-failed'],
): Promise<EventLine> {
  const title = await titleOf(client.conversation(failed.conversation).info, people);
  return {
    json: { kind: 'action-failed', ...failed, title },
    text: `! ${failed.action} in ${title} failed: ${failureText(failed.failure)}`,
    importance: 'result',
  };
}
