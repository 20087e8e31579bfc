/**
 * Finds any of some hundred thousand byte patterns in one pass. At each place of the haystack the next
 * 8 bytes, and for longer patterns the next 16, are hashed and looked up in a bitmap; only what passes
 * it is compared. (16 are needed since all escapes begin alike: `\u0063\u0061`.)
 */

export type Pattern = { readonly bytes: Uint8Array; readonly secret: number; readonly encoding: string };
export type Match = { readonly pattern: Pattern; readonly offset: number };

export const minPatternBytes = 8;
const longPatternBytes = 16;
/** 2^23 bits are 1 MiB: with 2^18 patterns 3 % of places are looked up in the map for nothing. */
const bitmapBits = 23;

export class PatternIndex {
  private readonly short = new PatternTable(minPatternBytes);
  private readonly long = new PatternTable(longPatternBytes);

  constructor(patterns: Iterable<Pattern>) {
    for (const pattern of patterns) {
      if (pattern.bytes.length < minPatternBytes)
        throw new RangeError(`a pattern of less than ${minPatternBytes} bytes is found by chance`);
      (pattern.bytes.length < longPatternBytes ? this.short : this.long).add(pattern);
    }
  }

  get size(): number {
    return this.short.size + this.long.size;
  }

  /** Every match, in order of its place within each of the two tables. */
  *search(haystack: Uint8Array): Generator<Match> {
    yield* this.short.search(haystack);
    yield* this.long.search(haystack);
  }
}

class PatternTable {
  private readonly bitmap = new Uint32Array(2 ** (bitmapBits - 5));
  private readonly byHash = new Map<number, Pattern[]>();
  size = 0;

  constructor(private readonly prefixBytes: 8 | 16) {}

  add(pattern: Pattern): void {
    const hash = this.hash(viewOf(pattern.bytes), 0);
    const bucket = this.byHash.get(hash) ?? [];
    // Two encodings of one secret may agree (hex of digits alone has no case): the first names it.
    if (
      bucket.some(
        (known) => known.secret === pattern.secret && Buffer.compare(known.bytes, pattern.bytes) === 0,
      )
    )
      return;
    bucket.push(pattern);
    this.byHash.set(hash, bucket);
    const bit = hash >>> (32 - bitmapBits);
    this.bitmap[bit >>> 5] = (this.bitmap[bit >>> 5] ?? 0) | (1 << (bit & 31));
    this.size++;
  }

  *search(haystack: Uint8Array): Generator<Match> {
    if (this.size === 0) return;
    const view = viewOf(haystack);
    const end = haystack.length - this.prefixBytes;
    for (
      let offset = this.nextCandidate({ view, from: 0, end });
      offset <= end;
      offset = this.nextCandidate({ view, from: offset + 1, end })
    ) {
      for (const pattern of this.byHash.get(this.hash(view, offset)) ?? []) {
        if (standsAt({ haystack, offset, pattern: pattern.bytes })) yield { pattern, offset };
      }
    }
  }

  /** The loop that looks at every byte: a plain function, since a generator's loop is not optimised while it runs. */
  private nextCandidate(params: {
    readonly view: DataView;
    readonly from: number;
    readonly end: number;
  }): number {
    const { view, from, end } = params;
    const { bitmap } = this;
    for (let offset = from; offset <= end; offset++) {
      const bit = this.hash(view, offset) >>> (32 - bitmapBits);
      if (((bitmap[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0) return offset;
    }
    return end + 1;
  }

  private hash(view: DataView, offset: number): number {
    let hash = mix(mix(0, view.getUint32(offset)), view.getUint32(offset + 4));
    if (this.prefixBytes === longPatternBytes)
      hash = mix(mix(hash, view.getUint32(offset + 8)), view.getUint32(offset + 12));
    return hash >>> 0;
  }
}

// A local name: in jest's context a look-up of `Math` costs more than the rest of the loop.
const { imul } = Math;

/** Multiplicative mixing; only its spread matters, since every hit is compared. */
function mix(hash: number, word: number): number {
  const mixed = imul(hash ^ word, 0x9e37_79b1);
  return mixed ^ (mixed >>> 15);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function standsAt(params: {
  readonly haystack: Uint8Array;
  readonly offset: number;
  readonly pattern: Uint8Array;
}): boolean {
  const { haystack, offset, pattern } = params;
  if (offset + pattern.length > haystack.length) return false;
  for (let index = 0; index < pattern.length; index++) {
    if (haystack[offset + index] !== pattern[index]) return false;
  }
  return true;
}
