import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MalformedError } from './codec.js';
import { decodeContent, encodeContent, maxContentBodyBytes, type Content } from './content.js';
import { idFromBytes, type MessageId } from './ids.js';

const message = idFromBytes<MessageId>(new Uint8Array(16).fill(7));
const body = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => ({ kind: 'text' as const, text })),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((name) => ({ kind: 'group-profile' as const, name })),
  fc.record({
    kind: fc.constant('unsupported' as const),
    code: fc.integer({ min: 3, max: 255 }),
    bytes: fc.uint8Array({ maxLength: 100 }),
  }),
);
const anyContent: fc.Arbitrary<Content> = fc.record({
  message: fc.constant(message),
  counter: fc.maxSafeNat(),
  sentAtMs: fc.maxSafeNat(),
  body,
});

describe('the content of a message', () => {
  it('is read as it was written', () => {
    fc.assert(fc.property(anyContent, (value) => expect(decodeContent(encodeContent(value))).toEqual(value)));
  });

  it('has the frozen bytes of a text', () => {
    const bytes = encodeContent({ message, counter: 2, sentAtMs: 3, body: { kind: 'text', text: 'é' } });
    expect(Buffer.from(bytes).toString('hex')).toBe(
      '01' + '07'.repeat(16) + '0000000000000002' + '0000000000000003' + '01' + '0002' + 'c3a9',
    );
  });

  it('carries a text of the longest length and refuses one byte more', () => {
    const text = 'x'.repeat(maxContentBodyBytes);
    expect(
      decodeContent(encodeContent({ message, counter: 1, sentAtMs: 1, body: { kind: 'text', text } })).body,
    ).toEqual({ kind: 'text', text });
    expect(() =>
      encodeContent({ message, counter: 1, sentAtMs: 1, body: { kind: 'text', text: `${text}x` } }),
    ).toThrow(RangeError);
  });

  it('keeps a text that is not UTF-8 as unsupported', () => {
    const bytes = encodeContent({
      message,
      counter: 1,
      sentAtMs: 1,
      body: { kind: 'unsupported', code: 1, bytes: Uint8Array.of(0xff, 0xfe) },
    });
    expect(decodeContent(bytes).body).toEqual({
      kind: 'unsupported',
      code: 1,
      bytes: Uint8Array.of(0xff, 0xfe),
    });
  });

  it('rejects every truncation, a trailing byte and another version', () => {
    const bytes = encodeContent({ message, counter: 1, sentAtMs: 1, body: { kind: 'text', text: 'hello' } });
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeContent(bytes.subarray(0, length))).toThrow(MalformedError);
    expect(() => decodeContent(Uint8Array.of(...bytes, 0))).toThrow(MalformedError);
    expect(() => decodeContent(Uint8Array.of(2, ...bytes.subarray(1)))).toThrow(MalformedError);
  });
});
