/** Writing of binary shapes: big-endian, into one growing buffer. */
import { idBytes, writeIdBytes } from './ids.js';

/** Room for every frame, so that encoding one never grows the buffer. */
const initialWriterBytes = 64 * 1024 + 256;

/** Appends to one growing buffer. Values out of range are a bug of the caller: `RangeError`, and nothing is wrapped around. */
export class Writer {
  private bytes = new Uint8Array(initialWriterBytes);
  private view = new DataView(this.bytes.buffer);
  private length = 0;

  get capacity(): number {
    return this.bytes.length;
  }

  /** Makes room and returns the offset to write at. */
  private reserve(size: number): number {
    const offset = this.length;
    const length = offset + size;
    if (length > this.bytes.length) this.grow(length);
    this.length = length;
    return offset;
  }

  private grow(length: number): void {
    const grown = new Uint8Array(Math.max(length, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  u8(value: number): void {
    if (value !== (value & 0xff)) throw new RangeError('not a u8');
    const offset = this.reserve(1);
    this.bytes[offset] = value;
  }

  u16(value: number): void {
    if (value !== (value & 0xffff)) throw new RangeError('not a u16');
    const offset = this.reserve(2);
    this.view.setUint16(offset, value);
  }

  u32(value: number): void {
    if (value !== value >>> 0) throw new RangeError('not a u32');
    const offset = this.reserve(4);
    this.view.setUint32(offset, value);
  }

  /** Unsigned, at most 2^53 - 1, in 8 bytes. */
  u53(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('not a u53');
    const offset = this.reserve(8);
    this.view.setUint32(offset, value / 0x1_0000_0000);
    this.view.setUint32(offset + 4, value >>> 0);
  }

  id(value: string): void {
    const offset = this.reserve(idBytes);
    writeIdBytes({ id: value, target: this.bytes, offset });
  }

  raw(value: Uint8Array): void {
    const offset = this.reserve(value.length);
    this.bytes.set(value, offset);
  }

  /** A copy of what was written since the last time, of exactly its length. */
  take(): Uint8Array<ArrayBuffer> {
    // Not `slice`, which looks up the constructor and costs twice as much.
    const copy = new Uint8Array(this.length);
    copy.set(this.bytes.subarray(0, this.length));
    return copy;
  }

  reset(): void {
    this.length = 0;
  }
}
