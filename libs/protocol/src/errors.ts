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

/** RFC 9457 `application/problem+json`. `type` is `urn:cipherchat:problem:<code>`; the data's fields stand beside the standard ones. */
export type ProblemBody = {
  readonly type: string;
  readonly code: string;
  readonly status: number;
  readonly title: string;
} & Record<string, unknown>;

export const problemMediaType = 'application/problem+json';

/** An outcome that ends the request. One that the caller branches on is a return value instead. */
export class ProblemError<Code extends ProblemCode = ProblemCode> extends Error {
  override readonly name = 'ProblemError';
  constructor(
    readonly code: Code,
    readonly data: ProblemData<Code>,
  ) {
    super(`${code}: ${problems[code].title}`);
  }

  /** Narrows to one code, and with it the shape of `data`. */
  is<Wanted extends ProblemCode>(code: Wanted): this is ProblemError<Wanted> {
    return (this.code as string) === code;
  }

  get status(): number {
    return problems[this.code].status;
  }

  get retry(): 'never' | 'after' | 'resync' {
    return problems[this.code].retry;
  }

  /** How long to wait, where the code says so; 0 otherwise. */
  get retryAfterMs(): number {
    const data: unknown = this.data;
    return typeof data === 'object' && data !== null && 'retryAfterMs' in data
      ? Number(data.retryAfterMs)
      : 0;
  }
}

/** `throw problem('conversation/stale-commit', { lastCommitSeq })`. */
export function problem<Code extends ProblemCode>(
  code: Code,
  ...data: Record<string, never> extends ProblemData<Code> ? [ProblemData<Code>?] : [ProblemData<Code>]
): ProblemError<Code> {
  return new ProblemError(code, (data[0] ?? {}) as ProblemData<Code>);
}

/** `instanceof` with the type it should give: of any code, not of `any`. */
export function isProblem(error: unknown): error is ProblemError {
  return error instanceof ProblemError;
}

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code);
}

export function problemBody(error: ProblemError): ProblemBody {
  const { status, title } = problems[error.code];
  return {
    ...(error.data as object),
    type: `urn:cipherchat:problem:${error.code}`,
    code: error.code,
    status,
    title,
  };
}

/**
 * The error that a body or frame describes. A code this build does not know, or data that does not
 * fit it, becomes `service/internal` (of a newer server) rather than an exception of another kind.
 */
export function problemFrom(code: string, data: unknown): ProblemError {
  if (!isProblemCode(code)) return problem('service/internal');
  const parsed = problems[code].data.safeParse(data);
  return parsed.success ? new ProblemError(code, parsed.data) : problem('service/internal');
}
