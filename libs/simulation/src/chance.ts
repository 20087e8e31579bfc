/** All that is left to chance in a run, drawn from its seed. */
import { seededRandom } from '@cipherchat/client-sdk/testing';

export class Chance {
  readonly bytes: (lengthBytes: number) => Uint8Array;

  constructor(seed: number) {
    this.bytes = seededRandom(seed);
    // The first numbers of neighbouring seeds are alike.
    this.bytes(16);
  }

  /** In [0, 1). */
  fraction(): number {
    const [a = 0, b = 0, c = 0] = this.bytes(3);
    return (a * 65_536 + b * 256 + c) / 16_777_216;
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  happens(probability: number): boolean {
    return probability > 0 && this.fraction() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }
}
