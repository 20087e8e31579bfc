/**
 * The account of one room: each sender numbers its messages from 1, and each other member must be shown all of them,
 * once, in that order. What is asked of a stream is whether it has a gap, so what is settled is forgotten.
 */

export type RoomTotals = {
  readonly sent: number;
  readonly acknowledged: number;
  /** Copies: one for each other member. */
  readonly expected: number;
  readonly received: number;
  /** Of these, those that came from another gateway. */
  readonly across: number;
  readonly lost: number;
  readonly unacknowledged: number;
  readonly twice: number;
  readonly outOfOrder: number;
};

export type Shown = 'new' | 'twice' | 'out-of-order';

/** What one member was shown of one sender. */
type Stream = {
  /** All up to here were shown. */
  upTo: number;
  /** Shown past a gap: a bug, of ours or of the server. */
  ahead: Set<number> | null;
};

export class Account {
  private readonly sent: number[];
  private readonly acknowledged: number[];
  /** By receiver, then by sender. */
  private readonly streams: readonly (readonly Stream[])[];
  private received = 0;
  private across = 0;
  private twice = 0;
  private outOfOrder = 0;

  constructor(private readonly members: number) {
    const each = Array.from({ length: members }, (_, member) => member);
    this.sent = each.map(() => 0);
    this.acknowledged = each.map(() => 0);
    this.streams = each.map(() => each.map(() => ({ upTo: 0, ahead: null })));
  }

  /** The number of the sender's next message. */
  write(sender: number): number {
    const number = (this.sent[sender] ?? 0) + 1;
    this.sent[sender] = number;
    return number;
  }

  /** Senders wait for an answer before they send the next one, so what is acknowledged has no gap. */
  acknowledge(sender: number, number: number): void {
    this.acknowledged[sender] = Math.max(this.acknowledged[sender] ?? 0, number);
  }

  show(receiver: number, { sender, number }: { readonly sender: number; readonly number: number }): Shown {
    const stream = this.streams[receiver]?.[sender];
    if (stream === undefined) throw new RangeError('nobody of this room');
    if (number <= stream.upTo || stream.ahead?.has(number) === true) {
      this.twice++;
      return 'twice';
    }
    this.received++;
    if (number === stream.upTo + 1 && stream.ahead === null) {
      stream.upTo = number;
      return 'new';
    }
    const ahead = (stream.ahead ??= new Set());
    const isLate = [...ahead].some((other) => other > number);
    ahead.add(number);
    while (ahead.delete(stream.upTo + 1)) stream.upTo++;
    if (ahead.size === 0) stream.ahead = null;
    if (!isLate) return 'new';
    this.outOfOrder++;
    return 'out-of-order';
  }

  /** The copy that was shown last came from another gateway. */
  crossed(): void {
    this.across++;
  }

  /** Everything that was written was acknowledged, and shown to everybody else. */
  get isEven(): boolean {
    const { lost, unacknowledged, expected, received } = this.totals();
    return lost === 0 && unacknowledged === 0 && received === expected;
  }

  totals(): RoomTotals {
    const sum = (counts: readonly number[]): number => counts.reduce((total, each) => total + each, 0);
    const sent = sum(this.sent);
    const acknowledged = sum(this.acknowledged);
    let lost = 0;
    for (const [receiver, streams] of this.streams.entries())
      for (const [sender, { upTo, ahead }] of streams.entries()) {
        if (sender === receiver) continue;
        const last = this.acknowledged[sender] ?? 0;
        const shownAhead = ahead === null ? 0 : [...ahead].filter((number) => number <= last).length;
        lost += Math.max(0, last - upTo - shownAhead);
      }
    return {
      sent,
      acknowledged,
      expected: sent * (this.members - 1),
      received: this.received,
      across: this.across,
      lost,
      unacknowledged: sent - acknowledged,
      twice: this.twice,
      outOfOrder: this.outOfOrder,
    };
  }
}
