/** A Node that is older than the workspace's own refuses to start with an option that it does not know. */
const knowsExternalMemory = Number.parseInt(process.versions.v8, 10) >= 13;

/**
 * How Node runs a service. The three sizes (MB) are for its tail latency: with V8's own it collects the young objects
 * several times a second while it is small, promotes what would have died, and so stops for the old ones every few
 * seconds, up to 40 ms on two cores. They bound nothing, and are address space until they are used. The last is for the
 * same: buffers of messages are outside of V8's heap, and 64 MB of them, however short their lives, would be a reason
 * to look through the whole heap (at 16,000 messages a second p99 is 42 ms instead of 123).
 */
export const serviceArguments: readonly string[] = [
  '--enable-source-maps',
  '--min-semi-space-size=32',
  '--max-semi-space-size=64',
  '--initial-old-space-size=256',
  ...(knowsExternalMemory ? ['--external-memory-accounted-in-global-limit'] : []),
];
