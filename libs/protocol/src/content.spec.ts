import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MalformedError } from './codec.js';
import {
  decodeContent,
  encodeContent,
  maxContentBodyBytes,
  maxProfileNameBytes,
  maxReferringTextBytes,
  maxTextBytes,
  type Content,
} from './content.js';
import { maxDisappearAfterS } from './disappear-after.js';
import { maxPictureBytes } from './profile-picture.js';
import { idFromBytes, type MessageId } from './ids.js';

const message = idFromBytes<MessageId>(new Uint8Array(16).fill(7));
const other = idFromBytes<MessageId>(new Uint8Array(16).fill(9));
const otherHex = '09'.repeat(16);
/** Of a message with the counter 2, sent at 3. */
const headerHex = `01${'07'.repeat(16)}00000000000000020000000000000003`;
const longestText = 'x'.repeat(maxReferringTextBytes);
const anyId = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => idFromBytes<MessageId>(bytes));
/** Above the kinds that there are. */
const firstUnknownCode = 12;
const emojis = ['👍', '❤️', '👩🏽‍🚀', '👨‍👩‍👧‍👦', '🇩🇪', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '1️⃣', '©'] as const;
const anyDuration = fc.integer({ min: 1, max: maxDisappearAfterS });
/** What may disappear. */
const written = fc.oneof(
  fc.record({
    kind: fc.constant('reaction' as const),
    target: anyId,
    change: fc.constantFrom('set' as const, 'taken-back' as const),
    emoji: fc.constantFrom(...emojis),
  }),
  fc.record({ kind: fc.constant('edit' as const), target: anyId, text: fc.string({ unit: 'binary' }) }),
  fc.record({ kind: fc.constant('deletion' as const), target: anyId }),
  fc.record({
    kind: fc.constant('text' as const),
    text: fc.string({ unit: 'binary' }),
    replyTo: anyId,
  }),
  fc.string({ unit: 'binary' }).map((text) => ({ kind: 'text' as const, text })),
  fc.record({
    kind: fc.constant('unsupported' as const),
    code: fc.integer({ min: firstUnknownCode, max: 255 }),
    bytes: fc.uint8Array({ maxLength: 100 }),
  }),
);
const said = fc.oneof(
  fc.record({
    kind: fc.constant('profile' as const),
    revision: fc.maxSafeNat(),
    presence: fc.constantFrom('kept' as const, 'shared' as const),
    name: fc.string({ unit: 'grapheme', maxLength: 8 }),
    picture: fc.uint8Array({ maxLength: 100 }),
  }),
  fc.record({
    kind: fc.constant('introduction' as const),
    proof: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  }),
  fc.constant({ kind: 'left' as const }),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((name) => ({ kind: 'group-profile' as const, name })),
  fc.record({
    kind: fc.constant('timer' as const),
    change: fc.constantFrom('set' as const, 'told' as const),
    disappearAfterS: fc.option(anyDuration),
  }),
);
const header = { message: fc.constant(message), counter: fc.maxSafeNat(), sentAtMs: fc.maxSafeNat() };
const anyContent: fc.Arbitrary<Content> = fc.oneof(
  fc.record({ ...header, body: fc.oneof(written, said) }),
  fc.record({ ...header, body: written, disappearAfterS: anyDuration }),
);
const plain = { message, counter: 2, sentAtMs: 3 } as const;
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const decodedFrom = (kindAndBody: string): Content =>
  decodeContent(Uint8Array.from(Buffer.from(`${headerHex}${kindAndBody}`, 'hex')));

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

  it.each<[string, Content['body'], string]>([
    ['a reply', { kind: 'text', text: 'é', replyTo: other }, `030014${otherHex}0002c3a9`],
    [
      'a reaction',
      { kind: 'reaction', target: other, change: 'set', emoji: '👍' },
      `040017${otherHex}010004f09f918d`,
    ],
    [
      'its taking back',
      { kind: 'reaction', target: other, change: 'taken-back', emoji: '👍' },
      `040017${otherHex}000004f09f918d`,
    ],
    ['an edit', { kind: 'edit', target: other, text: 'é' }, `050014${otherHex}0002c3a9`],
    ['a deletion', { kind: 'deletion', target: other }, `060010${otherHex}`],
    [
      'a profile',
      { kind: 'profile', revision: 5, presence: 'shared', name: 'é', picture: Uint8Array.of(1, 2, 3) },
      '070012' + '0000000000000005' + '01' + '0002c3a9' + '0003010203',
    ],
    ['an introduction', { kind: 'introduction', proof: Uint8Array.of(1, 2) }, '08000302' + '0102'],
    ['a leave', { kind: 'left' }, '090000'],
    ['a timer', { kind: 'timer', change: 'set', disappearAfterS: 3600 }, '0b000501' + '00000e10'],
    ['a timer that is told', { kind: 'timer', change: 'told', disappearAfterS: 30 }, '0b000500' + '0000001e'],
    ['a timer that is off', { kind: 'timer', change: 'set', disappearAfterS: null }, '0b000501' + '00000000'],
  ])('has the frozen bytes of %s', (_, body, hex) => {
    const bytes = encodeContent({ message, counter: 2, sentAtMs: 3, body });
    expect(Buffer.from(bytes).toString('hex')).toBe(`${headerHex}${hex}`);
    expect(decodeContent(bytes).body).toEqual(body);
  });

  it('has the frozen bytes of what disappears', () => {
    const body = { kind: 'text', text: 'é' } as const;
    const bytes = encodeContent({ ...plain, body, disappearAfterS: 3600 });
    expect(hexOf(bytes)).toBe(`${headerHex}0a0007` + '00000e10' + '01' + 'c3a9');
    expect(decodeContent(bytes)).toEqual({ ...plain, body, disappearAfterS: 3600 });
  });

  it.each([
    ['no duration', '0a0007' + '00000000' + '01' + 'c3a9'],
    ['a duration past the longest', '0a0007' + '01e13381' + '01' + 'c3a9'],
    ['the longest that can be written', '0a0007' + 'ffffffff' + '01' + 'c3a9'],
    ['no kind', '0a0004' + '00000e10'],
    ['nothing', '0a0000'],
    ['itself inside', '0a000c' + '00000e10' + '0a' + '00000e10' + '01' + 'c3a9'],
    ['what no person wrote', '0a0005' + '00000e10' + '09'],
    ['a timer', '0a000a' + '00000e10' + '0b' + '0100000e10'],
  ])('keeps nothing of what disappears with %s', (_, kindAndBody) => {
    const body = { kind: 'unsupported', code: 10, bytes: new Uint8Array(0) };
    expect(decodedFrom(kindAndBody)).toEqual({ ...plain, body });
  });

  it('lets what a newer build writes disappear, and what is not readable as its kind', () => {
    for (const [code, inner] of [
      [77, '77'],
      [1, 'ff'],
    ] as const) {
      const hex = `0a000600000e10${code.toString(16).padStart(2, '0')}${inner}`;
      const bytes = Uint8Array.from(Buffer.from(inner, 'hex'));
      expect(decodedFrom(hex)).toEqual({
        ...plain,
        body: { kind: 'unsupported', code, bytes },
        disappearAfterS: 3600,
      });
    }
  });

  it.each([0, -1, 1.5, maxDisappearAfterS + 1, Infinity, NaN])('writes no duration of %d s', (seconds) => {
    const body = { kind: 'text', text: 'é' } as const;
    expect(() => encodeContent({ ...plain, body, disappearAfterS: seconds })).toThrow(RangeError);
    const timer = { kind: 'timer', change: 'set', disappearAfterS: seconds } as const;
    expect(() => encodeContent({ ...plain, body: timer })).toThrow(RangeError);
  });

  it.each(['0b000501' + '01e13381', '0b000502' + '00000e10', '0b000501' + 'ffffffff'])(
    'takes %s for no timer',
    (kindAndBody) => {
      const bytes = Uint8Array.from(Buffer.from(kindAndBody.slice(6), 'hex'));
      expect(decodedFrom(kindAndBody)).toEqual({ ...plain, body: { kind: 'unsupported', code: 11, bytes } });
    },
  );

  it('refuses to let disappear what no person wrote', () => {
    expect(() => encodeContent({ ...plain, body: { kind: 'left' }, disappearAfterS: 30 })).toThrow(
      RangeError,
    );
  });

  it.each([
    ['a text', { kind: 'text', text: 'x'.repeat(maxTextBytes) }],
    ['a reply', { kind: 'text', text: longestText, replyTo: other }],
    ['an edit', { kind: 'edit', target: other, text: longestText }],
  ] as const)('has room for %s of the longest length that disappears', (_, body) => {
    const longest: Content = { ...plain, body, disappearAfterS: maxDisappearAfterS };
    expect(decodeContent(encodeContent(longest))).toEqual(longest);
  });

  it.each([
    ['a reply', { kind: 'text', text: longestText, replyTo: other }],
    ['an edit', { kind: 'edit', target: other, text: longestText }],
  ] as const)('carries %s of the longest length and refuses one byte more', (_, body) => {
    const longest: Content = { message, counter: 1, sentAtMs: 1, body };
    expect(decodeContent(encodeContent(longest))).toEqual(longest);
    const longer: Content = { ...longest, body: { ...body, text: `${body.text}x` } };
    expect(() => encodeContent(longer)).toThrow(RangeError);
  });

  it.each([
    '',
    ' ',
    'a',
    'ok',
    '👍👍',
    '👍a',
    '\u202e',
    '\u200d',
    '👍\u0300',
    '1',
    '🇩',
    '👩‍'.repeat(20) + '👩',
    '<b>',
  ])('takes %j for no reaction', (emoji) => {
    const reaction = { kind: 'reaction', target: other, change: 'set', emoji } as const;
    expect(() => encodeContent({ message, counter: 1, sentAtMs: 1, body: reaction })).toThrow(RangeError);
    const emojiBytes = Buffer.from(emoji);
    const bytes = Uint8Array.of(...Buffer.from(`${otherHex}01`, 'hex'), 0, emojiBytes.length, ...emojiBytes);
    const body = { kind: 'unsupported', code: 4, bytes } as const;
    expect(decodeContent(encodeContent({ message, counter: 1, sentAtMs: 1, body })).body).toEqual(body);
  });

  it.each<Content['body']>([
    { kind: 'text', text: 'hi', replyTo: other },
    { kind: 'reaction', target: other, change: 'set', emoji: '👍' },
    { kind: 'edit', target: other, text: 'hi' },
    { kind: 'deletion', target: other },
    { kind: 'profile', revision: 5, presence: 'shared', name: 'é', picture: Uint8Array.of(1, 2, 3) },
    { kind: 'introduction', proof: Uint8Array.of(1, 2) },
    { kind: 'left' },
    { kind: 'timer', change: 'set', disappearAfterS: 30 },
  ])('keeps as unsupported what is cut short or followed by more within its kind: %j', (whole) => {
    const encoded = encodeContent({ message, counter: 1, sentAtMs: 1, body: whole });
    const inner = encoded.subarray(headerHex.length / 2 + 3);
    const cut = [...inner.keys()].map((length) => inner.subarray(0, length));
    for (const bytes of [...cut, Uint8Array.of(...inner, 0)]) {
      const body = { kind: 'unsupported', code: encoded[headerHex.length / 2] ?? 0, bytes } as const;
      expect(decodeContent(encodeContent({ message, counter: 1, sentAtMs: 1, body })).body).toEqual(body);
    }
  });

  it('carries the largest profile in the padding bucket of 32 KiB, and refuses one byte more', () => {
    const largest = {
      kind: 'profile',
      revision: Number.MAX_SAFE_INTEGER,
      presence: 'kept',
      name: 'x'.repeat(maxProfileNameBytes),
      picture: new Uint8Array(maxPictureBytes),
    } as const;
    const encoded = encodeContent({ message, counter: 1, sentAtMs: 1, body: largest });
    expect(encoded.length).toBeLessThan(32 * 1024);
    expect(decodeContent(encoded).body).toEqual(largest);
    for (const more of [{ name: `${largest.name}x` }, { picture: new Uint8Array(maxPictureBytes + 1) }])
      expect(() =>
        encodeContent({ message, counter: 1, sentAtMs: 1, body: { ...largest, ...more } }),
      ).toThrow(RangeError);
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
