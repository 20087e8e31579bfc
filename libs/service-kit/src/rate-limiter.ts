import type { Redis } from 'ioredis';
import { problem } from '@cipherchat/protocol';
import type { AddressHash } from './address-hash.js';
import type { EventLog } from './event-log.js';

/** A token bucket: `burst` at once, then `perMinute`. */
export type Limiter = {
  /** Also the Redis key and the log's word; a name of ours. */
  readonly name: string;
  readonly burst: number;
  readonly perMinute: number;
  /** `open`: requests pass while Redis is away. `closed`: they get `service/unavailable`. */
  readonly whenRedisFails: 'open' | 'closed';
  readonly per: 'address' | 'device' | 'user';
};

export type LimitedBy = {
  readonly address: string;
  readonly device?: string | undefined;
  readonly user?: string | undefined;
};

const unavailableRetryMs = 1_000;

/**
 * One round trip, atomic. Redis's own clock, so that replicas agree. Answers 0, or the milliseconds until a token
 * is there. The key expires when the bucket would be full again, which is the same as not being there.
 */
const takeScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local burst = tonumber(ARGV[1])
local per_ms = tonumber(ARGV[2]) / 60000
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(burst, tonumber(bucket[1] or burst) + math.max(0, now - tonumber(bucket[2] or now)) * per_ms)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = math.ceil((1 - tokens) / per_ms) end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', now)
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / per_ms) + 1000)
return wait
`;

type WithTake = Redis & {
  readonly cipherchatTake: (key: string, burst: number, perMinute: number) => Promise<number>;
};

export class RateLimiter {
  private readonly redis: WithTake;

  constructor(
    redis: Redis,
    private readonly addresses: AddressHash,
    private readonly log: EventLog,
    private readonly scale: number,
  ) {
    redis.defineCommand('cipherchatTake', { numberOfKeys: 1, lua: takeScript });
    this.redis = redis as WithTake;
  }

  /** Milliseconds to wait; 0 when the token was taken. @throws ProblemError `service/unavailable` for a closed limiter without Redis */
  async take(limiter: Limiter, by: LimitedBy): Promise<number> {
    const key = `limit:${limiter.name}:${this.subjectOf(limiter, by)}`;
    try {
      return await this.redis.cipherchatTake(key, limiter.burst * this.scale, limiter.perMinute * this.scale);
    } catch {
      // Any failure of Redis: the limiter says what follows.
      this.log.event('rate-limit.unavailable', { limiter: limiter.name });
      if (limiter.whenRedisFails === 'closed')
        throw problem('service/unavailable', { retryAfterMs: unavailableRetryMs });
      return 0;
    }
  }

  /** @throws ProblemError `request/rate-limited` */
  async enforce(limiter: Limiter, by: LimitedBy): Promise<void> {
    const retryAfterMs = await this.take(limiter, by);
    if (retryAfterMs === 0) return;
    this.log.event('rate-limit.refused', { limiter: limiter.name });
    throw problem('request/rate-limited', { retryAfterMs });
  }

  private subjectOf(limiter: Limiter, by: LimitedBy): string {
    switch (limiter.per) {
      case 'address':
        return this.addresses.of(by.address);
      case 'device':
      case 'user': {
        const subject = by[limiter.per];
        if (subject === undefined) throw new RangeError(`limiter ${limiter.name} needs a ${limiter.per}`);
        return subject;
      }
    }
  }
}
