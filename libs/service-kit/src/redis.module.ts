import { randomInt } from 'node:crypto';
import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Metrics, Tracing } from '@cipherchat/telemetry';
import { Redis } from 'ioredis';
import { CLOCK, RANDOM_BYTES, type Clock, type RandomBytes } from './clock.js';
import { CONFIG } from './config.js';
import { EventLog } from './event-log.js';
import { AddressHash } from './address-hash.js';
import { measureRedis } from './measured-redis.js';
import { RateLimiter } from './rate-limiter.js';
import { Readiness } from './readiness.js';
import { tracedRedis } from './traced-database.js';
import type { BaseConfig, RedisConfig } from './variables.js';

/** The ioredis client. Everything in Redis may vanish at any time. */
export const REDIS = Symbol('REDIS');

const commandTimeoutMs = 1_000;
const connectTimeoutMs = 2_000;
const maxReconnectDelayMs = 2_000;
const reconnectStepMs = 100;
const reconnectJitterMs = 200;

function connectRedis(params: {
  readonly config: BaseConfig & RedisConfig;
  readonly log: EventLog;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
}): Redis {
  const { config, log, readiness, metrics } = params;
  const redis = new Redis(config.redisUrl, {
    connectionName: config.serviceInstance,
    connectTimeout: connectTimeoutMs,
    commandTimeout: commandTimeoutMs,
    // Bounds the queue of commands that wait for a connection: each leaves it after one retry or a second.
    maxRetriesPerRequest: 1,
    retryStrategy: (attempt) =>
      Math.min(attempt * reconnectStepMs, maxReconnectDelayMs) + randomInt(reconnectJitterMs),
  });
  measureRedis(redis, metrics);
  let failing = false;
  // Without a listener an error event would end the process. One line per outage, not one per attempt.
  redis.on('error', () => {
    if (!failing) log.event('redis.failing');
    failing = true;
  });
  redis.on('ready', () => {
    failing = false;
    log.event('redis.connected');
  });
  // Limits and presence are not worth taking a service out of rotation.
  readiness.add({ name: 'redis', check: async () => (redis.status === 'ready' ? 'up' : 'degraded') });
  return redis;
}

class RedisCloser implements OnApplicationShutdown {
  constructor(private readonly redis: Redis) {}
  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}

/** Gives `REDIS` and `RateLimiter`. */
@Global()
@Module({
  providers: [
    {
      provide: REDIS,
      useFactory: (
        config: BaseConfig & RedisConfig,
        log: EventLog,
        readiness: Readiness,
        metrics: Metrics,
        tracing: Tracing,
      ) => tracedRedis(connectRedis({ config, log, readiness, metrics }), tracing),
      inject: [CONFIG, EventLog, Readiness, Metrics, Tracing],
    },
    { provide: RedisCloser, useFactory: (redis: Redis) => new RedisCloser(redis), inject: [REDIS] },
    {
      provide: AddressHash,
      useFactory: (config: RedisConfig, random: RandomBytes, clock: Clock) =>
        new AddressHash(config.addressHashKey, random, clock),
      inject: [CONFIG, RANDOM_BYTES, CLOCK],
    },
    {
      provide: RateLimiter,
      useFactory: (
        redis: Redis,
        addresses: AddressHash,
        log: EventLog,
        metrics: Metrics,
        config: RedisConfig,
      ) => new RateLimiter({ redis, addresses, log, metrics, scale: config.rateLimitScale }),
      inject: [REDIS, AddressHash, EventLog, Metrics, CONFIG],
    },
  ],
  exports: [REDIS, RateLimiter],
})
export class RedisModule {}
