/**
 * How Node runs a service. The three sizes (MB) are for its tail latency: with V8's own it collects the young objects
 * several times a second while it is small, promotes what would have died, and so stops for the old ones every few
 * seconds, up to 40 ms on two cores. They bound nothing, and are address space until they are used.
 */
export const serviceArguments: readonly string[] = [
  '--enable-source-maps',
  '--min-semi-space-size=32',
  '--max-semi-space-size=64',
  '--initial-old-space-size=256',
];
