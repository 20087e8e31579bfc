/**
 * A small schema language for binary shapes: a schema is a value that writes, reads and describes
 * itself, so that the code, the golden files and the generated documentation cannot differ.
 *
 * All integers are big-endian. Lengths come before variable parts. Reading rejects what is too
 * short, too long, out of range or followed by anything: `MalformedError` says where, never what.
 * Byte fields are views of the input, not copies: a ciphertext passes through untouched.
 */
import { idBytes, idFromBytes, writeIdBytes } from './ids.js';

/** The bytes are not of the expected shape. `path` names the field; the value is never quoted. */
export class MalformedError extends Error {
  constructor(readonly path: string) {
    super(`malformed at ${path}`);
  }
}

export interface Schema<T> {
  write(writer: Writer, value: T): void;
  read(reader: Reader): T;
  /** How the documentation names the shape, e.g. `u32` or `list of position`. */
  readonly description: string;
  /** For records: the fields in order. */
  readonly fields?: readonly (readonly [name: string, schema: Schema<never>])[];
}

export type Infer<S> = S extends Schema<infer T> ? T : never;

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder('utf-8', { fatal: true });

/** Room for every frame, so that encoding one never grows the buffer. */
const initialWriterBytes = 64 * 1024 + 256;
/** A writer that grew beyond this (for a large commit bundle) is not kept. */
const maxKeptWriterBytes = 256 * 1024;

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

export const u8: Schema<number> = { write: (w, v) => w.u8(v), read: (r) => r.u8(), description: 'u8' };
export const u16: Schema<number> = { write: (w, v) => w.u16(v), read: (r) => r.u16(), description: 'u16' };
export const u32: Schema<number> = { write: (w, v) => w.u32(v), read: (r) => r.u32(), description: 'u32' };
export const u53: Schema<number> = { write: (w, v) => w.u53(v), read: (r) => r.u53(), description: 'u53 (8 bytes)' };

/** A 16-byte id in its text form. */
export function id<T extends string>(name: string): Schema<T> {
  return { write: (w, v) => w.id(v), read: (r) => r.id<T>(), description: `${name} (16 bytes)` };
}

/** Bytes behind a length of 1, 2 or 4 bytes. */
export function bytes(params: { readonly lengthBytes: 1 | 2 | 4; readonly maxBytes: number }): Schema<Uint8Array> {
  const { lengthBytes, maxBytes } = params;
  return {
    write: (w, v) => {
      if (v.length > maxBytes) throw new RangeError(`more than ${maxBytes} bytes`);
      if (lengthBytes === 1) w.u8(v.length);
      else if (lengthBytes === 2) w.u16(v.length);
      else w.u32(v.length);
      w.raw(v);
    },
    read: (r) => {
      const length = lengthBytes === 1 ? r.u8() : lengthBytes === 2 ? r.u16() : r.u32();
      if (length > maxBytes) r.fail();
      return r.raw(length);
    },
    description: `bytes (u${lengthBytes * 8} length, at most ${maxBytes})`,
  };
}

/** All bytes up to the end: only as the last field of the outermost record. */
export function rest(params: { readonly maxBytes: number }): Schema<Uint8Array> {
  return {
    write: (w, v) => {
      if (v.length > params.maxBytes) throw new RangeError(`more than ${params.maxBytes} bytes`);
      w.raw(v);
    },
    read: (r) => {
      if (r.remaining > params.maxBytes) r.fail();
      return r.rest();
    },
    description: `bytes to the end (at most ${params.maxBytes})`,
  };
}

/** UTF-8 behind a u16 length in bytes. */
export function text(params: { readonly maxBytes: number }): Schema<string> {
  return {
    write: (w, v) => {
      const encoded = textEncoder.encode(v);
      if (encoded.length > params.maxBytes) throw new RangeError(`more than ${params.maxBytes} bytes of text`);
      w.u16(encoded.length);
      w.raw(encoded);
    },
    read: (r) => {
      const length = r.u16();
      if (length > params.maxBytes) r.fail();
      const encoded = r.raw(length);
      try {
        return textDecoder.decode(encoded);
      } catch {
        return r.fail();
      }
    },
    description: `text (u16 length, at most ${params.maxBytes} bytes of UTF-8)`,
  };
}

/** One byte that stands for one of a closed set of names. */
export function choice<const Names extends Record<string, number>>(names: Names): Schema<keyof Names & string> {
  const byCode = new Map(Object.entries(names).map(([name, code]) => [code, name as keyof Names & string]));
  return {
    write: (w, v) => {
      const code = names[v];
      if (code === undefined) throw new RangeError('not one of the choices');
      w.u8(code);
    },
    read: (r) => byCode.get(r.u8()) ?? r.fail(),
    description: Object.entries(names).map(([name, code]) => `${code} = ${name}`).join(', '),
  };
}

/** A list behind a u16 count. */
export function list<T>(item: Schema<T>, params: { readonly maxItems: number }): Schema<readonly T[]> {
  return {
    write: (w, v) => {
      if (v.length > params.maxItems) throw new RangeError(`more than ${params.maxItems} items`);
      w.u16(v.length);
      for (const element of v) item.write(w, element);
    },
    read: (r) => {
      const count = r.u16();
      if (count > params.maxItems) r.fail();
      const items: T[] = [];
      for (let index = 0; index < count; index++) items.push(item.read(r));
      return items;
    },
    description: `list (u16 count, at most ${params.maxItems}) of ${item.description}`,
  };
}

type RecordOf<F extends Record<string, unknown>> = { readonly [K in keyof F]: Infer<F[K]> };

/** Fields in the order written. */
export function record<F extends Record<string, Schema<any>>>(fields: F): Schema<RecordOf<F>> {
  const entries = Object.entries(fields) as unknown as ReadonlyArray<readonly [string, Schema<never>]>;
  return {
    write: (w, v) => {
      for (const [name, schema] of entries) schema.write(w, (v as Record<string, never>)[name] as never);
    },
    read: (r) => {
      const result: Record<string, unknown> = {};
      for (const [name, schema] of entries) {
        r.path = name;
        result[name] = schema.read(r);
      }
      return result as RecordOf<F>;
    },
    description: `{ ${entries.map(([name, schema]) => `${name}: ${schema.description}`).join('; ')} }`,
    fields: entries,
  };
}

/**
 * Between two calls: the writer to use next. Encoding a frame into a buffer that is there already, and
 * copying it out at its exact length, takes a third of the time of growing one for each frame.
 */
let spareWriter: Writer | undefined;

/** The bytes of a value; nobody else refers to them. @throws RangeError for a value out of range */
export function encode<T>(schema: Schema<T>, value: T): Uint8Array<ArrayBuffer> {
  const writer = spareWriter ?? new Writer();
  spareWriter = undefined; // an encode within this one gets a writer of its own
  try {
    schema.write(writer, value);
    return writer.take();
  } finally {
    writer.reset();
    if (writer.capacity <= maxKeptWriterBytes) spareWriter = writer;
  }
}

/** @throws MalformedError when the bytes are not exactly one value of the schema. */
export function decode<T>(schema: Schema<T>, input: Uint8Array): T {
  const reader = new Reader(input);
  const value = schema.read(reader);
  if (reader.remaining > 0) reader.fail();
  return value;
}
