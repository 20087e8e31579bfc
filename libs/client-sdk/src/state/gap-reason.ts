/** Why something is missing at a place of a conversation. Shown, so that no loss is silent. */
export type GapReason =
  /** The server cleared it before this device got it. */
  | 'expired'
  /** Encrypted under keys that this device does not hold (any more). */
  | 'keys-gone'
  /** The ciphertext does not decrypt: altered, or made by a faulty or malicious member. */
  | 'not-authentic'
  /** It decrypted, and its content is not of a shape we can read. */
  | 'malformed'
  /** Our own, of which this device lost the plaintext. */
  | 'own-lost'
  /** From a device that its account does not name. */
  | 'sender-not-verified'
  /** A welcome that this device cannot open. */
  | 'cannot-join'
  /** A sender's counter jumped: `count` of its messages never came. */
  | 'messages-missing'
  /** This device came to the account when the conversation was there already: what was said before is not on it. */
  | 'new-device'
  /** This device rejoined; what came in between was not for it. */
  | 'rejoined'
  /** An administrator reset the conversation; `count` entries before it were not for this device. */
  | 'reset';
