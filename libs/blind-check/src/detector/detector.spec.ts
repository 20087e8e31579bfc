import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Detector } from './detector.js';
import { encodingsFor } from './encodings.js';
import { leakFormsFor, plantLeaks, withLeak } from './plants.js';
import {
  keySecret,
  keyWindowBytes,
  textSecret,
  textWindowCharacters,
  type Captured,
  type Secret,
} from './secret.js';

const text = textSecret({ name: 'a message', text: 'Zw9xQk3vPt8r😀יונהגהב7Lm2Hd5Yc"\\🦜жщЮя' });
const key = keySecret({ name: 'a key', bytes: Uint8Array.from(randomBytes(32)) });
const secrets = [text, key];
const detector = new Detector(secrets);

function captured(bytes: Uint8Array): Captured {
  return { place: 'logs', location: 'a log', bytes };
}

function finds(secret: Secret, bytes: Uint8Array): boolean {
  return detector.find(captured(bytes)).some((finding) => finding.secret === secret.name);
}

describe('the detector', () => {
  it.each(secrets.flatMap((secret) => leakFormsFor(secret.kind).map((form) => ({ secret, form }))))(
    'finds $secret.name as $form.name in random bytes and in text',
    ({ secret, form }) => {
      for (const host of [
        randomBytes(999),
        Buffer.from('{"level":30,"msg":"listening","port":4000}\n'.repeat(9)),
      ]) {
        expect(finds(secret, withLeak({ host, leak: form.leakOf(secret.bytes), fills: form.fills }))).toBe(
          true,
        );
      }
    },
  );

  it('finds any run of a key as long as a window, in every encoding, whatever stands around it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...encodingsFor('key')),
        fc.integer({ min: 0, max: key.bytes.length - keyWindowBytes }),
        fc.uint8Array({ maxLength: 40 }),
        fc.uint8Array({ maxLength: 40 }),
        (encoding, start, before, after) => {
          const run = key.bytes.subarray(start, start + keyWindowBytes);
          return finds(key, Buffer.concat([before, encoding.encode(run), after]));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('finds any run of a text as long as a window', () => {
    const characters = [...new TextDecoder().decode(text.bytes)];
    fc.assert(
      fc.property(
        fc.constantFrom(...encodingsFor('text')),
        fc.integer({ min: 0, max: characters.length - textWindowCharacters }),
        (encoding, start) => {
          const run = Buffer.from(characters.slice(start, start + textWindowCharacters).join(''), 'utf8');
          return finds(text, Buffer.concat([randomBytes(30), encoding.encode(run), randomBytes(30)]));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('finds a run of base64 at each of its three alignments within a longer value', () => {
    for (const before of [0, 1, 2, 3, 4, 5]) {
      const value = Buffer.concat([randomBytes(before), key.bytes, randomBytes(7)]);
      expect(finds(key, Buffer.from(`"data":"${value.toString('base64')}"`))).toBe(true);
      expect(finds(key, Buffer.from(value.toString('base64url')))).toBe(true);
    }
  });

  it('finds a secret in base64 that is broken into lines', () => {
    const lines =
      Buffer.concat([randomBytes(50), key.bytes, randomBytes(50)])
        .toString('base64')
        .match(/.{1,64}/g) ?? [];
    expect(finds(key, Buffer.from(lines.join('\n')))).toBe(true);
  });

  it('says where and how a secret was found, and never quotes it', () => {
    const leak = Buffer.from(Buffer.from(key.bytes).toString('hex'));
    const [finding] = detector.find(captured(Buffer.concat([Buffer.from('abc '), leak])));
    expect(finding).toEqual({
      secret: 'a key',
      place: 'logs',
      location: 'a log',
      encoding: 'hex',
      offset: 4,
    });
    expect(JSON.stringify(detector.find(captured(leak)))).not.toContain(leak.toString().slice(0, 16));
  });

  it('finds nothing in a megabyte of random bytes, nor in other secrets', () => {
    expect(detector.find(captured(randomBytes(2 ** 20)))).toEqual([]);
    expect(detector.find(captured(Buffer.from(randomBytes(2 ** 19).toString('base64'))))).toEqual([]);
  });

  it('does not find less than a window of a key', () => {
    const run = key.bytes.subarray(3, 3 + keyWindowBytes - 1);
    // Neighbours that the key itself does not have there: by chance they would make the window whole.
    const before = Buffer.alloc(8, (key.bytes[2] ?? 0) ^ 0xff);
    const after = Buffer.alloc(8, (key.bytes[3 + keyWindowBytes - 1] ?? 0) ^ 0xff);
    expect(finds(key, Buffer.concat([before, run, after]))).toBe(false);
  });

  it('lets a secret stand where it has to pass, and only there', () => {
    const token = textSecret({ name: 'refresh token', text: 'u7Yt3RfWq9Lk2Jh8Gd', allowedAt: ['http'] });
    const withToken = new Detector([token]);
    expect(withToken.find({ place: 'http', location: 'body', bytes: token.bytes })).toEqual([]);
    expect(withToken.find({ place: 'redis', location: 'key', bytes: token.bytes })).toHaveLength(1);
  });

  it('leaves what it searches as it was', () => {
    const bytes = withLeak({ host: randomBytes(200), leak: key.bytes, fills: 'part' });
    const before = Buffer.from(bytes);
    detector.find(captured(bytes));
    expect(Buffer.compare(before, bytes)).toBe(0);
  });

  it('searches long values without marks in linear time', () => {
    const started = performance.now();
    detector.find(captured(Buffer.from('A'.repeat(2 ** 21))));
    detector.find(captured(Buffer.from('\\'.repeat(2 ** 18))));
    detector.find(captured(Buffer.from('1,'.repeat(2 ** 18))));
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('a secret', () => {
  it('is refused when it is too short or too plain to be told from chance', () => {
    expect(() => textSecret({ name: 'x', text: 'short' })).toThrow(RangeError);
    expect(() => keySecret({ name: 'x', bytes: new Uint8Array(8) })).toThrow(RangeError);
    expect(() => keySecret({ name: 'x', bytes: new Uint8Array(32) })).toThrow(RangeError);
  });
});

describe('planted leaks', () => {
  const host: Captured = { place: 'redis', location: 'key', bytes: Buffer.from('auth:challenge:1') };

  it('are all found by a detector that knows the secrets', () => {
    const result = plantLeaks({ detector, captured: [host], secrets, searched: ['redis'] });
    expect(result).toEqual({
      planted: leakFormsFor('text').length + leakFormsFor('key').length,
      missed: [],
      emptyPlaces: [],
    });
  });

  it('are reported one by one when the detector is blind to them', () => {
    const blind = new Detector([]);
    const result = plantLeaks({ detector: blind, captured: [host], secrets: [key], searched: ['redis'] });
    expect(result.missed).toHaveLength(leakFormsFor('key').length);
    expect(result.missed[0]).toEqual({ place: 'redis', form: 'as it is', secret: 'a key' });
  });

  it('report a place where nothing was captured', () => {
    expect(
      plantLeaks({ detector, captured: [host], secrets, searched: ['redis', 'nats'] }).emptyPlaces,
    ).toEqual(['nats']);
  });
});
