/** The two shapes of the TLS presentation language that the tests take apart by hand (RFC 9420 §2.1). */
import { joinBytes } from '../verify/binary.js';

/** `opaque value<V>`: a length of 1, 2 or 4 bytes, told apart by its two highest bits, then the bytes. */
export function variable(value: Uint8Array): Uint8Array {
  const { length } = value;
  if (length < 0x40) return joinBytes([Uint8Array.of(length), value]);
  if (length < 0x4000) return joinBytes([Uint8Array.of(0x40 | (length >> 8), length & 0xff), value]);
  return joinBytes([
    Uint8Array.of(0x80 | (length >>> 24), (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff),
    value,
  ]);
}

/** Reads from the front; throws when there is not enough. */
export class TlsReader {
  #rest: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#rest = bytes;
  }

  get isAtEnd(): boolean {
    return this.#rest.length === 0;
  }

  take(length: number): Uint8Array {
    if (this.#rest.length < length) throw new RangeError('cut short');
    const taken = this.#rest.slice(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }

  u16(): number {
    return this.take(2).reduce((value, byte) => value * 256 + byte, 0);
  }

  variable(): Uint8Array {
    const size = 1 << ((this.#rest[0] ?? 0) >> 6);
    const [first = 0, ...others] = this.take(size);
    return this.take(others.reduce((value, byte) => value * 256 + byte, first & 0x3f));
  }
}
