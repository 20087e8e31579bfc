/**
 * What a list shows of conversations, kept beside them so that it reads no messages: the last entry, and what was not
 * seen yet. Concluded from what a step did to messages, in the same write.
 *
 * Invariants, after every step (`summaries.spec.ts` holds them against what the tables say):
 * - `last` is the last row that is shown.
 * - `unreadCount` is the number of rows that are `unread` and stand behind `readPlace`, and `firstUnread` the first.
 */
import type { ConversationId } from '@cipherchat/protocol';
import type { Memory } from '../state/memory.js';
import { endOfPlaces } from '../state/places.js';
import type { MessageBody, MessageRow, ProfileRow } from '../state/rows.js';
import type { LastRow, SummaryRow } from '../state/summary-rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import type { MessagePreview } from '../views.js';
import type { Changes, NetChanges } from './net-changes.js';
import { deliveryOf, isShown, shownBody, type MessageView } from './message-table.js';
import { shownBefore } from './pages.js';

const maxPreviewCharacters = 160;
/** Who came or went, by name, in one line. */
const maxPreviewUsers = 8;
const pageRows = 200;

export const freshSummary: SummaryRow = {
  last: null,
  unreadCount: 0,
  firstUnread: null,
  readPlace: '',
  notify: 'all',
  draft: null,
};

type Here = { readonly transaction: Transaction; readonly memory: Memory };

/** As this step sees it: the memory holds what the steps before it have written. */
export function summaryOf({ transaction, memory }: Here, conversation: ConversationId): SummaryRow {
  const changed = transaction.changed(tables.summaries, conversation);
  return changed ?? memory.summaries.get(conversation) ?? freshSummary;
}

export async function concludeSummaries(here: Here, changed: NetChanges): Promise<void> {
  for (const [conversation, changes] of changed) {
    const before = summaryOf(here, conversation);
    const unread = await unreadAfter(here, { conversation, summary: before, changes });
    const last = await lastAfter(here, { conversation, summary: before, changes });
    const after: SummaryRow = { ...before, ...unread, last };
    here.transaction.put(tables.summaries, conversation, after);
  }
}

type Concluding = {
  readonly conversation: ConversationId;
  readonly summary: SummaryRow;
  readonly changes: Changes;
};

async function unreadAfter(
  { transaction }: Here,
  { conversation, summary, changes }: Concluding,
): Promise<Pick<SummaryRow, 'unreadCount' | 'firstUnread'>> {
  let { unreadCount, firstUnread } = summary;
  const counts = (row: MessageRow | null): row is MessageRow => isUnread(row, summary.readPlace);
  for (const { before, after } of changes) {
    unreadCount += Number(counts(after)) - Number(counts(before));
    if (before?.place === firstUnread?.place && !counts(after)) firstUnread = null;
  }
  if (unreadCount === 0) return { unreadCount, firstUnread: null };
  if (firstUnread === null && summary.firstUnread !== null)
    return { unreadCount, firstUnread: await findUnread(transaction, { conversation, summary }) };
  for (const { after } of changes)
    if (counts(after) && after.place < (firstUnread?.place ?? endOfPlaces))
      firstUnread = { message: after.message, place: after.place };
  return { unreadCount, firstUnread };
}

export function isUnread(row: MessageRow | null, readPlace: string): boolean {
  return row?.unread === true && row.place > readPlace;
}

/** The first behind what was read. */
export async function findUnread(
  transaction: Transaction,
  { conversation, summary }: Pick<Concluding, 'conversation' | 'summary'>,
): Promise<SummaryRow['firstUnread']> {
  for (let after = keyOf.message(conversation, summary.readPlace); ;) {
    const prefix = keyOf.groupPrefix(conversation);
    const rows = await transaction.scan(tables.messages, { prefix, after, limit: pageRows });
    const found = rows.find(({ row }) => row.unread === true);
    if (found !== undefined) return { message: found.row.message, place: found.row.place };
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageRows) return null;
    after = last.key;
  }
}

async function lastAfter(
  here: Here,
  { conversation, summary, changes }: Concluding,
): Promise<SummaryRow['last']> {
  const { transaction, memory } = here;
  const { last } = summary;
  let newest: LastRow | null = last;
  for (const { after } of changes)
    if (after !== null && isShown(after) && after.place >= (newest?.place ?? ''))
      newest = lastRow(after, memory.profile);
  const isGone = changes.some(
    ({ before, after }) => before?.place === last?.place && (after === null || !isShown(after)),
  );
  if (!isGone || newest !== last) return newest;
  const [row] = await shownBefore(transaction, { conversation, limit: 1 });
  return row === undefined ? null : lastRow(row, memory.profile);
}

function lastRow(row: Parameters<typeof shownBody>[0], { user }: ProfileRow): LastRow {
  const { message, place, seq, atMs, sender, state } = row;
  return { message, place, seq, atMs, sender, state, body: cutBody(shownBody(row, user)) };
}

function cutBody(body: MessageBody): MessageBody {
  switch (body.kind) {
    case 'text':
      return { kind: 'text', text: cutText(body.text) };
    case 'unsupported':
      return { ...body, bytes: new Uint8Array(0) };
    case 'membership':
      return {
        ...body,
        added: body.added.slice(0, maxPreviewUsers),
        removed: body.removed.slice(0, maxPreviewUsers),
        left: body.left.slice(0, maxPreviewUsers),
      };
    case 'devices':
      return { ...body, changes: body.changes.slice(0, maxPreviewUsers) };
    case 'group-profile':
    case 'timer':
    case 'deleted':
    case 'gap':
      return body;
  }
}

/** By code points: half a surrogate pair is no text. */
export function cutText(text: string): string {
  // No more than twice as many units are looked at, however long the text is.
  const points = [...text.slice(0, maxPreviewCharacters * 2)];
  return points.slice(0, maxPreviewCharacters).join('').toWellFormed();
}

export function viewLast(last: LastRow, view: MessageView): MessagePreview {
  const { message, place, atMs, sender, body, state } = last;
  const { user, device } = view.profile;
  const hasDelivery = sender?.device === device && state.kind !== 'received';
  return {
    id: message,
    place,
    atMs,
    sender,
    own: sender?.user === user,
    body,
    delivery: hasDelivery ? deliveryOf(last, view.conversation) : null,
  };
}
