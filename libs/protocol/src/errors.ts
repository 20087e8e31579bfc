/**
 * The error catalogue: one table from which the RFC 9457 bodies, the `problem` frames, the
 * documentation and the types are made. A code means one thing. `retry` is advice to the client:
 * `never` (the same request fails again), `after` (wait `retryAfterMs`), `resync` (fetch first, then decide).
 */
import { z } from 'zod';

const none = z.object({});
const wait = z.object({ retryAfterMs: z.number().int().nonnegative() });
const seq = z.number().int().nonnegative();

export const problems = {
  'request/malformed': {
    status: 400,
    retry: 'never',
    title: 'The request is not of the expected shape.',
    data: z.object({ at: z.string().max(200).optional() }),
  },
  'request/too-large': {
    status: 413,
    retry: 'never',
    title: 'The request is larger than the limit.',
    data: z.object({ maxBytes: z.number().int() }),
  },
  'request/not-found': { status: 404, retry: 'never', title: 'There is nothing here.', data: none },
  'request/rate-limited': {
    status: 429,
    retry: 'after',
    title: 'Too many requests; wait before the next.',
    data: wait,
  },
  'service/unavailable': {
    status: 503,
    retry: 'after',
    title: 'The service cannot answer at the moment.',
    data: wait,
  },
  'service/internal': {
    status: 500,
    retry: 'after',
    title: 'The service failed; the failure was counted.',
    data: none,
  },

  'auth/unauthenticated': {
    status: 401,
    retry: 'never',
    title: 'A valid access token is needed.',
    data: none,
  },
  'auth/forbidden': { status: 403, retry: 'never', title: 'This account may not do that.', data: none },
  'auth/challenge-unknown': {
    status: 401,
    retry: 'never',
    title: 'The challenge was used, or is too old.',
    data: none,
  },
  'auth/signature-invalid': {
    status: 401,
    retry: 'never',
    title: 'The signature does not fit the device key.',
    data: none,
  },
  'auth/refresh-invalid': {
    status: 401,
    retry: 'never',
    title: 'The refresh token is not valid; sign in again.',
    data: none,
  },
  'auth/refresh-reused': {
    status: 401,
    retry: 'never',
    title: 'The refresh token was used before; the session was ended.',
    data: none,
  },
  'auth/device-revoked': {
    status: 403,
    retry: 'never',
    title: 'This device was removed from the account.',
    data: none,
  },
  'auth/user-disabled': {
    status: 403,
    retry: 'never',
    title: 'This account was disabled by an administrator.',
    data: none,
  },
  'auth/registration-closed': {
    status: 403,
    retry: 'never',
    title: 'This server registers invited people only.',
    data: none,
  },
  'auth/invite-invalid': {
    status: 403,
    retry: 'never',
    title: 'The invite is not valid, or was used up.',
    data: none,
  },
  'auth/user-exists': { status: 409, retry: 'never', title: 'The user or device id is taken.', data: none },
  'auth/too-many-devices': {
    status: 409,
    retry: 'never',
    title: 'The account has as many devices as it may.',
    data: z.object({ maxDevices: z.number().int() }),
  },
  'auth/bootstrap-closed': {
    status: 403,
    retry: 'never',
    title: 'The first administrator exists already, or the bootstrap token is wrong.',
    data: none,
  },

  'directory/username-taken': { status: 409, retry: 'never', title: 'The username is taken.', data: none },
  'directory/manifest-invalid': {
    status: 422,
    retry: 'never',
    title: 'The device manifest does not verify.',
    data: none,
  },
  'directory/manifest-stale': {
    status: 409,
    retry: 'resync',
    title: 'A manifest of this version or a higher one is stored.',
    data: z.object({ version: z.number().int() }),
  },
  'directory/user-unknown': { status: 404, retry: 'never', title: 'There is no such user.', data: none },
  'directory/claim-refused': {
    status: 403,
    retry: 'never',
    title: 'This user takes no new conversations from this account.',
    data: none,
  },
  'directory/recovery-invalid': {
    status: 422,
    retry: 'never',
    title: 'The recovery record does not verify.',
    data: none,
  },
  'directory/recovery-stale': {
    status: 409,
    retry: 'resync',
    title: 'A recovery record of this version or a higher one is stored.',
    data: z.object({ version: z.number().int() }),
  },
  /** One answer for a user that is not there, has no record, or has another recovery key. */
  'directory/recovery-unknown': {
    status: 404,
    retry: 'never',
    title: 'There is no account of this name with this recovery key.',
    data: none,
  },
  'directory/too-many-blocks': {
    status: 409,
    retry: 'never',
    title: 'As many people are blocked as may be.',
    data: z.object({ max: z.number().int() }),
  },
  'directory/key-packages-full': {
    status: 409,
    retry: 'never',
    title: 'The device has as many key packages as it may.',
    data: z.object({ max: z.number().int() }),
  },
  'directory/no-key-packages': {
    status: 409,
    retry: 'after',
    title: 'A device of this user has no key package left.',
    data: wait,
  },

  'conversation/unknown': {
    status: 404,
    retry: 'never',
    title: 'There is no such conversation for this device.',
    data: none,
  },
  'conversation/other-generation': {
    status: 412,
    retry: 'resync',
    title: 'The server was restored from a backup: its logs are not those that the request speaks of.',
    data: none,
  },
  'conversation/stale-commit': {
    status: 409,
    retry: 'resync',
    title: 'The group has moved on: fetch, then encrypt again or rebuild the commit.',
    data: z.object({ lastCommitSeq: seq }),
  },
  'conversation/closed': {
    status: 409,
    retry: 'resync',
    title: 'The conversation waits for a member to re-anchor it after a restore.',
    data: none,
  },
  'conversation/too-many-devices': {
    status: 422,
    retry: 'never',
    title: 'More devices than a conversation may have.',
    data: z.object({ maxDevices: z.number().int() }),
  },
  'conversation/device-list-invalid': {
    status: 422,
    retry: 'never',
    title:
      'The device list names a device twice, omits the sender, or does not fit the kind of conversation.',
    data: none,
  },
  'conversation/id-taken': {
    status: 409,
    retry: 'never',
    title: 'The conversation id is taken.',
    data: none,
  },

  'socket/authenticate-first': {
    status: 401,
    retry: 'never',
    title: 'The first frame must authenticate.',
    data: none,
  },
} as const satisfies Record<string, ProblemEntry>;

type ProblemEntry = {
  readonly status: number;
  readonly retry: 'never' | 'after' | 'resync';
  readonly title: string;
  readonly data: z.ZodType;
};

export type ProblemCode = keyof typeof problems;
export type ProblemData<Code extends ProblemCode> = z.infer<(typeof problems)[Code]['data']>;
