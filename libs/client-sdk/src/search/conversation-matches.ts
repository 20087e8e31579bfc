/** The matches of one conversation, from its newest text back, read as far as they are asked for. */
import type { ConversationId } from '@cipherchat/protocol';
import { endOfPlaces, isPending } from '../state/places.js';
import type { SearchEntry } from '../state/search-rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { hasTerms, type Term } from './query.js';

/** Blocks read at once, doubled with each reading: a first page reads little, and a rare word not one by one. */
const maxRowsPerRead = 32;
/** Behind the one place that it follows, and before all others behind it. */
const justBehind = '~';

/** Where a search goes on in a conversation: before this place. */
export type SearchPosition = { readonly conversation: ConversationId; readonly before: string };

export class ConversationMatches {
  private readonly terms: readonly Term[];
  private readonly conversation: ConversationId;
  /** Newest first. A text that is too long for the index counts until it was looked at. */
  private matches: readonly SearchEntry[] = [];
  /** What is not before this place was read. */
  private before: string;
  private rowsAtOnce = 1;
  private isReadToEnd = false;
  /** What was not read yet is no newer, as far as the server's clock only goes forward. */
  private unreadMs: number;

  constructor(params: {
    readonly conversation: ConversationId;
    readonly terms: readonly Term[];
    readonly lastActivityMs: number;
    readonly before: string | undefined;
  }) {
    this.conversation = params.conversation;
    this.terms = params.terms;
    this.unreadMs = params.lastActivityMs;
    this.before = params.before ?? endOfPlaces;
  }

  /** When the next match was written; of what waits to be sent, or failed, the conversation's time: it stands last. */
  get nextMs(): number | null {
    const [next] = this.matches;
    if (next === undefined) return null;
    return isPending(next.place) ? this.unreadMs : next.atMs;
  }

  /** Whether something newer than this may be found by reading on. */
  mayHold(newerThanMs: number): boolean {
    return this.matches.length === 0 && !this.isReadToEnd && this.unreadMs > newerThanMs;
  }

  get newestUnreadMs(): number {
    return this.unreadMs;
  }

  get isDone(): boolean {
    return this.isReadToEnd && this.matches.length === 0;
  }

  /** Where another search goes on from here. */
  get position(): SearchPosition {
    const [next] = this.matches;
    const before = next === undefined ? this.before : `${next.place}${justBehind}`;
    return { conversation: this.conversation, before };
  }

  take(): SearchEntry | null {
    const [next = null, ...others] = this.matches;
    this.matches = others;
    return next;
  }

  /** Reads the next blocks; returns how many rows that were. */
  async read(reader: Transaction): Promise<number> {
    const prefix = keyOf.groupPrefix(this.conversation);
    const limit = this.rowsAtOnce;
    const rows = await reader.scan(tables.searchBlocks, {
      prefix,
      after: keyOf.searchBlock(this.conversation, this.before),
      limit,
      order: 'descending',
    });
    const { before } = this;
    const entries = rows.flatMap(({ row }) => row.entries.toReversed());
    this.matches = entries.filter(
      ({ place, words }) => place < before && (words === null || hasTerms(words, this.terms)),
    );
    const last = rows.at(-1);
    if (last !== undefined) this.before = last.key.slice(prefix.length);
    const oldest = last?.row.entries[0];
    if (oldest !== undefined && !isPending(oldest.place))
      this.unreadMs = Math.min(this.unreadMs, oldest.atMs);
    this.isReadToEnd = rows.length < limit;
    this.rowsAtOnce = Math.min(limit * 2, maxRowsPerRead);
    return rows.length;
  }
}
