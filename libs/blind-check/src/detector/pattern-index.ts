/**
 * Finds any of a million byte patterns in one pass. At each place of the haystack the next 8 bytes, and
 * for longer patterns the next 16, are hashed and looked up in a bitmap; only what passes it is compared.
 * (16 are needed since all escapes begin alike: `\u0063\u0061`.)
 *
 * The patterns lie in flat arrays: as objects, a million of them would take a gigabyte.
 */

export type Pattern = { readonly bytes: Uint8Array; readonly secret: number; readonly encoding: string };
export type Match = { readonly secret: number; readonly encoding: string; readonly offset: number };

const minPatternBytes = 8;
const longPatternBytes = 16;
/** 2^24 bits are 2 MiB: with 2^20 patterns one place in sixteen is looked at more closely for nothing. */
const bitmapBits = 24;
const chainBits = 20;
const none = -1;

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
  /** The first pattern of each chain; the patterns of a chain have the same begin of their hash. */
  private readonly first = new Int32Array(2 ** chainBits).fill(none);
  private readonly next: number[] = [];
  private readonly starts: number[] = [0];
  private readonly secrets: number[] = [];
  private readonly encodings: string[] = [];
  private pool = new Uint8Array(2 ** 16);

  constructor(private readonly prefixBytes: 8 | 16) {}

  get size(): number {
    return this.secrets.length;
  }

  add({ bytes, secret, encoding }: Pattern): void {
    const hash = this.hash(viewOf(bytes), 0);
    const chain = hash >>> (32 - chainBits);
    // Two encodings of one secret may agree (hex of digits alone has no case): the first names it.
    for (let known = this.first[chain] ?? none; known !== none; known = this.next[known] ?? none) {
      if (this.secrets[known] === secret && Buffer.compare(this.bytesOf(known), bytes) === 0) return;
    }
    const index = this.size;
    const start = this.starts[index] ?? 0;
    this.reserve(start + bytes.length);
    this.pool.set(bytes, start);
    this.starts.push(start + bytes.length);
    this.secrets.push(secret);
    this.encodings.push(encoding);
    this.next.push(this.first[chain] ?? none);
    this.first[chain] = index;
    const bit = hash >>> (32 - bitmapBits);
    this.bitmap[bit >>> 5] = (this.bitmap[bit >>> 5] ?? 0) | (1 << (bit & 31));
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
      const chain = this.hash(view, offset) >>> (32 - chainBits);
      for (let index = this.first[chain] ?? none; index !== none; index = this.next[index] ?? none) {
        if (!standsAt({ haystack, offset, pattern: this.bytesOf(index) })) continue;
        yield { secret: this.secrets[index] ?? none, encoding: this.encodings[index] ?? '', offset };
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

  private bytesOf(index: number): Uint8Array {
    return this.pool.subarray(this.starts[index], this.starts[index + 1]);
  }

  private reserve(lengthBytes: number): void {
    if (lengthBytes <= this.pool.length) return;
    const grown = new Uint8Array(Math.max(lengthBytes, this.pool.length * 2));
    grown.set(this.pool);
    this.pool = grown;
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
