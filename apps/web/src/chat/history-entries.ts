/** What stands in a history: messages, and between them the days and where the unread ones begin. Pure. */
import type { Message, MessageId } from '@cipherchat/client-sdk';
import { daysBetween } from '../catalogue/languages.js';

/** What is removed is drawn going, and then keeps its line, without height, so that the others stay where they are. */
type Going = 'stays' | 'leaving' | 'left';

export type HistoryEntry =
  | { readonly kind: 'beginning'; readonly key: string }
  | { readonly kind: 'day'; readonly key: string; readonly atMs: number; readonly going: Going }
  | { readonly kind: 'unread'; readonly key: string }
  /** `follows`: by the same person as the one above, soon after it: drawn together. */
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly message: Message;
      readonly follows: boolean;
      readonly going: Going;
    };

const togetherMs = 5 * 60_000;

type Drawn = {
  readonly messages: readonly Message[];
  readonly hasOlder: boolean;
  readonly firstUnread: MessageId | null;
  /** What stays looks as if these were not there. */
  readonly gone: ReadonlyMap<MessageId, Exclude<Going, 'stays'>>;
};

export function historyEntries(params: Drawn): readonly HistoryEntry[] {
  const { messages, hasOlder, firstUnread, gone } = params;
  const entries: HistoryEntry[] = hasOlder ? [] : [{ kind: 'beginning', key: 'beginning' }];
  let above: Message | null = null;
  /** Of those that stay, and on the same day. */
  let stayingAbove: Message | null = null;
  for (const message of messages) {
    const { id, atMs } = message;
    const going: Going = gone.get(id) ?? 'stays';
    const isNewDay = above === null || daysBetween(above.atMs, atMs) !== 0;
    if (isNewDay) {
      entries.push({ kind: 'day', key: `day-${id}`, atMs, going: goingOfDay(message, params) });
      stayingAbove = null;
    }
    const isFirstUnread = id === firstUnread;
    if (isFirstUnread) entries.push({ kind: 'unread', key: 'unread' });
    const before: Message | null = going === 'stays' ? stayingAbove : above;
    const follows = !isNewDay && !isFirstUnread && before !== null && isTogether(before, message);
    entries.push({ kind: 'message', key: id, message, follows, going });
    above = message;
    if (going === 'stays') stayingAbove = message;
  }
  return entries;
}

/** It goes with the last of its messages. */
function goingOfDay(first: Message, { messages, gone }: Pick<Drawn, 'messages' | 'gone'>): Going {
  if (!gone.has(first.id)) return 'stays';
  const ofDay = messages.filter(({ atMs }) => daysBetween(atMs, first.atMs) === 0);
  const goings = new Set(ofDay.map(({ id }) => gone.get(id) ?? 'stays'));
  return goings.has('stays') ? 'stays' : goings.has('leaving') ? 'leaving' : 'left';
}

function isTogether(above: Message, message: Message): boolean {
  return (
    isWritten(above) &&
    isWritten(message) &&
    above.sender?.user === message.sender?.user &&
    above.own === message.own &&
    Math.abs(message.atMs - above.atMs) < togetherMs
  );
}

function isWritten({ body }: Message): boolean {
  return body.kind === 'text' || body.kind === 'deleted';
}
