import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MalformedError } from './codec.js';
import {
  decodeContent,
  encodeContent,
  maxContentBodyBytes,
  maxReplyTextBytes,
  type Content,
} from './content.js';
import { idFromBytes, type MessageId } from './ids.js';

const message = idFromBytes<MessageId>(new Uint8Array(16).fill(7));
const anyId = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => idFromBytes<MessageId>(bytes));
/** Above the kinds that there are. */
const firstUnknownCode = 4;
const body = fc.oneof(
  fc.record({
    kind: fc.constant('text' as const),
    text: fc.string({ unit: 'binary' }),
    replyTo: anyId,
  }),
  fc.string({ unit: 'binary' }).map((text) => ({ kind: 'text' as const, text })),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((name) => ({ kind: 'group-profile' as const, name })),
  fc.record({
    kind: fc.constant('unsupported' as const),
    code: fc.integer({ min: firstUnknownCode, max: 255 }),
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

  it('has the frozen bytes of a reply', () => {
    const replyTo = idFromBytes<MessageId>(new Uint8Array(16).fill(9));
    const bytes = encodeContent({
      message,
      counter: 2,
      sentAtMs: 3,
      body: { kind: 'text', text: 'é', replyTo },
    });
    expect(Buffer.from(bytes).toString('hex')).toBe(
      `01${'07'.repeat(16)}0000000000000002000000000000000303` + `0014${'09'.repeat(16)}0002c3a9`,
    );
  });

  it('carries a reply of the longest length and refuses one byte more', () => {
    const body = { kind: 'text', text: 'x'.repeat(maxReplyTextBytes), replyTo: message } as const;
    const longest: Content = { message, counter: 1, sentAtMs: 1, body };
    expect(decodeContent(encodeContent(longest))).toEqual(longest);
    const longer: Content = { ...longest, body: { ...body, text: `${body.text}x` } };
    expect(() => encodeContent(longer)).toThrow(RangeError);
  });

  it('keeps as unsupported what is cut short, too long or followed by more within its kind', () => {
    const whole = encodeContent({
      message,
      counter: 1,
      sentAtMs: 1,
      body: { kind: 'text', text: 'hi', replyTo: message },
    });
    const headerBytes = 36;
    const inner = whole.subarray(headerBytes);
    for (const bytes of [...inner.keys()]
      .map((length) => inner.subarray(0, length))
      .concat(Uint8Array.of(...inner, 0))) {
      const body = { kind: 'unsupported', code: 3, bytes } as const;
      expect(decodeContent(encodeContent({ message, counter: 1, sentAtMs: 1, body })).body).toEqual(body);
    }
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
