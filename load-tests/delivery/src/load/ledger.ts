/**
 * The account of one run: when each message was due, sent, acknowledged and received, by whom. What was sent and not
 * received by each other member is lost; nothing is forgotten because it was slow.
 */
import { latencyOf, type Latency } from './percentiles.js';

export type LedgerParams = {
  /** The number of the first message; numbers are never used twice in a process. */
  readonly first: number;
  readonly messages: number;
  /** The first so many warm the system up: they are counted, but their times are not. */
  readonly warmUp: number;
  readonly rooms: number;
  readonly members: number;
};

export type Account = {
  readonly sent: number;
  readonly expected: number;
  readonly received: number;
  readonly lost: number;
  readonly twice: number;
  readonly outOfOrder: number;
  readonly unacknowledged: number;
  /** From when the message was due: waiting for the generator counts too (no coordinated omission). */
  readonly toReceive: Latency;
  readonly toAcknowledge: Latency;
  /** From the call of `send`: without the lateness of the generator's timer. */
  readonly sendToReceive: Latency;
  readonly sendToAcknowledge: Latency;
  /** How late the generator called `send`. */
  readonly lateness: Latency;
};

export class Ledger {
  private readonly due: Float64Array;
  private readonly sent: Float64Array;
  private readonly acknowledgedAt: Float64Array;
  /** The last of the receivers: in a pair the only one. */
  private readonly receivedAt: Float64Array;
  private readonly receivers: Uint16Array;
  private readonly seen: Uint8Array;
  /** The highest number that a member has of another. */
  private readonly last = new Map<number, number>();
  private received = 0;
  private twice = 0;
  private outOfOrder = 0;
  private acknowledged = 0;
  private sentCount = 0;

  constructor(private readonly params: LedgerParams) {
    const { messages, members } = params;
    const times = (): Float64Array => new Float64Array(messages).fill(NaN);
    [this.due, this.sent, this.acknowledgedAt, this.receivedAt] = [times(), times(), times(), times()];
    this.receivers = new Uint16Array(messages);
    this.seen = new Uint8Array(messages * members);
  }

  onSent(message: number, { dueMs, atMs }: { readonly dueMs: number; readonly atMs: number }): void {
    const index = message - this.params.first;
    this.due[index] = dueMs;
    this.sent[index] = atMs;
    this.sentCount++;
  }

  onAcknowledged(message: number, atMs: number): void {
    const index = message - this.params.first;
    if (!this.isOfThisRun(index) || !Number.isNaN(this.acknowledgedAt[index])) return;
    this.acknowledgedAt[index] = atMs;
    this.acknowledged++;
  }

  onReceived(
    message: number,
    by: { readonly room: number; readonly member: number; readonly sender: number; readonly atMs: number },
  ): void {
    const { members } = this.params;
    const index = message - this.params.first;
    if (!this.isOfThisRun(index)) return;
    const place = index * members + by.member;
    if (this.seen[place] === 1) {
      this.twice++;
      return;
    }
    this.seen[place] = 1;
    const stream = (by.room * members + by.member) * members + by.sender;
    const last = this.last.get(stream) ?? -1;
    if (message < last) this.outOfOrder++;
    else this.last.set(stream, message);
    this.received++;
    this.receivers[index] = (this.receivers[index] ?? 0) + 1;
    if (this.receivers[index] === members - 1) this.receivedAt[index] = by.atMs;
  }

  /** Everything that was sent has been acknowledged and has arrived everywhere. */
  get isComplete(): boolean {
    return this.acknowledged >= this.sentCount && this.received >= this.sentCount * (this.params.members - 1);
  }

  account(): Account {
    const { warmUp, members } = this.params;
    const between = (from: Float64Array, to: Float64Array): Latency =>
      latencyOf(to.subarray(warmUp).map((at, index) => at - (from[index + warmUp] ?? NaN)));
    const expected = this.sentCount * (members - 1);
    return {
      sent: this.sentCount,
      expected,
      received: this.received,
      lost: expected - this.received,
      twice: this.twice,
      outOfOrder: this.outOfOrder,
      unacknowledged: this.sentCount - this.acknowledged,
      toReceive: between(this.due, this.receivedAt),
      toAcknowledge: between(this.due, this.acknowledgedAt),
      sendToReceive: between(this.sent, this.receivedAt),
      sendToAcknowledge: between(this.sent, this.acknowledgedAt),
      lateness: between(this.due, this.sent),
    };
  }

  private isOfThisRun(index: number): boolean {
    return index >= 0 && index < this.params.messages;
  }
}
