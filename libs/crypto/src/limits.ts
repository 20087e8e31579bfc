/** Bounds of the client half, with their units and reasons. Those of manifests are in `verify/limits.ts`. */
const kib = 1024;

export const cryptoLimits = {
  /**
   * Sizes of a padded plaintext, in bytes. Doubling hides a message among all of up to half to the
   * whole of its size at a cost of at most its own length; the last one is what a frame can carry.
   */
  paddingBucketsBytes: [256, 512, kib, 2 * kib, 4 * kib, 8 * kib, 16 * kib, 32 * kib, 62 * kib],
  /** Devices in one conversation: what post-quantum MLS was measured to carry (73 ms an Add, 1.4 MB a welcome). */
  maxConversationDevices: 1000,
  /** A commit to 1,000 cold leaves of suite 0x004E is 1.3 MB. */
  maxCommitBytes: 8 * kib * kib,
  /** Epochs whose signal secrets are kept, as long as MLS keeps past epochs (design: 4). */
  keptSignalEpochs: 4,
  /** Rounds of SHA-512 under a safety number: makes one guess at half of its digits cost 5,200 hashes, as in Signal's. */
  safetyNumberRounds: 5200,
  /** Argon2id (RFC 9106 §4, second recommended option): 64 MiB, 3 passes, 4 lanes; about 1 s in JavaScript. */
  passphraseMemoryKib: 64 * kib,
  passphrasePasses: 3,
  passphraseLanes: 4,
  passphraseSaltBytes: 16,
  /** Stored parameters are read back from a file that others may have changed: opening it must end. (Weaker ones gain nothing: they are authenticated.) */
  maxPassphraseMemoryKib: 1024 * kib,
  maxPassphrasePasses: 16,
  maxPassphraseLanes: 16,
} as const;
