import type { Counter, metricCatalogue, Metrics } from '@cipherchat/telemetry';
import type { Redis } from 'ioredis';
import { problem } from '@cipherchat/protocol';
import type { AddressHash } from './address-hash.js';
import type { EventLog } from './event-log.js';

export type LimiterName =
  (typeof metricCatalogue)['cipherchat_rate_limit_refusals_total']['labels']['limiter'][number];

/** A token bucket: `burst` at once, then `perMinute`. */
export type Limiter = {
  /** Also the Redis key and the log's word. */
  readonly name: LimiterName;
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
  private readonly addresses: AddressHash;
  private readonly log: EventLog;
  private readonly scale: number;
  private readonly countRefusal: Counter<'cipherchat_rate_limit_refusals_total'>;

  constructor(params: {
    readonly redis: Redis;
    readonly addresses: AddressHash;
    readonly log: EventLog;
    readonly metrics: Metrics;
    readonly scale: number;
  }) {
    const { redis, metrics } = params;
    redis.defineCommand('cipherchatTake', { numberOfKeys: 1, lua: takeScript });
    this.redis = redis as WithTake;
    this.addresses = params.addresses;
    this.log = params.log;
    this.scale = params.scale;
    this.countRefusal = metrics.counter('cipherchat_rate_limit_refusals_total');
  }

  /** Milliseconds to wait; 0 when the token was taken. @throws ProblemError `service/unavailable` for a closed limiter without Redis */
  async take(limiter: Limiter, by: LimitedBy): Promise<number> {
    const key = `limit:${limiter.name}:${this.subjectOf(limiter, by)}`;
    try {
      const { burst, perMinute } = limiter;
      const waitMs = await this.redis.cipherchatTake(key, burst * this.scale, perMinute * this.scale);
      if (waitMs > 0) this.countRefusal({ limiter: limiter.name });
      return waitMs;
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
