/** The account of one room of two light clients. What is settled is forgotten but for the hash of everything. */
import { createHash, type Hash } from 'node:crypto';
import { decodeText } from './light-text.js';

const members = 2;

type Side = {
  readonly hash: Hash;
  /** In the order in which they were shown, since the last account: `number * members + sender`. */
  shown: number[];
  readonly lastOf: number[];
  acknowledged: number[];
};

export type RoomVerdict = {
  readonly acknowledged: number;
  readonly lost: number;
  readonly twice: number;
  readonly outOfOrder: number;
  readonly equal: boolean;
  /** The longest that a message took from its writing, though its writer was away, until the other was shown it. */
  readonly slowestMs: number;
  /** Some of what is lost, as `sender.number`, and the last number of each sender. */
  readonly missing: readonly string[];
};

const maxMissing = 4;

export class LightLedger {
  /** Refusals with a time after which to try again. */
  toldToWait = 0;
  private readonly sides: readonly Side[] = Array.from({ length: members }, () => ({
    hash: createHash('sha256'),
    shown: [],
    lastOf: Array.from({ length: members }, () => 0),
    acknowledged: [],
  }));
  private outOfOrder = 0;
  private slowestMs = 0;

  /** `probed` is told which probes of whom were shown to whom. */
  constructor(private readonly probed: (probe: number) => void) {}

  acknowledged(member: number, number: number): void {
    this.sides[member]?.acknowledged.push(number);
  }

  shown(entry: {
    readonly member: number;
    readonly seq: number;
    readonly ciphertext: Uint8Array;
    readonly atMs: number;
  }): void {
    const side = this.sides[entry.member];
    if (side === undefined) throw new RangeError('a room of two');
    const { sender, number, probe, writtenAtMs } = decodeText(entry.ciphertext);
    side.hash.update(`${entry.seq}:`).update(entry.ciphertext);
    side.shown.push(number * members + sender);
    if (number <= (side.lastOf[sender] ?? 0)) this.outOfOrder++;
    side.lastOf[sender] = Math.max(number, side.lastOf[sender] ?? 0);
    if (sender === entry.member) return;
    this.slowestMs = Math.max(this.slowestMs, entry.atMs - writtenAtMs);
    if (probe > 0) this.probed(probe);
  }

  /** Both sides were shown as many. */
  get isEven(): boolean {
    return new Set(this.sides.map(({ shown }) => shown.length)).size === 1;
  }

  /** To be called when nothing is under way. */
  settle(): RoomVerdict {
    let [acknowledged, twice] = [0, 0];
    const missing: string[] = [];
    for (const side of this.sides) {
      const seen = new Set(side.shown);
      twice += side.shown.length - seen.size;
      for (const [sender, writer] of this.sides.entries())
        for (const number of writer.acknowledged)
          if (!seen.has(number * members + sender))
            missing.push(`${sender}.${number} of ${side.lastOf[sender]}`);
    }
    for (const side of this.sides) {
      acknowledged += side.acknowledged.length;
      side.shown = [];
      side.acknowledged = [];
    }
    const hashes = new Set(this.sides.map(({ hash }) => hash.copy().digest('hex')));
    const { outOfOrder, slowestMs } = this;
    this.outOfOrder = 0;
    this.slowestMs = 0;
    return {
      acknowledged,
      lost: missing.length,
      twice,
      outOfOrder,
      equal: hashes.size === 1,
      slowestMs,
      missing: missing.slice(0, maxMissing),
    };
  }
}
