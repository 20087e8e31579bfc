/** Finds messages by their words, newest first, page by page. */
import type { ConversationId } from '@cipherchat/protocol';
import { CallRefusedError } from '../call-refused.js';
import { viewConversation } from '../conversations/conversation-row.js';
import { isShown, viewMessage } from '../messages/message-table.js';
import { isBlocked } from '../people/blocks.js';
import type { Runtime } from '../runtime.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow } from '../state/rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import type { ConversationInfo, Message } from '../views.js';
import { ConversationMatches, type SearchPosition } from './conversation-matches.js';
import { rangesOf, termsOf, type Term } from './query.js';
import type { TextRange } from './words.js';

const defaultHits = 20;
const maxHits = 100;
/** Rows that are read for one page; of a store that has more, a page may hold less than was asked for. */
const maxRowsPerPage = 1_000;
/** With hundreds of conversations, the waits for the disk add up. */
const readsAtOnce = 8;

/** What is looked for, and where. */
export type SearchQuery = {
  /** All of its words must begin words of the message; case and accents do not matter. What is behind 256 characters is ignored. */
  readonly text: string;
  /** By default all that were accepted, and whose person is not blocked. */
  readonly conversation?: ConversationId;
  /** The `next` of the page before, of the same query. */
  readonly before?: SearchCursor;
  /** 20 by default, at most 100. */
  readonly limit?: number;
};

/** Where the next page begins: handed back as it is. */
export type SearchCursor = readonly SearchPosition[];

/** A message that was found. */
export type SearchHit = {
  readonly message: Message;
  readonly conversation: ConversationInfo;
  /** Of the message's text what matches: in its order, apart from each other, at most 64. */
  readonly ranges: readonly TextRange[];
};

/** Newest first. While `next` is not `null` there may be more, also behind a page that is not full. */
export type SearchPage = { readonly hits: readonly SearchHit[]; readonly next: SearchCursor | null };

/** @throws CallRefusedError `unknown-conversation` */
export async function searchMessages(
  { memory, steps }: Runtime,
  { text, conversation, before = [], limit = defaultHits }: SearchQuery,
): Promise<SearchPage> {
  const terms = termsOf(text);
  const rows = conversation === undefined ? searchedByDefault(memory) : [rowOf(memory, conversation)];
  if (terms.length === 0) return { hits: [], next: null };
  const places = new Map(before.map((position) => [position.conversation, position.before]));
  const all = rows.map(({ id, lastActivityMs }) => {
    const params = { conversation: id, terms, lastActivityMs, before: places.get(id) };
    return { id, matches: new ConversationMatches(params) };
  });
  const reader = steps.reader();
  const hits: SearchHit[] = [];
  const wanted = Math.max(1, Math.min(Math.trunc(limit), maxHits));
  let rowsRead = 0;
  while (hits.length < wanted && rowsRead < maxRowsPerPage) {
    const newest = newestOf(all);
    const unread = readBefore(all, newest?.matches.nextMs ?? -Infinity);
    if (unread.length > 0) {
      const counts = await Promise.all(unread.map(({ matches }) => matches.read(reader)));
      rowsRead += counts.reduce((sum, count) => sum + Math.max(1, count), 0);
      continue;
    }
    const place = newest?.matches.take()?.place;
    if (newest === undefined || place === undefined) break;
    rowsRead += 1;
    const hit = await look(reader, { memory, terms, conversation: newest.id, place });
    if (hit !== null) hits.push(hit);
  }
  const isAll = all.every(({ matches }) => matches.isDone);
  return { hits, next: isAll ? null : all.map(({ matches }) => matches.position) };
}

/** What a list shows, without requests: a stranger does not come up with what one looks for. */
function searchedByDefault(memory: Memory): readonly ConversationRow[] {
  return [...memory.conversations.values()].filter(
    ({ replacedBy, standing, peer }) =>
      replacedBy === null && standing === 'accepted' && (peer === null || !isBlocked(memory, peer)),
  );
}

function rowOf(memory: Memory, conversation: ConversationId): ConversationRow {
  const row = memory.conversations.get(conversation);
  if (row === undefined) throw new CallRefusedError('unknown-conversation');
  return row;
}

type Searched = { readonly id: ConversationId; readonly matches: ConversationMatches };

function newestOf(all: readonly Searched[]): Searched | undefined {
  let newest: Searched | undefined;
  let newestMs = -Infinity;
  for (const searched of all) {
    const { nextMs } = searched.matches;
    if (nextMs === null || nextMs <= newestMs) continue;
    newest = searched;
    newestMs = nextMs;
  }
  return newest;
}

/** Where something newer may be hidden yet: the newest of them. */
function readBefore(all: readonly Searched[], nextMs: number): readonly Searched[] {
  return all
    .filter(({ matches }) => matches.mayHold(nextMs))
    .sort((left, right) => right.matches.newestUnreadMs - left.matches.newestUnreadMs)
    .slice(0, readsAtOnce);
}

/** The message as it is now: it may have changed since its block was read, and a long one is not in the index. */
async function look(
  reader: Transaction,
  params: {
    readonly memory: Memory;
    readonly terms: readonly Term[];
    readonly conversation: ConversationId;
    readonly place: string;
  },
): Promise<SearchHit | null> {
  const { memory, terms, conversation, place } = params;
  const row = await reader.get(tables.messages, keyOf.message(conversation, place));
  const of = memory.conversations.get(conversation);
  if (row === null || of === undefined || !isShown(row)) return null;
  const message = viewMessage(row, { profile: memory.profile, conversation: of });
  const ranges = message.body.kind === 'text' ? rangesOf(message.body.text, terms) : null;
  return ranges === null ? null : { message, conversation: viewConversation(of, memory), ranges };
}
