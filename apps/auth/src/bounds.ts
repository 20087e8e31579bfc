/** Every bound of auth, with its unit in the name and its reason beside it. */
import type { Limiter } from '@cipherchat/service-kit';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

export const bounds = {
  /** A challenge is signed by a program, at once. */
  challengeLifetimeMs: minuteMs,
  /** A device that stays away longer signs in again, which costs its person nothing. */
  sessionIdleMs: 30 * dayMs,
  /** Longer than the lifetime of an access token, so that the last one of an ended session can still be refused. */
  endedSessionKeptMs: hourMs,
  /** Longer than any service is down and still remembers its place; the tokens concerned expired long before. */
  sessionRevocationKeptMs: dayMs,
  /** A registration that no client has retried for so long is given up; the same one may begin again. */
  pendingRegistrationMs: hourMs,
  /** Between two rounds of clearing away. */
  housekeepingMs: minuteMs,
  /** Rows cleared away in one statement. */
  housekeepingBatch: 500,
  /** Revocations in one answer: what `revocationsResult` holds. */
  revocationsPerAnswer: 1_000,
  inviteBytes: 24,
  refreshTokenBytes: 32,
  challengeBytes: 32,
} as const;

const perAddress = (
  name: Limiter['name'],
  amounts: Pick<Limiter, 'burst' | 'perMinute' | 'whenRedisFails'>,
): Limiter => ({ name, per: 'address', ...amounts });

/** Per network address, since these routes have no caller yet. An office or a phone network is one address. */
export const limiters = {
  discovery: perAddress('auth-discovery', { burst: 120, perMinute: 240, whenRedisFails: 'open' }),
  jwks: perAddress('auth-jwks', { burst: 120, perMinute: 240, whenRedisFails: 'open' }),
  challenge: perAddress('auth-challenge', { burst: 60, perMinute: 60, whenRedisFails: 'closed' }),
  register: perAddress('auth-register', { burst: 10, perMinute: 5, whenRedisFails: 'closed' }),
  addDevice: perAddress('auth-add-device', { burst: 10, perMinute: 5, whenRedisFails: 'closed' }),
  signIn: perAddress('auth-sign-in', { burst: 60, perMinute: 60, whenRedisFails: 'closed' }),
  /** Open: while Redis is away, people who are signed in stay so. The signature is checked all the same. */
  refresh: perAddress('auth-refresh', { burst: 120, perMinute: 120, whenRedisFails: 'open' }),
  /** What a person does by hand. */
  manage: { name: 'auth-manage', per: 'user', burst: 60, perMinute: 30, whenRedisFails: 'open' },
} as const satisfies Record<string, Limiter>;
