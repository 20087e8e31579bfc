/**
 * The index: the words of what stands in conversations, in blocks of neighbouring messages. Concluded from what a step
 * did to messages, in the same write, so that it never holds a word more or less than the messages do; sealed as they
 * are, since it says the same.
 *
 * Which block a text is in follows from its place, so none is looked for, and one that is edited, moved or gone is found
 * where it was. A block is small enough to be written anew with each message, and holds enough of them that a search
 * through years reads hundreds of rows instead of ten thousands.
 */
import type { UserId } from '@cipherchat/protocol';
import { isShown, shownBody } from '../messages/message-table.js';
import type { NetChanges } from '../messages/net-changes.js';
import type { Memory } from '../state/memory.js';
import { stretchOf } from '../state/places.js';
import type { MessageRow } from '../state/rows.js';
import type { SearchEntry } from '../state/search-rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { MessageChange, Transaction } from '../state/transaction.js';
import { indexedWords } from './query.js';

/** Texts are one to a place at most. */
const placesPerBlock = 64;
/** A page of print. Longer ones, of which there are few, would make every write to their block a long one. */
const maxWordsLength = 2_000;

type Here = { readonly transaction: Transaction; readonly memory: Memory };
/** By place: what is there now. */
type BlockUpdates = ReadonlyMap<string, SearchEntry | null>;

export async function concludeIndex({ transaction, memory }: Here, changed: NetChanges): Promise<void> {
  for (const [conversation, changes] of changed)
    for (const [stretch, updates] of updatesByStretch(changes, memory.profile.user))
      await updateBlock(transaction, { key: keyOf.searchBlock(conversation, stretch), updates });
}

function updatesByStretch(
  changes: readonly MessageChange[],
  self: UserId,
): ReadonlyMap<string, BlockUpdates> {
  const byStretch = new Map<string, Map<string, SearchEntry | null>>();
  for (const { before, after } of changes) {
    const place = (after ?? before)?.place;
    if (place === undefined || isSameText(before, after, self)) continue;
    const stretch = stretchOf(place, placesPerBlock);
    const updates = byStretch.get(stretch) ?? new Map<string, SearchEntry | null>();
    byStretch.set(stretch, updates.set(place, after === null ? null : entryOf(after, self)));
  }
  return byStretch;
}

/** Most changes are of how far a message has come. */
function isSameText(before: MessageRow | null, after: MessageRow | null, self: UserId): boolean {
  const [was, is] = [searchedText(before, self), searchedText(after, self)];
  return was === is && (is === null || before?.atMs === after?.atMs);
}

/** What of a row can be found, as it is shown; `null` for what nobody wrote, or deleted. */
function searchedText(row: MessageRow | null, self: UserId): string | null {
  if (row === null || !isShown(row)) return null;
  const body = shownBody(row, self);
  return body.kind === 'text' ? body.text : null;
}

function entryOf(row: MessageRow, self: UserId): SearchEntry | null {
  const text = searchedText(row, self);
  if (text === null) return null;
  const words = indexedWords(text);
  if (words === '') return null;
  return { place: row.place, atMs: row.atMs, words: words.length > maxWordsLength ? null : words };
}

async function updateBlock(
  transaction: Transaction,
  { key, updates }: { readonly key: string; readonly updates: BlockUpdates },
): Promise<void> {
  const block = await transaction.get(tables.searchBlocks, key);
  const kept = (block?.entries ?? []).filter(({ place }) => !updates.has(place));
  const added = [...updates.values()].filter((entry) => entry !== null);
  const entries = [...kept, ...added].sort((left, right) => (left.place < right.place ? -1 : 1));
  if (entries.length > 0) transaction.put(tables.searchBlocks, key, { entries });
  else if (block !== null) transaction.delete(tables.searchBlocks, key);
}
