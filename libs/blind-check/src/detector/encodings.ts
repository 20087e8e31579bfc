/**
 * The ways in which bytes come to stand in other bytes without being compressed or encrypted. Each
 * encoding turns any run of a secret into the bytes by which that run is recognised, whatever stands
 * before and after it. What needs its surroundings to be undone (compression, lists of numbers,
 * encodings inside encodings) is in `layers.ts`.
 */
import type { Secret } from './secret.js';

export type Encoding = {
  readonly name: string;
  /** Whether it works on characters (then it is not used for keys) or on bytes. */
  readonly of: 'bytes' | 'text';
  /** A whole leak, as a careless program would write it. */
  readonly encode: (secret: Uint8Array) => Uint8Array;
  /** What is constant of a run in the middle of a leak; the same as `encode` unless neighbours share a digit. */
  readonly patternOf?: (run: Uint8Array) => Uint8Array;
};

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const eachByte = (bytes: Uint8Array, write: (byte: number) => string): Uint8Array =>
  latin1(Array.from(bytes, write).join(''));
const hexPair = (byte: number): string => byte.toString(16).padStart(2, '0');
const isPrintable = (byte: number): boolean => byte >= 0x20 && byte < 0x7f;

const base64Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const base64urlAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const base32Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 digits of `bitsPerDigit` bits; the last one filled with zero bits, no padding characters. */
function digitsOf(params: {
  readonly bytes: Uint8Array;
  readonly bitsPerDigit: number;
  readonly alphabet: string;
}): string {
  const { bytes, bitsPerDigit, alphabet } = params;
  let text = '';
  let held = 0;
  let heldBits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    heldBits += 8;
    while (heldBits >= bitsPerDigit) {
      heldBits -= bitsPerDigit;
      text += alphabet.charAt((held >> heldBits) & ((1 << bitsPerDigit) - 1));
    }
    held &= (1 << heldBits) - 1;
  }
  return heldBits === 0
    ? text
    : text + alphabet.charAt((held << (bitsPerDigit - heldBits)) & ((1 << bitsPerDigit) - 1));
}

/**
 * A digit holds bits of two bytes, so the text of a secret depends on how many bytes stand before it.
 * `before` is that number modulo the group; digits shared with a neighbour are left out of the pattern.
 */
function digits(params: {
  readonly name: string;
  readonly bitsPerDigit: number;
  readonly alphabet: string;
  readonly before: number;
}): Encoding {
  const { name, bitsPerDigit, alphabet, before } = params;
  const shifted = (bytes: Uint8Array): string => {
    const filled = new Uint8Array(before + bytes.length).fill(0x2e, 0, before);
    filled.set(bytes, before);
    return digitsOf({ bytes: filled, bitsPerDigit, alphabet });
  };
  return {
    name: `${name}, ${before} bytes before`,
    of: 'bytes',
    encode: (secret) => latin1(shifted(secret)),
    patternOf: (run) =>
      latin1(
        shifted(run).slice(
          Math.ceil((before * 8) / bitsPerDigit),
          Math.floor(((before + run.length) * 8) / bitsPerDigit),
        ),
      ),
  };
}

const alignments = (
  params: Omit<Parameters<typeof digits>[0], 'before'>,
  count: number,
): readonly Encoding[] => Array.from({ length: count }, (_, before) => digits({ ...params, before }));

function swapped16(bytes: Uint8Array): Uint8Array {
  return Buffer.from(bytes).swap16();
}

const utf16 = (bytes: Uint8Array): Uint8Array => Buffer.from(textOf(bytes), 'utf16le');

function unicodeEscapes(
  text: string,
  params: { readonly escapeAscii: boolean; readonly upperCase: boolean },
): Uint8Array {
  let escaped = '';
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    const digitsText = unit.toString(16).padStart(4, '0');
    escaped +=
      !params.escapeAscii && isPrintable(unit)
        ? text.charAt(index)
        : `\\u${params.upperCase ? digitsText.toUpperCase() : digitsText}`;
  }
  return latin1(escaped);
}

const encodings: readonly Encoding[] = [
  { name: 'as it is', of: 'bytes', encode: (bytes) => bytes },
  { name: 'reversed', of: 'bytes', encode: (bytes) => Uint8Array.from(bytes).reverse() },
  { name: 'UTF-16LE', of: 'text', encode: utf16 },
  { name: 'UTF-16BE', of: 'text', encode: (bytes) => swapped16(utf16(bytes)) },
  { name: 'lower case', of: 'text', encode: (bytes) => utf8(textOf(bytes).toLowerCase()) },
  { name: 'upper case', of: 'text', encode: (bytes) => utf8(textOf(bytes).toUpperCase()) },
  { name: 'hex', of: 'bytes', encode: (bytes) => eachByte(bytes, hexPair) },
  { name: 'HEX', of: 'bytes', encode: (bytes) => eachByte(bytes, (byte) => hexPair(byte).toUpperCase()) },
  ...alignments({ name: 'base64', bitsPerDigit: 6, alphabet: base64Alphabet }, 3),
  ...alignments({ name: 'base64url', bitsPerDigit: 6, alphabet: base64urlAlphabet }, 3),
  ...alignments({ name: 'base32', bitsPerDigit: 5, alphabet: base32Alphabet }, 5),
  ...alignments({ name: 'base32 in lower case', bitsPerDigit: 5, alphabet: base32Alphabet.toLowerCase() }, 5),
  {
    name: 'percent-encoded, as encodeURIComponent does',
    of: 'text',
    encode: (bytes) => latin1(encodeURIComponent(textOf(bytes))),
  },
  {
    name: 'percent-encoded, every byte',
    of: 'bytes',
    encode: (bytes) => eachByte(bytes, (byte) => `%${hexPair(byte).toUpperCase()}`),
  },
  {
    name: 'percent-encoded, every byte, lower case',
    of: 'bytes',
    encode: (bytes) => eachByte(bytes, (byte) => `%${hexPair(byte)}`),
  },
  {
    name: 'JSON escapes of what is not ASCII',
    of: 'text',
    encode: (bytes) => unicodeEscapes(textOf(bytes), { escapeAscii: false, upperCase: false }),
  },
  {
    name: 'JSON escapes of every character',
    of: 'text',
    encode: (bytes) => unicodeEscapes(textOf(bytes), { escapeAscii: true, upperCase: false }),
  },
  {
    name: 'JSON escapes of every character, upper case',
    of: 'text',
    encode: (bytes) => unicodeEscapes(textOf(bytes), { escapeAscii: true, upperCase: true }),
  },
  // `buffer.toString('latin1')` that is written as UTF-8 afterwards.
  {
    name: 'Latin-1 taken for UTF-8',
    of: 'bytes',
    encode: (bytes) => utf8(Buffer.from(bytes).toString('latin1')),
  },
  {
    name: 'JSON string of Latin-1',
    of: 'bytes',
    encode: (bytes) => utf8(JSON.stringify(Buffer.from(bytes).toString('latin1')).slice(1, -1)),
  },
  // redis-cli, Python, C.
  { name: 'backslash-x escapes', of: 'bytes', encode: (bytes) => eachByte(bytes, cEscape) },
  {
    name: 'backslash-x escapes of every byte',
    of: 'bytes',
    encode: (bytes) => eachByte(bytes, (byte) => `\\x${hexPair(byte)}`),
  },
  // Postgres, bytea_output = escape.
  { name: 'octal escapes', of: 'bytes', encode: (bytes) => eachByte(bytes, octalEscape) },
];

function cEscape(byte: number): string {
  const named: Readonly<Record<number, string>> = {
    7: '\\a',
    8: '\\b',
    9: '\\t',
    10: '\\n',
    13: '\\r',
    34: '\\"',
    92: '\\\\',
  };
  return named[byte] ?? (isPrintable(byte) ? String.fromCharCode(byte) : `\\x${hexPair(byte)}`);
}

function octalEscape(byte: number): string {
  if (byte === 92) return '\\\\';
  return isPrintable(byte) ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
}

/** The encodings that make sense for a secret of this kind. */
export function encodingsFor(kind: Secret['kind']): readonly Encoding[] {
  return encodings.filter((encoding) => kind === 'text' || encoding.of === 'bytes');
}
