/**
 * A small schema language for binary shapes: a schema is a value that writes, reads and describes
 * itself, so that the code, the golden files and the generated documentation cannot differ.
 *
 * All integers are big-endian. Lengths come before variable parts. Reading rejects what is too
 * short, too long, out of range or followed by anything: `MalformedError` says where, never what.
 * Byte fields are views of the input, not copies: a ciphertext passes through untouched.
 */
import { Reader } from './reader.js';
import { Writer } from './writer.js';

export { MalformedError } from './reader.js';

/** What a schema says of itself, for documentation and for tests that make values of it. */
export type Shape =
  | { readonly kind: 'integer'; readonly bits: 8 | 16 | 32 | 53 }
  | { readonly kind: 'id'; readonly name: string }
  | { readonly kind: 'bytes'; readonly lengthBytes: 1 | 2 | 4; readonly maxBytes: number }
  | { readonly kind: 'rest'; readonly maxBytes: number }
  | { readonly kind: 'text'; readonly maxBytes: number }
  | { readonly kind: 'choice'; readonly names: Readonly<Record<string, number>> }
  | { readonly kind: 'list'; readonly item: Shape; readonly maxItems: number }
  | { readonly kind: 'record'; readonly fields: ReadonlyArray<readonly [name: string, shape: Shape]> };

export interface Schema<T> {
  /** @throws RangeError for a value out of range: a bug of the caller */
  write(writer: Writer, value: T): void;
  /** @throws MalformedError */
  read(reader: Reader): T;
  readonly shape: Shape;
}

export type Infer<S> = S extends Schema<infer T> ? T : never;

const textEncoder = new TextEncoder();
/** A leading byte order mark is text like any other, so that every text comes back as it was. */
const textDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const u8: Schema<number> = {
  write: (w, v) => w.u8(v),
  read: (r) => r.u8(),
  shape: { kind: 'integer', bits: 8 },
};
export const u16: Schema<number> = {
  write: (w, v) => w.u16(v),
  read: (r) => r.u16(),
  shape: { kind: 'integer', bits: 16 },
};
export const u32: Schema<number> = {
  write: (w, v) => w.u32(v),
  read: (r) => r.u32(),
  shape: { kind: 'integer', bits: 32 },
};
export const u53: Schema<number> = {
  write: (w, v) => w.u53(v),
  read: (r) => r.u53(),
  shape: { kind: 'integer', bits: 53 },
};

/** A 16-byte id in its text form. */
export function id<T extends string>(name: string): Schema<T> {
  return { write: (w, v) => w.id(v), read: (r) => r.id<T>(), shape: { kind: 'id', name } };
}

/** Bytes behind a length of 1, 2 or 4 bytes. */
export function bytes(params: {
  readonly lengthBytes: 1 | 2 | 4;
  readonly maxBytes: number;
}): Schema<Uint8Array> {
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
    shape: { kind: 'bytes', lengthBytes, maxBytes },
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
    shape: { kind: 'rest', maxBytes: params.maxBytes },
  };
}

/** UTF-8 behind a u16 length in bytes. */
export function text(params: { readonly maxBytes: number }): Schema<string> {
  return {
    write: (w, v) => {
      // A lone surrogate would be replaced and come back as something else.
      if (!v.isWellFormed()) throw new RangeError('text that is not well-formed');
      const encoded = textEncoder.encode(v);
      if (encoded.length > params.maxBytes)
        throw new RangeError(`more than ${params.maxBytes} bytes of text`);
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
    shape: { kind: 'text', maxBytes: params.maxBytes },
  };
}

/** One byte that stands for one of a closed set of names. */
export function choice<const Names extends Record<string, number>>(
  names: Names,
): Schema<keyof Names & string> {
  const byCode = new Map(Object.entries(names).map(([name, code]) => [code, name as keyof Names & string]));
  return {
    write: (w, v) => {
      const code = names[v];
      if (code === undefined) throw new RangeError('not one of the choices');
      w.u8(code);
    },
    read: (r) => byCode.get(r.u8()) ?? r.fail(),
    shape: { kind: 'choice', names },
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
    shape: { kind: 'list', item: item.shape, maxItems: params.maxItems },
  };
}

type RecordOf<F extends Record<string, unknown>> = { readonly [K in keyof F]: Infer<F[K]> };

/** Fields in the order written. */
export function record<F extends Record<string, Schema<unknown>>>(fields: F): Schema<RecordOf<F>> {
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
    shape: { kind: 'record', fields: entries.map(([name, schema]) => [name, schema.shape] as const) },
  };
}

/** A writer that grew beyond this (for a large commit bundle) is not kept. */
const maxKeptWriterBytes = 256 * 1024;
/**
 * Between two calls: the writer to use next. Encoding a frame into a buffer that is there already, and
 * copying it out at its exact length, takes half the time of growing one for each frame.
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
