/** Reading and writing of fixed binary layouts. All integers are unsigned and big-endian. */

const idText = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const maxU53High = 0x1f_ffff;

const idBytes = 16;

/** The 16 bytes of a user, device or conversation id. @throws RangeError unless it is a lower-case UUID text. */
export function idToBytes(id: string): Uint8Array {
  if (!idText.test(id)) throw new RangeError('not an id');
  const digits = id.replaceAll('-', '');
  return Uint8Array.from({ length: idBytes }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}

/** 16 bytes to the lower-case UUID text. */
export function idFromBytes(bytes: Uint8Array): string {
  const digits = bytesToHex(bytes);
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join('-');
}

export function bytesToHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function u8(value: number): Uint8Array {
  return Uint8Array.of(value);
}

export function u16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value);
}

export function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** At most 2^53 - 1, in 8 bytes. */
export function u53(value: number): Uint8Array {
  return joinBytes([u32(Math.floor(value / 0x1_0000_0000)), u32(value % 0x1_0000_0000)]);
}

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Ascending by bytes, shorter first on a common prefix: negative, zero or positive like a comparator. Public data only: not constant time. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Whether two public byte strings are the same. Not constant time. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return compareBytes(left, right) === 0;
}

/**
 * Reads one layout from its start. Reading past the end does not throw: it makes `failed` true for
 * good and gives zeros, so that a caller reads all its fields and asks once.
 */
export class ByteReader {
  private offset = 0;
  private isFailed = false;

  constructor(private readonly bytes: Uint8Array) {}

  get failed(): boolean {
    return this.isFailed;
  }

  /** All was read, nothing is left over. */
  get ended(): boolean {
    return !this.isFailed && this.offset === this.bytes.length;
  }

  /** A copy, so that what was read does not change when the caller reuses its buffer. */
  raw(length: number): Uint8Array<ArrayBuffer> {
    if (this.isFailed || length > this.bytes.length - this.offset) {
      this.isFailed = true;
      return new Uint8Array(0);
    }
    this.offset += length;
    return this.bytes.slice(this.offset - length, this.offset);
  }

  u8(): number {
    return this.raw(1)[0] ?? 0;
  }

  u16(): number {
    return this.u8() * 0x100 + this.u8();
  }

  u32(): number {
    return this.u16() * 0x1_0000 + this.u16();
  }

  u53(): number {
    const high = this.u32();
    if (high > maxU53High) this.isFailed = true;
    return high * 0x1_0000_0000 + this.u32();
  }

  id(): string {
    const bytes = this.raw(idBytes);
    return bytes.length === idBytes ? idFromBytes(bytes) : '';
  }
}
