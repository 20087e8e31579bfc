/** From 0, inclusive, to 1, exclusive. */
export type Chance = () => number;

/** More misses in a row than anybody waits for; whole numbers up to here stay off the heap. */
const maxMisses = 2 ** 30;

/**
 * Hits with a given probability, whatever came before. It does not draw at every throw but, at each hit, how many
 * misses come before the next one, which is the same (the geometric distribution) and leaves a subtraction for a throw:
 * `Math.random` puts a number on the heap at every call.
 */
export class Coin {
  private misses: number;

  constructor(
    private readonly ratio: number,
    private readonly chance: Chance,
  ) {
    this.misses = this.missesBeforeHit();
  }

  throw(): boolean {
    if (this.ratio === 0) return false;
    if (this.misses > 0) {
      this.misses--;
      return false;
    }
    this.misses = this.missesBeforeHit();
    return true;
  }

  private missesBeforeHit(): number {
    if (this.ratio === 0 || this.ratio === 1) return 0;
    const misses = Math.floor(Math.log1p(-this.chance()) / Math.log1p(-this.ratio));
    return Math.min(misses, maxMisses);
  }
}
