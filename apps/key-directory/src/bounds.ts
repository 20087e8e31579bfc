/** The directory's own bounds, with units and reasons; those of the protocol are in libs/protocol. */
import type { Limiter } from '@cipherchat/service-kit';

const dayMs = 86_400_000;

export const bounds = {
  /** Clients give key packages 30 days; whatever is asked for beyond this only fills the table. */
  maxKeyPackageLifetimeMs: 92 * dayMs,
  /** Expired key packages are deleted this often, so many at once: a pause between short transactions. */
  expirySweepMs: 10 * 60_000,
  maxExpiredPerSweep: 5_000,
  /** The list of revocations is asked this often, besides whenever one is announced. */
  revocationPollMs: 60_000,
  /** Revocations in one answer of auth's: a full page means that there are more. */
  revocationPage: 1_000,
} as const;

/** A new group of 1,000 devices asks for some 400 users at once. Fails open: a drained device still has its last-resort package. */
export const claimsPerRequester: Limiter = {
  name: 'claim-requester',
  burst: 500,
  perMinute: 120,
  whenRedisFails: 'open',
  per: 'user',
};
/** Nobody needs one person's key packages more often; a reinstalled client that builds its groups again does not either. */
export const claimsPerPair: Limiter = {
  name: 'claim-pair',
  burst: 30,
  perMinute: 6,
  whenRedisFails: 'open',
  per: 'user',
};
/** Past it claims get the last-resort package: many accounts together cannot drain a device, nor keep others from writing to it. */
export const claimsPerTarget: Limiter = {
  name: 'claim-target',
  burst: 120,
  perMinute: 20,
  whenRedisFails: 'open',
  per: 'user',
};
/** A client uploads when its stock is half used; one loop of a faulty client must not fill the disk with digests. */
export const uploadsPerDevice: Limiter = {
  name: 'key-package-upload',
  burst: 20,
  perMinute: 6,
  whenRedisFails: 'open',
  per: 'device',
};
/** Each costs a signature check. */
export const manifestsPerUser: Limiter = {
  name: 'manifest-publish',
  burst: 20,
  perMinute: 6,
  whenRedisFails: 'open',
  per: 'user',
};
/** Names are found one by one, exactly spelled: trying out many is what this hinders, so it fails closed. */
export const lookupsPerUser: Limiter = {
  name: 'username-lookup',
  burst: 60,
  perMinute: 20,
  whenRedisFails: 'closed',
  per: 'user',
};
/** A person blocks one at a time; a list is carried over to a new account perhaps. Each waits for the one before. */
export const blocksPerUser: Limiter = {
  name: 'block',
  burst: 120,
  perMinute: 30,
  whenRedisFails: 'open',
  per: 'user',
};
/** Each costs a signature check; a person makes a recovery key once in years. */
export const recoveryRecordsPerUser: Limiter = {
  name: 'recovery-publish',
  burst: 10,
  perMinute: 2,
  whenRedisFails: 'open',
  per: 'user',
};
/** Before anybody is signed in. A person types the key a few times; 2^256 tries are out of reach at any rate. */
export const recoveriesPerAddress: Limiter = {
  name: 'recovery-find',
  burst: 20,
  perMinute: 10,
  whenRedisFails: 'closed',
  per: 'address',
};
/** Wrong tries for one account, from wherever. The right one is never counted: nobody can lock out who has the key. */
export const wrongRecoveriesPerTarget: Limiter = {
  name: 'recovery-target',
  burst: 30,
  perMinute: 10,
  whenRedisFails: 'closed',
  per: 'user',
};
/** Batches of known users, as clients show lists. */
export const findsPerUser: Limiter = {
  name: 'directory-find',
  burst: 300,
  perMinute: 300,
  whenRedisFails: 'open',
  per: 'user',
};
