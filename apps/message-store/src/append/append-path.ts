/**
 * The append path: from a gateway's batch of `append` frames to the answer "sent".
 *
 * Note [Sent means durable]. What holds here, and must keep holding:
 *
 * 1. An item is answered `accepted` only after the transaction that stored it has committed with
 *    synchronous_commit on. Before the answer, and after the commit, it is published; both go over one
 *    NATS connection, which keeps their order. A crash in between leaves the sender unanswered: it
 *    resends, and the duplicate is published and answered with its first seq. So nothing has to
 *    remember what was published: no outbox table, no relay.
 * 2. One transaction is in flight. What arrives meanwhile is the next one: the longer a commit takes, the
 *    more it carries. There is no timer, which would only add latency (stack.md has the figures). A transaction is
 *    published and answered while the next one runs, before that one's own: order is kept.
 * 3. A transaction is one round trip: one SQL function locks the conversations, then numbers and stores (the usual
 *    batch, see `append-known.ts`) or judges, numbers and stores on a fresh snapshot. Each item has its own verdict;
 *    none fails the others.
 * 4. When the transaction fails or its answer is lost, nobody knows whether it committed; when publishing fails, the
 *    members do not know. All its items are answered `busy`: the senders resend the same bytes, and deduplication
 *    makes that harmless.
 * 5. The queue is bounded in items and bytes. A request that does not fit is answered `busy` as a whole, at
 *    once: a slow database slows senders, and never costs memory.
 * 6. Requests are stored in the order in which they came, and the items of a request in its order. That keeps
 *    one gateway's messages to a conversation in order, as long as it has one request for it under way.
 * 7. A duplicate is announced, not delivered: the bytes of a resend come from whoever knows the envelope id,
 *    and only the stored ones are the log's.
 */
import {
  decodeClientFrame,
  MalformedError,
  type AppendBatch,
  type AppendResults,
  type ConversationId,
} from '@cipherchat/protocol';
import type { Span } from '@cipherchat/telemetry';
import type { LivePublisher } from '../live/live-publisher.js';
import type { Roster, RosterCache } from '../live/roster-cache.js';
import type { AppendItem, AppendStatement, AppendVerdict } from './append-statement.js';

export type AppendResult = AppendResults['results'][number];

/** Of a batch in which something is recorded. */
export type BatchTrace = {
  readonly span: Span<'message-store append'>;
  /** By index: the name under which an item's delivery is recorded. */
  readonly hops: ReadonlyMap<number, string>;
};
export type TracedBatch = AppendBatch & { readonly trace?: BatchTrace | null };

export type AppendBounds = {
  readonly maxWriteItems: number;
  readonly maxWriteBytes: number;
  readonly maxQueuedItems: number;
  readonly maxQueuedBytes: number;
  readonly busyRetryMs: number;
};

export type AppendPathParams = {
  readonly append: AppendStatement;
  readonly live: LivePublisher;
  readonly rosters: RosterCache;
  readonly bounds: AppendBounds;
  /** Called when a transaction failed, with how many items it had. */
  readonly onFailure: (error: unknown, items: number) => void;
  readonly watch?: AppendWatch;
};

/** Told of each transaction, for whoever measures. Marks are moments of one clock, which does not jump. */
export type AppendWatch = {
  readonly mark: () => number;
  /** Its requests had arrived at these marks. */
  readonly committed: (written: {
    readonly arrivedAt: readonly number[];
    readonly committedAt: number;
    readonly verdicts: readonly AppendVerdict[];
  }) => void;
  /** What it stored was published, and answered. */
  readonly published: (committedAt: number) => void;
};

/** A request in the queue: its well-formed items, and where their results go. */
type Waiting = {
  readonly items: readonly AppendItem[];
  /** For each frame of the request the index of its item, or -1 for a malformed frame. */
  readonly itemOf: readonly number[];
  readonly bytes: number;
  readonly arrivedAt: number;
  readonly span: BatchTrace['span'] | null;
  readonly answer: (results: AppendResults) => void;
};

const malformed: AppendResult = { outcome: 'malformed', seq: 0, atMs: 0 };

export class AppendPath {
  private queue: Waiting[] = [];
  private queuedItems = 0;
  private queuedBytes = 0;
  private isWriting = false;

  constructor(private readonly params: AppendPathParams) {}

  /** How many envelopes wait for a transaction. */
  get queued(): number {
    return this.queuedItems;
  }

  /** Calls back once, when each item of the batch has its result. */
  submit(batch: TracedBatch, answer: (results: AppendResults) => void): void {
    const { maxQueuedItems, maxQueuedBytes } = this.params.bounds;
    const { items, itemOf, bytes } = readItems(batch);
    if (this.queuedItems + items.length > maxQueuedItems || this.queuedBytes + bytes > maxQueuedBytes) {
      answer({ results: itemOf.map((index) => (index < 0 ? malformed : this.busy())) });
      return;
    }
    const span = batch.trace?.span ?? null;
    this.queue.push({ items, itemOf, bytes, arrivedAt: this.mark(), span, answer });
    this.queuedItems += items.length;
    this.queuedBytes += bytes;
    if (this.isWriting) return;
    this.isWriting = true;
    // Requests that arrived in the same read from NATS go together.
    setImmediate(() => void this.writeUntilEmpty());
  }

  private async writeUntilEmpty(): Promise<void> {
    for (let next = this.begin(); next !== null;) {
      const { requests, items } = next;
      const verdicts = await next.verdicts;
      const committedAt = this.mark();
      // The database works on what came meanwhile while this is published.
      next = this.begin();
      this.isWriting = next !== null;
      this.settle({ requests, items, verdicts });
      if (verdicts !== null) this.tell({ requests, verdicts, committedAt });
    }
  }

  private begin() {
    if (this.queue.length === 0) return null;
    const requests = this.takeRequests();
    const items = requests.flatMap((request) => request.items);
    const verdicts = items.length === 0 ? [] : withinSpanOf(requests, () => this.write(items));
    return { requests, items, verdicts };
  }

  /** In one turn from the first publish to the last answer, so that all of it leaves in one write to NATS. */
  private settle(written: {
    readonly requests: readonly Waiting[];
    readonly items: readonly AppendItem[];
    readonly verdicts: readonly AppendVerdict[] | null;
  }): void {
    const { requests, items, verdicts } = written;
    const results = this.publishAll(items, verdicts) ?? items.map(() => this.busy());
    let first = 0;
    for (const { items: own, itemOf, answer } of requests) {
      const offset = first;
      answer({
        results: itemOf.map((index) => (index < 0 ? malformed : (results[offset + index] as AppendResult))),
      });
      first += own.length;
    }
  }

  /** Whole requests, at least one, up to the bounds of a transaction. */
  private takeRequests(): readonly Waiting[] {
    const { maxWriteItems, maxWriteBytes } = this.params.bounds;
    let items = 0;
    let bytes = 0;
    let count = 0;
    for (const request of this.queue) {
      if (
        count > 0 &&
        (items + request.items.length > maxWriteItems || bytes + request.bytes > maxWriteBytes)
      )
        break;
      items += request.items.length;
      bytes += request.bytes;
      count++;
    }
    const taken = this.queue.slice(0, count);
    this.queue = this.queue.slice(count);
    this.queuedItems -= items;
    this.queuedBytes -= bytes;
    return taken;
  }

  /** Null when it failed, or nobody knows. */
  private async write(items: readonly AppendItem[]): Promise<readonly AppendVerdict[] | null> {
    const { append, onFailure } = this.params;
    try {
      return await append({ items, rosters: this.knownRosters(items) });
    } catch (error) {
      onFailure(error, items.length);
      return null;
    }
  }

  /** Null where nothing was written, or publishing failed. */
  private publishAll(
    items: readonly AppendItem[],
    verdicts: readonly AppendVerdict[] | null,
  ): readonly AppendResult[] | null {
    try {
      return verdicts?.map((verdict, index) => this.publish(items[index] as AppendItem, verdict)) ?? null;
    } catch (error) {
      this.params.onFailure(error, items.length);
      return null;
    }
  }

  private knownRosters(items: readonly AppendItem[]): ReadonlyMap<ConversationId, Roster> {
    const known = new Map<ConversationId, Roster>();
    for (const { conversation } of items) {
      const roster = this.params.rosters.get(conversation);
      if (roster !== undefined) known.set(conversation, roster);
    }
    return known;
  }

  /** Publishes what was stored, and gives the answer that follows it. */
  private publish(item: AppendItem, verdict: AppendVerdict): AppendResult {
    const { live, rosters } = this.params;
    const { conversation, envelope, ciphertext } = item;
    switch (verdict.kind) {
      case 'accepted': {
        const { seq, atMs, roster } = verdict;
        if (rosters.get(conversation) !== roster) rosters.put(conversation, roster);
        const frame = { type: 'deliver', conversation, seq, envelope, atMs, ciphertext } as const;
        if (item.hop === undefined) live.tell(roster.users, frame);
        else live.tellTraced({ users: roster.users, frame, hop: item.hop });
        return { outcome: 'accepted', seq, atMs };
      }
      case 'duplicate': {
        const { seq, atMs, roster } = verdict;
        live.announce(roster.users, { conversation, seq, sizeBytes: ciphertext.length });
        return { outcome: 'duplicate', seq, atMs };
      }
      case 'stale-commit':
        return { outcome: 'stale-commit', seq: verdict.lastCommitSeq, atMs: 0 };
      case 'not-member':
      case 'closed':
        return { outcome: verdict.kind, seq: 0, atMs: 0 };
    }
  }

  private mark(): number {
    return this.params.watch?.mark() ?? 0;
  }

  /** After everybody was answered: nobody waits for a measurement. */
  private tell(written: {
    readonly requests: readonly Waiting[];
    readonly verdicts: readonly AppendVerdict[];
    readonly committedAt: number;
  }): void {
    const { requests, verdicts, committedAt } = written;
    this.params.watch?.published(committedAt);
    this.params.watch?.committed({
      arrivedAt: requests.map(({ arrivedAt }) => arrivedAt),
      committedAt,
      verdicts,
    });
  }

  private busy(): AppendResult {
    return { outcome: 'busy', seq: 0, atMs: this.params.bounds.busyRetryMs };
  }
}

/** The transaction is a part of the first batch in it that is recorded, and the others are linked with that. */
function withinSpanOf<Result>(requests: readonly Waiting[], work: () => Result): Result {
  const first = requests.find(({ span }) => span !== null)?.span ?? null;
  if (first === null) return work();
  for (const { span } of requests) if (span !== null && span !== first) span.link(first);
  return first.within(work);
}

function readItems(batch: TracedBatch): Pick<Waiting, 'items' | 'itemOf' | 'bytes'> {
  const items: AppendItem[] = [];
  let bytes = 0;
  const itemOf = batch.items.map(({ user, device, frame }, index) => {
    const append = readAppend(frame);
    if (append === null) return -1;
    const { conversation, envelope, commitSeq, ciphertext } = append;
    bytes += ciphertext.length;
    const hop = batch.trace?.hops.get(index);
    return items.push({ user, device, conversation, envelope, commitSeq, ciphertext, hop }) - 1;
  });
  return { items, itemOf, bytes };
}

/** The client's frame came through the gateway unread. */
function readAppend(frame: Uint8Array) {
  try {
    const decoded = decodeClientFrame(frame);
    return decoded.type === 'append' ? decoded : null;
  } catch (error) {
    if (error instanceof MalformedError) return null;
    throw error;
  }
}
