/** Every bound of the protocol, with its unit in the name and its reason beside it. */

const kib = 1024;
const dayMs = 24 * 60 * 60 * 1000;

export const limits = {
  /** A WebSocket frame with all overhead (ASVS 4.4; Signal's envelopes are of the same order). */
  maxFrameBytes: 64 * kib,
  /** Ciphertext of an application message: the largest padding bucket (62 KiB) plus MLS framing, inside a frame. */
  maxEnvelopeBytes: 63 * kib + 512,
  /** The largest padding bucket, before encryption. */
  maxPaddedPlaintextBytes: 62 * kib,
  /** A post-quantum commit to 1,000 cold leaves is about 1.3 MB; its welcome 1.4 MB; GroupInfo alike. */
  maxCommitBundleBytes: 8 * 1024 * kib,
  /** Devices in one conversation: what post-quantum MLS was measured to carry. */
  maxConversationDevices: 1000,
  /** A page of the log: 100 envelopes or 256 KiB, whichever comes first, always at least one. */
  maxPageEnvelopes: 100,
  maxPageBytes: 256 * kib,
  /** Positions in one acknowledge frame; more are split. */
  maxAcknowledgePositions: 256,
  /** Conversations in one pending frame; 40 bytes each, so 20 KiB. */
  maxPendingPerFrame: 512,
  /** An encrypted read mark or momentary signal: a nonce, a number, a tag. */
  maxSignalBytes: 256,
  /** An access token: an EdDSA JWT with six claims is about 500 bytes. */
  maxAccessTokenBytes: 4 * kib,
  /** Bytes queued for one socket before it is closed as a slow consumer. */
  maxSocketQueueBytes: 1024 * kib,
  /** Delivered and not yet acknowledged; past it live delivery stops and a resync follows. */
  maxUnacknowledgedEnvelopes: 256,
  /** The first frame must authenticate within this time. */
  authenticateWithinMs: 5_000,
  /** The server pings this often, and closes 4408 when two in a row go unanswered. */
  heartbeatMs: 30_000,
  /** A batch of appends from a gateway in one NATS request; NATS refuses payloads over 1 MiB by default. */
  maxAppendBatchBytes: 512 * kib,
  maxAppendBatchItems: 256,
  /** Of these, how many are traced on to their delivery: 1.3 KB of header. */
  maxTracedBatchItems: 64,
  /** Devices in one request of merged acknowledgements; with one position each it is 15 KiB. */
  maxAcknowledgeBatchItems: 256,
  /** Devices of one user. */
  maxDevicesPerUser: 20,
  /** Single-use key packages kept per device and suite. */
  maxKeyPackagesPerDevice: 100,
  /** A key package of suite 0x004E is 2.7 KB. */
  maxKeyPackageBytes: 8 * kib,
  /** A manifest of 20 devices with encrypted names. */
  maxManifestBytes: 16 * kib,
  /** The one length of a recovery record (libs/crypto, `verify/recovery-record.ts`). */
  recoveryRecordBytes: 238,
  /** JSON bodies: 100 key packages in base64 are 400 KB. */
  maxJsonBodyBytes: 1024 * kib,
  maxUsersPerQuery: 100,
  /** People whom one account blocks: more than anybody wants, and an answer of 40 KB. */
  maxBlocksPerUser: 1_000,
  minUsernameLength: 3,
  maxUsernameLength: 32,
  /** Members compare their last merges: twice the past epochs that receivers keep, so that two who lag behind each other still meet. */
  maxStatedMerges: 8,
  /** Half of SHA-256: nobody gains by a collision in it but a member who may lie anyway. */
  maxEpochDigestBytes: 16,
  /** A statement with 8 merges: 18 bytes and 25 for each. */
  maxStatementBytes: 256,
  /** An application message may name any of the last 4 commits (so up to 3 update-only ones back): receivers keep 4 past epochs. */
  openCommits: 4,
  /** A device tells how much it could not read at most this often: operators look at minutes. */
  failureReportIntervalMs: 60_000,
  /** What one report adds to a cause at most: one device must not look like an outage. */
  maxReportedFailures: 1_000,
  /** As many as there are, with room for more. */
  maxReportedCauses: 16,
  /** The store knows an envelope's id at least this long: so long a resend is a duplicate, and is answered with its first place. */
  envelopeIdsKeptMs: 30 * dayMs,
  /**
   * A day before that clients give up bytes that were perhaps sent, visibly, rather than perhaps showing them twice:
   * a day is more than clocks differ, and than a request is under way.
   */
  resendForMs: 29 * dayMs,
} as const;
