/** `burst` at once, then `perSecond`. */
export type BucketRate = { readonly perSecond: number; readonly burst: number };
export type TokenBucket = { readonly tokens: number; readonly atMs: number };

export function fullBucket(rate: BucketRate, nowMs: number): TokenBucket {
  return { tokens: rate.burst, atMs: nowMs };
}

/** Takes a token, or says how long until there is one. A clock that goes back gives nothing. */
export function takeToken(
  bucket: TokenBucket,
  rate: BucketRate,
  nowMs: number,
): { readonly bucket: TokenBucket; readonly waitMs: number } {
  const passedMs = Math.max(0, nowMs - bucket.atMs);
  const tokens = Math.min(rate.burst, bucket.tokens + (passedMs * rate.perSecond) / 1_000);
  if (tokens >= 1) return { bucket: { tokens: tokens - 1, atMs: nowMs }, waitMs: 0 };
  return { bucket: { tokens, atMs: nowMs }, waitMs: Math.ceil(((1 - tokens) * 1_000) / rate.perSecond) };
}
