import { describe, expect, it } from '@jest/globals';
import {
  bytes,
  choice,
  decode,
  encode,
  id,
  list,
  MalformedError,
  record,
  rest,
  text,
  u16,
  u32,
  u53,
  u8,
  type Schema,
} from './codec.js';
import type { UserId } from './ids.js';

const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');
const fromHex = (value: string) => Uint8Array.from(Buffer.from(value, 'hex'));
const pathOf = (schema: Schema<unknown>, input: string): string => {
  try {
    decode(schema, fromHex(input));
  } catch (error) {
    if (error instanceof MalformedError) return error.path;
    throw error;
  }
  return 'read';
};

describe('integers', () => {
  it('are big-endian and keep their whole range', () => {
    expect(hex(encode(u8, 255))).toBe('ff');
    expect(hex(encode(u16, 0x0102))).toBe('0102');
    expect(hex(encode(u32, 0xffff_fffe))).toBe('fffffffe');
    expect(hex(encode(u53, Number.MAX_SAFE_INTEGER))).toBe('001fffffffffffff');
    for (const value of [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER])
      expect(decode(u53, encode(u53, value))).toBe(value);
  });

  it('refuse what lies past 2^53', () => {
    expect(pathOf(u53, '0020000000000000')).not.toBe('read');
    expect(pathOf(u53, 'ffffffffffffffff')).not.toBe('read');
  });
});

describe('texts', () => {
  it('come back as they were, with a byte order mark, nul and emoji', () => {
    const schema = text({ maxBytes: 100 });
    for (const value of ['\ufeffabc', '\0', '👩‍👩‍👧', 'אבג'])
      expect(decode(schema, encode(schema, value))).toBe(value);
  });

  it('are refused when they are no UTF-8', () => {
    for (const input of ['0001ff', '0002c080', '0003eda080', '0001c3'])
      expect(pathOf(text({ maxBytes: 100 }), input)).not.toBe('read');
  });
});

describe('choices', () => {
  it('are refused when their code stands for nothing', () => {
    const schema = choice({ one: 1, three: 3 });
    expect(decode(schema, Uint8Array.of(3))).toBe('three');
    for (const input of ['00', '02', 'ff']) expect(pathOf(schema, input)).not.toBe('read');
  });
});

describe('reading', () => {
  const schema = record({
    version: u8,
    user: id<UserId>('user id'),
    names: list(text({ maxBytes: 4 }), { maxItems: 2 }),
    body: bytes({ lengthBytes: 1, maxBytes: 3 }),
  });
  const start = `01${'ab'.repeat(16)}`;

  it('names the field that does not fit and never its value', () => {
    expect(pathOf(schema, '')).toBe('version');
    expect(pathOf(schema, '01abab')).toBe('user');
    expect(pathOf(schema, `${start}0003`)).toBe('names');
    expect(pathOf(schema, `${start}000004ffffffff`)).toBe('body');
    expect(pathOf(schema, `${start}000000`)).toBe('read');
  });

  it('gives byte fields as views of the input, so that a ciphertext is never copied', () => {
    const input = fromHex('0a0b0c');
    const { tail } = decode(record({ head: u8, tail: rest({ maxBytes: 10 }) }), input);
    expect(tail.buffer).toBe(input.buffer);
    expect(hex(tail)).toBe('0b0c');
  });
});

describe('writing', () => {
  const body = bytes({ lengthBytes: 4, maxBytes: 2 ** 20 });

  it('gives every result a buffer of its own', () => {
    const first = encode(u32, 1);
    const second = encode(u32, 2);
    expect([hex(first), hex(second)]).toEqual(['00000001', '00000002']);
    expect(first.buffer).not.toBe(second.buffer);
    expect(first.buffer.byteLength).toBe(4);
  });

  it('goes on after a value that could not be written', () => {
    expect(() => encode(record({ fits: u8, not: u8 }), { fits: 7, not: 256 })).toThrow(RangeError);
    expect(hex(encode(u8, 9))).toBe('09');
  });

  it('may happen within a writing', () => {
    const nested: Schema<number> = { ...u8, write: (writer, value) => writer.raw(encode(u16, value)) };
    expect(
      hex(encode(record({ before: u8, inner: nested, after: u8 }), { before: 1, inner: 2, after: 3 })),
    ).toBe('01000203');
  });

  it('grows for values of any size', () => {
    for (const length of [0, 65_536, 70_000, 2 ** 20]) {
      const value = new Uint8Array(length).fill(length & 0xff);
      expect(decode(body, encode(body, value))).toEqual(value);
    }
  });
});
