/** What can be wrong with a recovery key. */

/**
 * `malformed-key`: mistyped, or no recovery key at all. `unknown`: no such user, or another recovery key; the server makes
 * no difference. `not-authentic`: what the server gave is not what this key once sealed.
 */
export type RecoveryRefusal = 'malformed-key' | 'unknown' | 'not-authentic';

/** This account cannot be recovered with this key; nothing was changed. */
export class RecoveryRefusedError extends Error {
  override readonly name = 'RecoveryRefusedError';
  constructor(readonly reason: RecoveryRefusal) {
    super(`the account cannot be recovered: ${reason}`);
  }
}

/** A recovery key, but not the one that was shown last. */
export class RecoveryKeyDiffersError extends Error {
  override readonly name = 'RecoveryKeyDiffersError';
  constructor() {
    super('this is not the recovery key that was shown');
  }
}
