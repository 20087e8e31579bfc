/**
 * Padding to buckets, before encryption: the server, which sees ciphertext sizes, learns the bucket
 * and not the length. Content, then 0x80, then zeros up to the bucket (ISO/IEC 7816-4): the end is
 * found from behind, so no length field is needed.
 *
 * Not hidden: which bucket, and when. Padding is inside the AEAD, so unpadding reveals nothing to a forger.
 */
import { cryptoLimits } from './limits.js';

const marker = 0x80;
const buckets: readonly number[] = cryptoLimits.paddingBucketsBytes;
const largestBucketBytes = Math.max(...buckets);

/** The longest content that can be padded: one byte less than the largest bucket. */
export const maxPaddableBytes = largestBucketBytes - 1;

export type Unpadded =
  { readonly kind: 'content'; readonly content: Uint8Array } | { readonly kind: 'malformed' };

/** Content of at most 63,487 bytes to the smallest bucket that holds it. @throws RangeError when it is longer. */
export function pad(content: Uint8Array): Uint8Array<ArrayBuffer> {
  const bucket = buckets.find((bytes) => content.length < bytes);
  if (bucket === undefined) throw new RangeError(`content of more than ${maxPaddableBytes} bytes`);
  const padded = new Uint8Array(bucket);
  padded.set(content);
  padded[content.length] = marker;
  return padded;
}

/** Malformed: a size that is no bucket, or no marker before the zeros. The content is a view of `padded`. */
export function unpad(padded: Uint8Array): Unpadded {
  if (!buckets.includes(padded.length)) return { kind: 'malformed' };
  const end = padded.findLastIndex((byte) => byte !== 0);
  if (padded[end] !== marker) return { kind: 'malformed' };
  return { kind: 'content', content: padded.subarray(0, end) };
}
