/**
 * Collects the appends of all sockets into requests to the store. That is where the throughput is (docs/decisions): a
 * request costs as much as its items.
 *
 * 1. What arrives in one turn of the event loop goes together. What comes while that is with the store is the next
 *    request, as it is with the store's transactions: a request takes longer when there is more to do, and carries
 *    more then. An answer that is late holds up nobody else: the store may have died with the question. A request of
 *    several is followed by a rest: while so much comes, a larger one saves all processes more than the wait costs.
 * 2. A conversation has at most one request under way, since two could overtake each other on their way through
 *    two replicas of the store: what comes for it meanwhile waits for the answer, also for a late one.
 * 3. Everything is bounded: items and bytes that wait, items and bytes in a request, requests under way. What does
 *    not fit is answered `busy` at once.
 * 4. Each item is answered once. Without an answer of the store nobody knows what it stored: `busy`, and the client
 *    sends the same bytes again.
 */
import {
  limits,
  type AppendBatch,
  type AppendResults,
  type DeviceId,
  type UserId,
} from '@cipherchat/protocol';
import type { AppendTrace } from './append-trace.js';

export type AppendResult = AppendResults['results'][number];

export type AppendParams = {
  readonly user: UserId;
  readonly device: DeviceId;
  /** The client's `append` frame; its header is known to be complete. */
  readonly frame: Uint8Array;
  /** A mark of when it came, for whoever measures (`onSent`). */
  readonly arrivedAt: number;
  /** Null for all but those that are recorded. */
  readonly trace: AppendTrace | null;
  readonly answer: (result: AppendResult) => void;
};

/** Of the item with this index. */
export type BatchTrace = AppendTrace & { readonly index: number };

export type AppendBatcherParams = {
  /** Asks the store. Rejects when it did not answer, or could not take the batch. */
  readonly request: (batch: AppendBatch, traces: readonly BatchTrace[]) => Promise<AppendResults>;
  readonly onFailure: (error: unknown) => void;
  /** Calls back after the time; passed in so that tests own time. */
  readonly schedule: (callback: () => void, afterMs: number) => void;
  /** A request to the store begins. */
  readonly onSent?: (batch: readonly Pick<AppendParams, 'arrivedAt'>[]) => void;
  readonly bounds: {
    readonly maxQueuedAppends: number;
    readonly maxQueuedAppendBytes: number;
    readonly maxAppendRequests: number;
    readonly lateAppendMs: number;
    readonly restAfterAppends: number;
    readonly restMs: number;
    readonly busyRetryMs: number;
  };
};

type Item = AppendParams & { readonly conversation: string };

const conversationOffset = 5;
const conversationEnd = 21;
/** Per item: user, device and the frame's length. */
const itemOverheadBytes = 36;

export class AppendBatcher {
  private ready: Item[] = [];
  /** By conversation with a request under way: what waits for its answer. */
  private readonly underWay = new Map<string, Item[]>();
  private queuedItems = 0;
  private queuedBytes = 0;
  private requests = 0;
  private sent = 0;
  /** The number of the last request, while its answer is not late. */
  private awaited: number | null = null;
  private isScheduled = false;
  private looksForLate = false;
  private isResting = false;

  constructor(private readonly params: AppendBatcherParams) {}

  add(append: AppendParams): void {
    const { maxQueuedAppends, maxQueuedAppendBytes } = this.params.bounds;
    if (
      this.queuedItems >= maxQueuedAppends ||
      this.queuedBytes + append.frame.length > maxQueuedAppendBytes
    ) {
      append.answer(this.busy());
      return;
    }
    const item = { ...append, conversation: conversationOf(append.frame) };
    this.queuedItems++;
    this.queuedBytes += append.frame.length;
    (this.underWay.get(item.conversation) ?? this.ready).push(item);
    this.schedule();
  }

  /** How many wait for a request. */
  get queued(): number {
    return this.queuedItems;
  }

  /** Resolves when nothing waits and nothing is under way. */
  async drained(): Promise<void> {
    while (this.queuedItems > 0 || this.requests > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  private schedule(): void {
    if (this.isScheduled || this.isResting || this.ready.length === 0) return;
    if (this.requests >= this.params.bounds.maxAppendRequests) return;
    if (this.awaited !== null) {
      this.lookForLate();
      return;
    }
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      while (this.ready.length > 0 && this.requests < this.params.bounds.maxAppendRequests)
        void this.send(this.takeBatch());
    });
  }

  private lookForLate(): void {
    if (this.looksForLate) return;
    this.looksForLate = true;
    const { awaited } = this;
    this.params.schedule(() => {
      this.looksForLate = false;
      if (this.awaited === awaited) this.awaited = null;
      this.schedule();
    }, this.params.bounds.lateAppendMs);
  }

  private rest(): void {
    if (this.isResting) return;
    this.isResting = true;
    this.params.schedule(() => {
      this.isResting = false;
      this.schedule();
    }, this.params.bounds.restMs);
  }

  private takeBatch(): readonly Item[] {
    let count = 0;
    let bytes = 0;
    for (const { frame } of this.ready) {
      const size = frame.length + itemOverheadBytes;
      if (count === limits.maxAppendBatchItems || bytes + size > limits.maxAppendBatchBytes) break;
      count++;
      bytes += size;
    }
    const batch = this.ready.slice(0, count);
    const left = this.ready.slice(count);
    for (const { conversation, frame } of batch) {
      this.underWay.set(conversation, []);
      this.queuedBytes -= frame.length;
    }
    this.queuedItems -= count;
    this.ready = [];
    // What is left of a conversation that is now under way waits with it.
    for (const item of left) (this.underWay.get(item.conversation) ?? this.ready).push(item);
    return batch;
  }

  private async send(batch: readonly Item[]): Promise<void> {
    this.requests++;
    const number = ++this.sent;
    this.awaited = number;
    if (batch.length >= this.params.bounds.restAfterAppends) this.rest();
    this.params.onSent?.(batch);
    const results = await this.ask(batch);
    this.requests--;
    if (this.awaited === number) this.awaited = null;
    for (const [index, { answer }] of batch.entries()) answer(results?.[index] ?? this.busy());
    for (const { conversation } of batch) {
      const waiting = this.underWay.get(conversation);
      if (waiting === undefined) continue;
      this.underWay.delete(conversation);
      this.ready.push(...waiting);
    }
    this.schedule();
  }

  private async ask(batch: readonly Item[]): Promise<AppendResults['results'] | null> {
    try {
      const items = batch.map(({ user, device, frame }) => ({ user, device, frame }));
      const { results } = await this.params.request({ items }, tracesOf(batch));
      return results;
    } catch (error) {
      this.params.onFailure(error);
      return null;
    }
  }

  private busy(): AppendResult {
    return { outcome: 'busy', seq: 0, atMs: this.params.bounds.busyRetryMs };
  }
}

const noTraces: readonly BatchTrace[] = [];

function tracesOf(batch: readonly Item[]): readonly BatchTrace[] {
  if (!batch.some(isTraced)) return noTraces;
  return batch.flatMap(({ trace }, index) => (trace === null ? [] : [{ ...trace, index }]));
}

function isTraced({ trace }: Item): boolean {
  return trace !== null;
}

/** The 16 bytes as a string of as many characters: a key for a map, nothing else. */
function conversationOf(frame: Uint8Array): string {
  return Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString(
    'latin1',
    conversationOffset,
    conversationEnd,
  );
}
