import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cryptoLimits } from './limits.js';
import { maxPaddableBytes, pad, unpad } from './padding.js';

const buckets: readonly number[] = cryptoLimits.paddingBucketsBytes;

describe('padding', () => {
  it('gives back any content, from a size that says only the bucket', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (content) => {
        const padded = pad(content);
        expect(buckets).toContain(padded.length);
        expect(unpad(padded)).toEqual({ kind: 'content', content });
      }),
    );
  });

  it('fills each bucket to one byte below its size, and moves on to the next there', () => {
    for (const [index, bucket] of buckets.entries()) {
      expect(pad(new Uint8Array(bucket - 1)).length).toBe(bucket);
      if (index + 1 < buckets.length) expect(pad(new Uint8Array(bucket)).length).toBe(buckets[index + 1]);
    }
    expect(maxPaddableBytes).toBe(62 * 1024 - 1);
    expect(() => pad(new Uint8Array(maxPaddableBytes + 1))).toThrow(RangeError);
  });

  it('keeps content that ends like padding', () => {
    for (const content of [[], [0], [0x80], [0x80, 0, 0], [0, 0x80, 0]].map((bytes) =>
      Uint8Array.from(bytes),
    )) {
      expect(unpad(pad(content))).toEqual({ kind: 'content', content });
    }
  });

  it('refuses sizes that are no bucket, and zeros without a marker', () => {
    expect(unpad(new Uint8Array(0))).toEqual({ kind: 'malformed' });
    expect(unpad(new Uint8Array(256))).toEqual({ kind: 'malformed' });
    expect(unpad(new Uint8Array(256).fill(1))).toEqual({ kind: 'malformed' });
    expect(unpad(pad(Uint8Array.of(1, 2, 3)).subarray(0, 255))).toEqual({ kind: 'malformed' });
    expect(unpad(Uint8Array.of(...pad(Uint8Array.of(1)), 0))).toEqual({ kind: 'malformed' });
  });

  it('leaves its input unchanged', () => {
    const content = Uint8Array.of(1, 2, 3);
    const padded = pad(content);
    const before = padded.slice();
    unpad(padded);
    expect(content).toEqual(Uint8Array.of(1, 2, 3));
    expect(padded).toEqual(before);
  });
});
