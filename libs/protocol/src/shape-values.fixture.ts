/** Values made of shapes: any (for properties), one that never changes (for golden files), and as JSON (to be read in a golden file). */
import fc from 'fast-check';
import type { Shape } from './codec.js';
import { idBytes, idFromBytes } from './ids.js';

const maxBytesTried = 300;
const maxItemsTried = 5;
const utf8 = new TextEncoder();

/** Any value of a shape, small ones first; `rest` and `bytes` up to 300 bytes. */
export function anyOf(shape: Shape): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'integer':
      return fc.oneof(
        fc.nat(Math.min(shape.bits === 53 ? Number.MAX_SAFE_INTEGER : 2 ** shape.bits - 1, 2 ** 31 - 1)),
        fc.constantFrom(0, maxInteger(shape.bits)),
        fc.maxSafeNat().map((value) => value % (maxInteger(shape.bits) + 1)),
      );
    case 'id':
      return fc.uint8Array({ minLength: idBytes, maxLength: idBytes }).map((bytes) => idFromBytes(bytes));
    case 'bytes':
    case 'rest':
      return fc.uint8Array({ maxLength: Math.min(shape.maxBytes, maxBytesTried) });
    case 'text':
      return fc
        .string({ unit: 'binary', maxLength: 80 })
        .filter((text) => utf8.encode(text).length <= shape.maxBytes);
    case 'choice':
      return fc.constantFrom(...Object.keys(shape.names));
    case 'list':
      return fc.array(anyOf(shape.item), { maxLength: Math.min(shape.maxItems, maxItemsTried) });
    case 'record':
      return fc.record(Object.fromEntries(shape.fields.map(([name, field]) => [name, anyOf(field)])), {
        noNullPrototype: true,
      });
  }
}

/** The same value for ever: fields differ from each other, so that exchanged ones are noticed. */
export function sampleOf(shape: Shape, next: () => number = counter()): unknown {
  switch (shape.kind) {
    case 'integer':
      return shape.bits === 53
        ? 0x10_0000_0000 + next()
        : shape.bits === 8
          ? next()
          : (shape.bits === 16 ? 0x100 : 0x1_0000) + next();
    case 'id':
      return idFromBytes(new Uint8Array(idBytes).fill(next()));
    case 'bytes':
    case 'rest':
      return new Uint8Array([0xff, next(), 0]);
    case 'text':
      return `größe ${next()} ✓`.slice(0, shape.maxBytes);
    case 'choice':
      return Object.keys(shape.names)[next() % Object.keys(shape.names).length];
    case 'list':
      return [sampleOf(shape.item, next), sampleOf(shape.item, next)];
    case 'record':
      return Object.fromEntries(shape.fields.map(([name, field]) => [name, sampleOf(field, next)]));
  }
}

/** A value like `value` with bytes as hex, for JSON. */
export function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return { hex: Buffer.from(value).toString('hex') };
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toJson(field)]));
  return value;
}

export function fromJson(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json !== 'object' || json === null) return json;
  if ('hex' in json && typeof json.hex === 'string') return Uint8Array.from(Buffer.from(json.hex, 'hex'));
  return Object.fromEntries(Object.entries(json).map(([name, field]) => [name, fromJson(field)]));
}

/** Every way in which one part of a value can be just over its limit, as whole values. */
export function oversizedOf(shape: Shape): readonly unknown[] {
  switch (shape.kind) {
    case 'integer':
      return [maxInteger(shape.bits) + 1, -1, 1.5, Number.NaN];
    case 'id':
      return [
        '',
        'not-an-id',
        'AAAAAAAA-0000-4000-8000-000000000000',
        '00000000-0000-4000-8000-00000000000',
        '00000000x0000-4000-8000-000000000000',
      ];
    case 'bytes':
    case 'rest':
      return [new Uint8Array(shape.maxBytes + 1)];
    case 'text':
      return ['x'.repeat(shape.maxBytes + 1), 'é'.repeat(Math.floor(shape.maxBytes / 2) + 1), '\ud800'];
    case 'choice':
      return ['no such choice', 'constructor'];
    case 'list':
      return [
        Array.from({ length: shape.maxItems + 1 }, () => sampleOf(shape.item)),
        ...oversizedOf(shape.item).map((item) => [item]),
      ];
    case 'record': {
      const sample = sampleOf(shape) as object;
      return shape.fields.flatMap(([name, field]) =>
        oversizedOf(field).map((value) => ({ ...sample, [name]: value })),
      );
    }
  }
}

function maxInteger(bits: 8 | 16 | 32 | 53): number {
  return 2 ** bits - 1;
}

function counter(): () => number {
  let count = 0;
  return () => ++count;
}
