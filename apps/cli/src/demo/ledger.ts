/**
 * Who wrote what, in which order, and who was shown it: the demo's bookkeeping. It knows only what went
 * into one process and came out of another.
 */

export type Written = {
  /** The message's own id, which the sender's process told and the receiver's shows. */
  readonly id: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
  readonly atMs: number;
  /** Whether all receivers were connected: only then its time says something about delivery. */
  readonly online: boolean;
};

export type Shown = {
  readonly id: string;
  readonly by: string;
  readonly text: string;
  readonly atMs: number;
};

export type Reckoning = {
  readonly written: number;
  /** Every message counts once for each receiver. */
  readonly expected: number;
  readonly shown: number;
  readonly bytes: number;
  readonly lost: number;
  readonly outOfOrder: number;
  readonly shownTwice: number;
  readonly changed: number;
  /** Shown to somebody for whom it was not meant, or that nobody wrote. */
  readonly strangers: number;
  /** From handing it to the sender's process until the receiver's process showed it; ascending. */
  readonly delaysMs: readonly number[];
};

export class Ledger {
  private readonly written: Written[] = [];
  private readonly shown: Shown[] = [];
  private readonly shownPairs = new Set<string>();

  write(entry: Written): void {
    this.written.push(entry);
  }

  show(entry: Shown): void {
    this.shown.push(entry);
    this.shownPairs.add(pairOf(entry.id, entry.by));
  }

  wasShown(id: string, by: string): boolean {
    return this.shownPairs.has(pairOf(id, by));
  }

  /** Whether everything that was written so far was shown to everyone it was for. */
  get isComplete(): boolean {
    return this.written.every(({ id, to }) => to.every((by) => this.wasShown(id, by)));
  }

  reckon(): Reckoning {
    const byId = new Map(this.written.map((entry) => [entry.id, entry]));
    const pairs = this.written.flatMap((entry) => entry.to.map((by) => pairOf(entry.id, by)));
    const isExpected = ({ id, by }: Shown): boolean => byId.get(id)?.to.includes(by) ?? false;
    const expectedShown = this.shown.filter(isExpected);
    return {
      written: this.written.length,
      expected: pairs.length,
      shown: expectedShown.length,
      bytes: this.written.reduce((sum, { text, to }) => sum + Buffer.byteLength(text) * to.length, 0),
      lost: pairs.filter((pair) => !this.shownPairs.has(pair)).length,
      outOfOrder: this.outOfOrder(),
      shownTwice: expectedShown.length - new Set(expectedShown.map(({ id, by }) => pairOf(id, by))).size,
      changed: expectedShown.filter(({ id, text }) => byId.get(id)?.text !== text).length,
      strangers: this.shown.length - expectedShown.length,
      delaysMs: expectedShown
        .filter(({ id }) => byId.get(id)?.online === true)
        .map(({ id, atMs }) => atMs - (byId.get(id)?.atMs ?? atMs))
        .sort((left, right) => left - right),
    };
  }

  /** Of each sender's messages, those that a receiver was shown after a later one. */
  private outOfOrder(): number {
    const place = new Map(this.written.map(({ id }, index) => [id, index]));
    const senderOf = new Map(this.written.map(({ id, from }) => [id, from]));
    const last = new Map<string, number>();
    let count = 0;
    for (const { id, by } of this.shown) {
      const [own, from] = [place.get(id), senderOf.get(id)];
      if (own === undefined || from === undefined) continue;
      const lane = `${from} ${by}`;
      if (own < (last.get(lane) ?? -1)) count++;
      last.set(lane, Math.max(own, last.get(lane) ?? -1));
    }
    return count;
  }
}

function pairOf(id: string, by: string): string {
  return `${id} ${by}`;
}

/** The value below which a share of the ascending values lies; NaN of none. */
export function percentile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.ceil(ascending.length * share) - 1)] ?? Number.NaN;
}
