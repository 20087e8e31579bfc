/** Bounds of this service alone; those that clients see are in libs/protocol, `limits.ts`. */

const kib = 1024;

export const bounds = {
  /** A frame is refused by the session, with 4400, above `limits.maxFrameBytes`; above this `ws` stops reading it, with 1009. */
  maxReadBytes: 128 * kib,
  /** Appends of one socket that are not answered yet. A client with more in hand waits for answers anyway. */
  maxUnansweredAppends: 256,
  /** How often sessions look at the clock: deadlines are late by up to this. */
  clockMs: 250,
  /** Pings in a row without any sign of life, after which the socket is closed. */
  maxUnansweredPings: 2,
  /** A socket that was told to close and does not is cut. */
  closeGraceMs: 2_000,
  /** Appends that wait for a request to the store; beyond that senders are told to wait. */
  maxQueuedAppends: 8_192,
  maxQueuedAppendBytes: 32 * 1024 * kib,
  /** Requests under way at once, all but the last of them late. */
  maxAppendRequests: 16,
  /** What comes while a request is under way waits for its answer, but no longer than this. */
  lateAppendMs: 50,
  /** So many messages in a request: the next is sent this long after it at the earliest. */
  restAfterAppends: 4,
  restMs: 3,
  /** The store answers within milliseconds, or is away; a client resends after this. */
  appendTimeoutMs: 5_000,
  busyRetryMs: 1_000,
  /** Acknowledgements are collected for this long: "delivered" may be this late, and a request for all devices is cheap. */
  acknowledgeIntervalMs: 100,
  acknowledgeTimeoutMs: 5_000,
  /** After a failure of the store. */
  acknowledgeRetryMs: 1_000,
  /** What does not fit is dropped: a lost acknowledgement costs a repeated fetch. */
  maxMergedPositions: 100_000,
  /** Deliveries whose acknowledgement is waited for in a trace, and how long: a device that sleeps wakes later. */
  maxTracedDeliveries: 1_024,
  tracedDeliveryMs: 60_000,
  resumeTimeoutMs: 10_000,
  signalTimeoutMs: 5_000,
  /** Reports that were sent an interval apart arrive closer now and then. */
  reportToleranceMs: 5_000,
  generationPollMs: 60_000,
  generationRetryMs: 1_000,
  /** After a break of NATS all sockets resume: spread so that the store sees at most this many a second. */
  resumesPerSecond: 500,
  minResyncMs: 250,
  /** Sockets are asked to reconnect in batches this far apart. */
  drainStepMs: 100,
  /** A token of the user limiter stands for this many frames, so that Redis is asked once for them. */
  sendsPerUserToken: 50,
} as const;
