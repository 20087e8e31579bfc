/** When a connection gives up on what it waits for, and when it looks for what it may have missed. */
export const timing = {
  /** From the begin of an attempt to `ready`. */
  readyWithinMs: 15_000,
  /** A store that is away refuses, or says nothing; past the gateway's own wait for it, on average. */
  liveWithinMs: 12_000,
  firstHeadComparisonMs: 2_000,
  headComparisonMs: 60_000,
  /** After this part of its life an access token is renewed. */
  renewAfterFraction: 0.8,
} as const;
