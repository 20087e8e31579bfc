/**
 * A stretch of a conversation's messages, as it is on the screen: in order of place, without gaps, each message once.
 * Pure: pages and events go in, the next stretch comes out.
 */
import type { Message, MessageId } from '@cipherchat/client-sdk';

export type MessageWindow = {
  /** Oldest first. */
  readonly messages: readonly Message[];
  readonly hasOlder: boolean;
  /** When there are newer ones than are shown, what comes in is not added: it does not follow on the last one. */
  readonly hasNewer: boolean;
};

/** The most that is kept of one conversation: what lies further away than this is read again when it is scrolled to. */
const maxWindowMessages = 1_000;

/**
 * The same with room for a page above it: what is furthest away makes room before the page is there. A list that is drawn
 * keeps its place when it grows or gets shorter at one end, and cannot when both happen at once.
 */
export function withRoomAbove(window: MessageWindow, pageMessages: number): MessageWindow {
  const messages = window.messages.slice(0, maxWindowMessages - pageMessages);
  return messages.length === window.messages.length ? window : { ...window, messages, hasNewer: true };
}

export function withRoomBelow(window: MessageWindow, pageMessages: number): MessageWindow {
  const messages = window.messages.slice(pageMessages - maxWindowMessages);
  return messages.length === window.messages.length ? window : { ...window, messages, hasOlder: true };
}

export function withOlder(window: MessageWindow, page: MessageWindow): MessageWindow {
  return { ...window, messages: merged(page.messages, window.messages), hasOlder: page.hasOlder };
}

export function withNewer(window: MessageWindow, page: MessageWindow): MessageWindow {
  return { ...window, messages: merged(window.messages, page.messages), hasNewer: page.hasNewer };
}

/** A message that is new in the conversation. */
export function withAdded(window: MessageWindow, message: Message): MessageWindow {
  if (window.hasNewer) return window;
  const first = window.messages[0];
  if (first !== undefined && window.hasOlder && message.place < first.place) return window;
  return { ...window, messages: placed(window.messages, message) };
}

/** A message that changed, perhaps its place too: one that is sent moves behind what came before it in the log. */
export function withChanged(window: MessageWindow, message: Message): MessageWindow {
  if (!window.messages.some(({ id }) => id === message.id)) return window;
  return { ...window, messages: placed(window.messages, message) };
}

/** Nothing of these is left but where they stood: a list that is drawn keeps its lines in their places. */
export function withEmptied(window: MessageWindow, gone: ReadonlySet<MessageId>): MessageWindow {
  return { ...window, messages: window.messages.map((each) => (gone.has(each.id) ? emptied(each) : each)) };
}

function emptied(message: Message): Message {
  return {
    ...message,
    body: { kind: 'deleted' },
    replyTo: null,
    edited: null,
    reactions: [],
    delivery: null,
  };
}

export function withoutMessages(
  window: MessageWindow,
  gone: Pick<ReadonlySet<MessageId>, 'has'>,
): MessageWindow {
  return { ...window, messages: window.messages.filter(({ id }) => !gone.has(id)) };
}

function placed(messages: readonly Message[], message: Message): readonly Message[] {
  const at = messages.findIndex(({ id }) => id === message.id);
  const known = at === -1 ? undefined : messages[at];
  if (known !== undefined && known.place === message.place) return messages.with(at, message);
  const others = known === undefined ? messages : messages.toSpliced(at, 1);
  const behind = others.findLastIndex(({ place }) => place < message.place);
  return others.toSpliced(behind + 1, 0, message);
}

/** Two pages that may overlap, when something came between the reading of both. */
function merged(older: readonly Message[], newer: readonly Message[]): readonly Message[] {
  const ids = new Set(newer.map(({ id }) => id));
  return [...older.filter(({ id }) => !ids.has(id)), ...newer];
}
