/**
 * The detector's own test, made at every run: a search that finds nothing says something only if it
 * would have found what is there. Each known form of a leak is put into a copy of something that was
 * captured at each place, and must be found there.
 */
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { inspect } from 'node:util';
import type { Detector } from './detector.js';
import { encodingsFor } from './encodings.js';
import { places, type Captured, type Place, type Secret } from './secret.js';

export type LeakForm = {
  readonly name: string;
  readonly leakOf: (secret: Uint8Array) => Uint8Array;
  /** Compressed data without a mark to find it by is looked for as a whole value only. */
  readonly fills: 'part' | 'whole';
};

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'utf8');
/** What a compressor needs around a key to have something to compress. */
const record = (secret: Uint8Array): Uint8Array =>
  bytesOf(
    JSON.stringify({
      level: 30,
      msg: 'message received',
      value: Buffer.from(secret).toString('hex'),
      at: 'store',
    }),
  );

const layeredForms: readonly LeakForm[] = [
  { name: 'gzip', leakOf: (secret) => gzipSync(record(secret)), fills: 'part' },
  { name: 'zlib', leakOf: (secret) => deflateSync(record(secret)), fills: 'part' },
  { name: 'zstd', leakOf: (secret) => zstdCompressSync(record(secret)), fills: 'part' },
  { name: 'deflate without header', leakOf: (secret) => deflateRawSync(record(secret)), fills: 'whole' },
  { name: 'brotli', leakOf: (secret) => brotliCompressSync(record(secret)), fills: 'whole' },
  {
    name: 'JSON of Uint8Array',
    leakOf: (secret) => bytesOf(JSON.stringify(Uint8Array.from(secret))),
    fills: 'part',
  },
  {
    name: 'JSON of Uint8Array, indented',
    leakOf: (secret) => bytesOf(JSON.stringify(Uint8Array.from(secret), null, 4)),
    fills: 'part',
  },
  { name: 'JSON of Buffer', leakOf: (secret) => bytesOf(JSON.stringify(Buffer.from(secret))), fills: 'part' },
  { name: 'inspected Buffer', leakOf: (secret) => bytesOf(inspect(Buffer.from(secret))), fills: 'part' },
  {
    name: 'inspected Uint8Array',
    leakOf: (secret) => bytesOf(inspect(Uint8Array.from(secret))),
    fills: 'part',
  },
  {
    name: 'hex with colons',
    leakOf: (secret) => bytesOf(Array.from(secret, (byte) => byte.toString(16).padStart(2, '0')).join(':')),
    fills: 'part',
  },
  {
    name: 'base64 in base64',
    leakOf: (secret) => bytesOf(Buffer.from(Buffer.from(secret).toString('base64')).toString('base64')),
    fills: 'part',
  },
  {
    name: 'hex of base64',
    leakOf: (secret) => bytesOf(Buffer.from(Buffer.from(secret).toString('base64')).toString('hex')),
    fills: 'part',
  },
  {
    name: 'base64 of gzip',
    leakOf: (secret) => bytesOf(gzipSync(record(secret)).toString('base64')),
    fills: 'part',
  },
  {
    name: 'JSON in JSON',
    leakOf: (secret) =>
      bytesOf(JSON.stringify({ body: JSON.stringify({ text: Buffer.from(secret).toString('latin1') }) })),
    fills: 'part',
  },
];

export function leakFormsFor(kind: Secret['kind']): readonly LeakForm[] {
  return [
    ...encodingsFor(kind).map(({ name, encode }) => ({ name, leakOf: encode, fills: 'part' as const })),
    ...layeredForms,
  ];
}

/** A leak that was put there and not found: the check itself is broken. */
export type MissedPlant = { readonly place: Place; readonly form: string; readonly secret: string };
export type PlantResult = {
  readonly planted: number;
  readonly missed: readonly MissedPlant[];
  readonly emptyPlaces: readonly Place[];
};

/** A copy no longer than this is searched for each form: enough to have something before and after the leak. */
const maxHostBytes = 4_096;

/** Every form of one text and one key at every place. A place where nothing was captured is a failure too. */
export function plantLeaks(params: {
  readonly detector: Detector;
  readonly captured: readonly Captured[];
  readonly secrets: readonly Secret[];
  readonly searched: readonly Place[];
}): PlantResult {
  const { detector, captured, secrets, searched } = params;
  const missed: MissedPlant[] = [];
  const emptyPlaces: Place[] = [];
  let planted = 0;
  for (const place of places.filter((name) => searched.includes(name))) {
    const host = captured.find((item) => item.place === place && item.bytes.length > 0);
    if (host === undefined) {
      emptyPlaces.push(place);
      continue;
    }
    for (const secret of oneOfEachKind(secrets, place)) {
      for (const form of leakFormsFor(secret.kind)) {
        planted++;
        const findings = detector.find({
          ...host,
          bytes: withLeak({ host: host.bytes, leak: form.leakOf(secret.bytes), fills: form.fills }),
        });
        if (!findings.some((finding) => finding.secret === secret.name))
          missed.push({ place, form: form.name, secret: secret.name });
      }
    }
  }
  return { planted, missed, emptyPlaces };
}

function oneOfEachKind(secrets: readonly Secret[], place: Place): readonly Secret[] {
  const counted = secrets.filter((secret) => !secret.allowedAt.includes(place));
  return (['text', 'key'] as const).flatMap((kind) => counted.find((secret) => secret.kind === kind) ?? []);
}

/** In the middle of a copy of what was captured; the original is left as it is. */
export function withLeak(params: {
  readonly host: Uint8Array;
  readonly leak: Uint8Array;
  readonly fills: LeakForm['fills'];
}): Uint8Array {
  const { host, leak, fills } = params;
  if (fills === 'whole') return leak;
  const copy = host.subarray(0, maxHostBytes);
  const middle = Math.floor(copy.length / 2);
  return Buffer.concat([copy.subarray(0, middle), leak, copy.subarray(middle)]);
}
