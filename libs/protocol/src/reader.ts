/** Reading of binary shapes: big-endian, refusing what is not there. */
import { idBytes, idFromBytes } from './ids.js';

/** The bytes are not of the expected shape. `path` names the field; the value is never quoted. */
export class MalformedError extends Error {
  constructor(readonly path: string) {
    super(`malformed at ${path}`);
  }
}

export class Reader {
  private readonly view: DataView;
  private offset = 0;
  path = '';

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  fail(): never {
    throw new MalformedError(this.path === '' ? `byte ${this.offset}` : this.path);
  }

  private take(size: number): number {
    const offset = this.offset;
    if (size > this.bytes.length - offset) this.fail();
    this.offset = offset + size;
    return offset;
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }

  u16(): number {
    return this.view.getUint16(this.take(2));
  }

  u32(): number {
    return this.view.getUint32(this.take(4));
  }

  u53(): number {
    const offset = this.take(8);
    const high = this.view.getUint32(offset);
    if (high > 0x1f_ffff) this.fail();
    return high * 0x1_0000_0000 + this.view.getUint32(offset + 4);
  }

  id<T extends string>(): T {
    return idFromBytes<T>(this.bytes, this.take(idBytes));
  }

  raw(size: number): Uint8Array {
    const offset = this.take(size);
    return this.bytes.subarray(offset, offset + size);
  }

  rest(): Uint8Array {
    return this.raw(this.remaining);
  }
}
