/**
 * What can be undone in found bytes, so that the detector may look inside: compressed members, and runs
 * of text that stand for bytes. Each layer yields the inner bytes; the detector searches these like the
 * outer ones, and opens their layers again (base64 of gzip of JSON with hex in it).
 */
import { brotliDecompressSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';

export type Layer = {
  readonly name: string;
  readonly inner: (outer: Uint8Array) => Iterable<Uint8Array>;
  /** What has no mark can only be tried, so it is tried on captured values and not inside other layers. */
  readonly opensOutermostOnly?: true;
};

/** A member that inflates to more than this is cut off there: what a bomb holds is no secret of ours. */
const maxInflatedBytes = 64 * 1024 * 1024;
/** Shorter runs are ids, words and numbers; a run of a key's window is longer in each notation. */
const minRunBytes = 12;
/** More than the longest encoding of a window. */
const contextCharacters = 256;

export const layers: readonly Layer[] = [
  compressed({
    name: 'gzip',
    startsAt: (bytes, at) => bytes[at] === 0x1f && bytes[at + 1] === 0x8b && bytes[at + 2] === 8,
    open: gunzip,
  }),
  compressed({ name: 'zlib', startsAt: isZlibHeader, open: inflateSync }),
  compressed({
    name: 'zstd',
    startsAt: (bytes, at) =>
      bytes[at] === 0x28 && bytes[at + 1] === 0xb5 && bytes[at + 2] === 0x2f && bytes[at + 3] === 0xfd,
    open: zstdDecompressSync,
  }),
  // Neither has a mark to find it by: only a whole value can be tried.
  wholeValue({ name: 'deflate without header', open: inflateRawSync }),
  wholeValue({ name: 'brotli', open: brotliDecompressSync }),
  // Letters may stand right before it, so that it may begin at any of its places modulo 4.
  textRuns({
    name: 'base64',
    run: /[A-Za-z0-9+/_-]{16,}/g,
    starts: 4,
    decode: (run) => Buffer.from(run, 'base64'),
  }),
  textRuns({ name: 'hex', run: /[0-9a-fA-F]{24,}/g, starts: 2, decode: (run) => Buffer.from(run, 'hex') }),
  // `<Buffer 0a ff>`, fingerprints with colons, `0x0a, 0xff`.
  textRuns({
    name: 'hex with separators',
    run: /(?:(?:0x)?[0-9a-fA-F]{2}[\s:,-]{1,16}){11,}(?:0x)?[0-9a-fA-F]{2}/g,
    decode: (run) => Buffer.from(run.replaceAll(/0x|[^0-9a-fA-F]/g, ''), 'hex'),
  }),
  // `[10, 255]`, Go's `[10 255]`, a `toJSON` of Buffer, pretty-printed or not.
  textRuns({
    name: 'decimal list',
    run: /(?:\d{1,3}[\s,;]{1,64}){11,}\d{1,3}/g,
    decode: (run) => decimals(run.split(/[\s,;]+/)),
  }),
  // `{"0":10,"1":255}`: what JSON.stringify makes of a Uint8Array; also util.inspect's `'0': 10`.
  textRuns({
    name: 'numbered object',
    run: /(?:["']?\d{1,6}["']?\s*:\s*\d{1,3}[\s,]{1,64}){11,}["']?\d{1,6}["']?\s*:\s*\d{1,3}/g,
    decode: (run) => decimals([...run.matchAll(/:\s*(\d{1,3})/g)].map((match) => match[1] ?? '')),
  }),
  escapedText({
    name: 'percent-encoding',
    escapes: /(?:%[0-9a-fA-F]{2}[^\s%]{0,256})+/g,
    boundary: /[\s%]/,
    decode: percentDecoded,
  }),
  escapedText({
    name: 'backslash escapes',
    escapes: /(?:\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[^ux\n])[^\\\n]{0,256})+/g,
    boundary: /[\\\n]/,
    decode: unescaped,
  }),
];

/** The header that zlib writes for its usual window (RFC 1950): 0x78, then a level that makes it a multiple of 31. */
function isZlibHeader(bytes: Uint8Array, at: number): boolean {
  const second = bytes[at + 1];
  return bytes[at] === 0x78 && (second === 0x01 || second === 0x5e || second === 0x9c || second === 0xda);
}

type Open = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Buffer;

/**
 * A gzip member (RFC 1952) that may be followed by anything. Node's own gunzip takes what follows for a
 * second member, and fails; so its header is skipped here, and the checksum at its end not looked at.
 */
function gunzip(bytes: Uint8Array, options: { readonly maxOutputLength: number }): Buffer {
  const flags = bytes[3] ?? 0;
  let start = 10;
  if (flags & 4) start += 2 + (bytes[start] ?? 0) + (bytes[start + 1] ?? 0) * 256;
  for (const named of [8, 16]) {
    if (flags & named) start = bytes.indexOf(0, start) + 1;
  }
  if (flags & 2) start += 2;
  return inflateRawSync(bytes.subarray(start), options);
}

function tryOpen(open: Open, bytes: Uint8Array): Uint8Array | undefined {
  try {
    const inner = open(bytes, { maxOutputLength: maxInflatedBytes });
    return inner.length >= minRunBytes ? inner : undefined;
  } catch {
    return undefined; // it only looked like a member
  }
}

function compressed(params: {
  readonly name: string;
  readonly startsAt: (bytes: Uint8Array, at: number) => boolean;
  readonly open: Open;
}): Layer {
  return {
    name: params.name,
    *inner(outer) {
      for (let at = 0; at + minRunBytes <= outer.length; at++) {
        if (!params.startsAt(outer, at)) continue;
        const inner = tryOpen(params.open, outer.subarray(at));
        if (inner !== undefined) yield inner;
      }
    },
  };
}

function wholeValue(params: { readonly name: string; readonly open: Open }): Layer {
  return {
    name: params.name,
    opensOutermostOnly: true,
    *inner(outer) {
      const inner = tryOpen(params.open, outer);
      if (inner !== undefined) yield inner;
    },
  };
}

function textRuns(params: {
  readonly name: string;
  readonly run: RegExp;
  /** How many of its first characters it may begin at; 1 unless said. */
  readonly starts?: number;
  readonly decode: (run: string) => Uint8Array | undefined;
}): Layer {
  return {
    name: params.name,
    *inner(outer) {
      const runs = Array.from(latin1Of(outer).matchAll(params.run), ([run]) => run);
      for (let start = 0; start < (params.starts ?? 1); start++)
        yield joined(runs.map((run) => params.decode(run.slice(start))));
    },
  };
}

/**
 * Text in which only some characters are escaped, with up to `contextCharacters` before the first. The start is found
 * by walking back: a pattern that begins with "anything" would try every place of a long value, in quadratic time.
 */
function escapedText(params: {
  readonly name: string;
  readonly escapes: RegExp;
  readonly boundary: RegExp;
  readonly decode: (text: string) => Uint8Array;
}): Layer {
  return {
    name: params.name,
    *inner(outer) {
      const text = latin1Of(outer);
      yield joined(
        Array.from(text.matchAll(params.escapes), (match) => {
          let start = match.index;
          while (
            start > 0 &&
            match.index - start < contextCharacters &&
            !params.boundary.test(text.charAt(start - 1))
          )
            start--;
          return params.decode(text.slice(start, match.index + match[0].length));
        }),
      );
    },
  };
}

/** The decoded runs of a value in one piece: one search for all, instead of one for each of thousands of short runs. */
function joined(parts: ReadonlyArray<Uint8Array | undefined>): Uint8Array {
  const separator = Uint8Array.of(0x0a);
  return Buffer.concat(
    parts.flatMap((part) => (part === undefined || part.length < minRunBytes ? [] : [part, separator])),
  );
}

function latin1Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function decimals(numbers: readonly string[]): Uint8Array | undefined {
  const values = numbers.map(Number);
  return values.every((value) => value <= 255) ? Uint8Array.from(values) : undefined;
}

function percentDecoded(run: string): Uint8Array {
  return Buffer.from(
    run.replaceAll(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}

/** JSON's and C's escapes, one level; `\uXXXX` becomes UTF-8, as the text had before it was escaped. */
function unescaped(run: string): Uint8Array {
  const plain: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', a: '\x07' };
  const parts = run.split(/((?:\\u[0-9a-fA-F]{4})+|\\x[0-9a-fA-F]{2}|\\[^ux])/);
  return Buffer.concat(
    parts.map((part) => {
      if (part.startsWith('\\u'))
        return Buffer.from(
          part
            .slice(2)
            .split('\\u')
            .map((hex) => String.fromCharCode(Number.parseInt(hex, 16)))
            .join(''),
          'utf8',
        );
      if (part.startsWith('\\x')) return Buffer.from(part.slice(2), 'hex');
      if (part.startsWith('\\') && part.length === 2)
        return Buffer.from(plain[part.charAt(1)] ?? part.charAt(1), 'latin1');
      return Buffer.from(part, 'latin1');
    }),
  );
}
