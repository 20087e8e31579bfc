/**
 * Pieces of a conversation, read from the store by place: what a page costs does not depend on how much there is.
 *
 * A message that waits to be sent moves when it is sent, so all of a page is read from one state (`Steps.read`): else it
 * could be missed where it was and where it is.
 */
import type { ConversationId, MessageId } from '@cipherchat/protocol';
import { CallRefusedError } from '../call-refused.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import type { FoundMessage } from '../views.js';
import {
  findMessage,
  hasMessage,
  isShown,
  viewMessage,
  type MessageView,
  type ShownRow,
} from './message-table.js';

type Reader = Pick<Transaction, 'scan' | 'get'>;

/** At most one of `before`, `after` (places, themselves not in it) and `around`; none asks for the newest. */
export type PageQuery = {
  readonly before?: string;
  readonly after?: string;
  readonly around?: MessageId;
  readonly limit: number;
};
/** Oldest first. */
type ShownPage = {
  readonly rows: readonly ShownRow[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
};
type Query = PageQuery & { readonly conversation: ConversationId };
type SideQuery = Pick<Query, 'conversation' | 'limit'>;

/** @throws CallRefusedError `unknown-message` when what it is to be read around is not here */
export async function readPage(reader: Transaction, query: Query): Promise<ShownPage> {
  const { before, after, around } = query;
  if (around !== undefined) return pageAround(reader, { ...query, around });
  return after === undefined
    ? pageBefore(reader, { ...query, before })
    : pageAfter(reader, { ...query, after });
}

export async function lookUp(
  params: Parameters<typeof findMessage>[0] & { readonly view: MessageView },
): Promise<FoundMessage> {
  const row = await findMessage(params);
  if (row !== null && isShown(row)) return { kind: 'here', message: viewMessage(row, params.view) };
  return (await hasMessage(params)) ? { kind: 'gone' } : { kind: 'unknown' };
}

async function pageBefore(
  reader: Reader,
  { conversation, limit, before }: SideQuery & { readonly before: string | undefined },
): Promise<ShownPage> {
  const range = before === undefined ? {} : { before };
  const rows = await shownBefore(reader, { conversation, limit: limit + 1, ...range });
  const hasNewer =
    before !== undefined &&
    ((await isShownAt(reader, { conversation, place: before })) ||
      (await shownAfter(reader, { conversation, limit: 1, after: before })).length > 0);
  return { rows: rows.slice(-limit), hasOlder: rows.length > limit, hasNewer };
}

async function pageAfter(
  reader: Reader,
  { conversation, limit, after }: SideQuery & { readonly after: string },
): Promise<ShownPage> {
  const rows = await shownAfter(reader, { conversation, limit: limit + 1, after });
  const hasOlder =
    (await isShownAt(reader, { conversation, place: after })) ||
    (await shownBefore(reader, { conversation, limit: 1, before: after })).length > 0;
  return { rows: rows.slice(0, limit), hasOlder, hasNewer: rows.length > limit };
}

/** It stands in the middle, but where one side has too little. */
async function pageAround(
  reader: Transaction,
  { conversation, limit, around }: SideQuery & { readonly around: MessageId },
): Promise<ShownPage> {
  const target = await findMessage({ transaction: reader, conversation, message: around });
  if (target === null || !isShown(target)) throw new CallRefusedError('unknown-message');
  const older = await shownBefore(reader, { conversation, limit, before: target.place });
  const newer = await shownAfter(reader, { conversation, limit, after: target.place });
  const others = limit - 1;
  const half = Math.floor(others / 2);
  const olderCount = Math.min(older.length, Math.max(half, others - newer.length));
  const newerCount = Math.min(newer.length, others - olderCount);
  return {
    rows: [...older.slice(older.length - olderCount), target, ...newer.slice(0, newerCount)],
    hasOlder: olderCount < older.length,
    hasNewer: newerCount < newer.length,
  };
}

type Range = { readonly conversation: ConversationId; readonly limit: number };

/** The last `limit` before a place, or of all, oldest first; what is hidden among them is passed over. */
export async function shownBefore(
  reader: Pick<Reader, 'scan'>,
  { before, ...range }: Range & { readonly before?: string },
): Promise<readonly ShownRow[]> {
  const rows = await shownFrom(reader, { ...range, from: before, order: 'descending' });
  return rows.reverse();
}

/** The first `limit` after a place, oldest first. */
function shownAfter(
  reader: Pick<Reader, 'scan'>,
  { after, ...range }: Range & { readonly after: string },
): Promise<readonly ShownRow[]> {
  return shownFrom(reader, { ...range, from: after, order: 'ascending' });
}

async function shownFrom(
  reader: Pick<Reader, 'scan'>,
  params: Range & { readonly from: string | undefined; readonly order: 'ascending' | 'descending' },
): Promise<ShownRow[]> {
  const { conversation, limit, from, order } = params;
  const found: ShownRow[] = [];
  let after = from === undefined ? undefined : keyOf.message(conversation, from);
  for (;;) {
    const rows = await reader.scan(tables.messages, {
      prefix: keyOf.groupPrefix(conversation),
      limit,
      order,
      ...(after === undefined ? {} : { after }),
    });
    for (const { row } of rows) if (isShown(row) && found.length < limit) found.push(row);
    if (found.length === limit || rows.length < limit) return found;
    after = rows.at(-1)?.key;
  }
}

async function isShownAt(
  reader: Pick<Reader, 'get'>,
  { conversation, place }: { readonly conversation: ConversationId; readonly place: string },
): Promise<boolean> {
  const row = await reader.get(tables.messages, keyOf.message(conversation, place));
  return row !== null && isShown(row);
}
