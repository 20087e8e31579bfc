/** Bounds of this service alone; those that clients see are in libs/protocol, `limits.ts`. */

const kib = 1024;

export const bounds = {
  /** One transaction: at 12 µs an item it holds its locks for some 10 ms at most. */
  maxWriteItems: 1024,
  maxWriteBytes: 2 * 1024 * kib,
  /** Waiting for the database: about half a second of work; beyond that senders are told to wait. */
  maxQueuedItems: 16_384,
  maxQueuedBytes: 64 * 1024 * kib,
  /** A full queue is worked off within a second. */
  busyRetryMs: 1_000,
  /** Devices in all rosters kept in memory: at 160 bytes each, 24 MB. */
  maxCachedRosterDevices: 150_000,
  /** Cursors written in one statement. */
  maxAcknowledgePositions: 4_096,
  maxQueuedPositions: 131_072,
  /** Above this many member users a cursor's advance is published at most once in `deliveredIntervalMs`… */
  maxUsersToldAtOnce: 20,
  deliveredIntervalMs: 1_000,
  /** …and above this not at all: clients ask when they show it. */
  maxUsersToldOfCursors: 100,
  /** Conversations with advances that wait for their second; beyond that they go out at once. */
  maxWaitingAdvances: 10_000,
  /** Heads that a predecessor may have stored and not announced, at most as old as a client's resend. */
  announceHeadsOfLastMs: 120_000,
  maxAnnouncedHeads: 20_000,
  /** While the database is away. */
  announceRetryMs: 1_000,
  /** Conversations in one answer of the list. */
  maxListedConversations: 200,
  /**
   * How often a device may say that a void commit left it out, in one stay. A member that was rightly removed can say it
   * too, and costs the others a round each time; and what a malicious member does more often, others put right.
   */
  maxAppealsPerStay: 3,
  /** Members are asked to state their group states at most this often, and by whom asked for is remembered for so many conversations. */
  askIntervalMs: 1_000,
  maxAskedConversations: 10_000,
  /** Members rows marked in one transaction when a device is revoked: more are taken in the next one. */
  maxDeparturesPerTransaction: 200,
  /** One batch of retention: looking at a conversation costs some 50 µs, clearing a row some 10. */
  maxRetentionConversations: 200,
  maxRetentionRows: 2_000,
  /** Between two batches: at most a tenth of one connection's time goes into retention. */
  retentionPauseMs: 200,
  /** After a failure, or while another replica sweeps far ahead. */
  retentionRetryMs: 5_000,
  /** A replica that rests looks again at least this often, since the one that sweeps may have died. */
  maxRetentionRestMs: 60_000,
} as const;
