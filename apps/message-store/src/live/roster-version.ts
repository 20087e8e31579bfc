import { randomInt } from 'node:crypto';

const maxVersion = 2 ** 48 - 1;

/**
 * A name for a changed member list. Random, not counted: after a restore, or when a standby takes over that lacks the
 * last of the log, a count would give the number of a list that is gone to another one.
 */
export function newRosterVersion(): bigint {
  return BigInt(randomInt(maxVersion));
}
