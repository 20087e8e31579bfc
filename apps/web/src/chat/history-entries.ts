/** What stands in a history: messages, and between them the days and where the unread ones begin. Pure. */
import type { Message, MessageId } from '@cipherchat/client-sdk';
import { daysBetween } from '../catalogue/languages.js';

export type HistoryEntry =
  | { readonly kind: 'beginning'; readonly key: string }
  | { readonly kind: 'day'; readonly key: string; readonly atMs: number }
  | { readonly kind: 'unread'; readonly key: string }
  /** `follows`: by the same person as the one above, soon after it: drawn together. */
  | { readonly kind: 'message'; readonly key: string; readonly message: Message; readonly follows: boolean };

const togetherMs = 5 * 60_000;

export function historyEntries(params: {
  readonly messages: readonly Message[];
  readonly hasOlder: boolean;
  readonly firstUnread: MessageId | null;
}): readonly HistoryEntry[] {
  const { messages, hasOlder, firstUnread } = params;
  const entries: HistoryEntry[] = hasOlder ? [] : [{ kind: 'beginning', key: 'beginning' }];
  let above: Message | null = null;
  for (const message of messages) {
    const isNewDay = above === null || daysBetween(above.atMs, message.atMs) !== 0;
    if (isNewDay) entries.push({ kind: 'day', key: `day-${message.id}`, atMs: message.atMs });
    const isFirstUnread = message.id === firstUnread;
    if (isFirstUnread) entries.push({ kind: 'unread', key: 'unread' });
    const follows = !isNewDay && !isFirstUnread && above !== null && isTogether(above, message);
    entries.push({ kind: 'message', key: message.id, message, follows });
    above = message;
  }
  return entries;
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
