/** Real Redis of this file's own, since it is stopped. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Module } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { ScrapedMetrics, startRedis, type RunningServer } from '@cipherchat/test-kit';
import { RateLimiter, type Limiter } from './rate-limiter.js';
import { REDIS, RedisModule } from './redis.module.js';
import { createService, type RunningService } from './service.js';
import { redisVariables } from './variables.js';

jest.setTimeout(30_000); // a machine that does much else at once

@Module({ imports: [RedisModule] })
class TestModule {}

let server: RunningServer;
let service: RunningService;
let limiter: RateLimiter;

beforeAll(async () => {
  server = await startRedis();
  service = await createService(
    { name: 'test', variables: redisVariables, module: TestModule },
    { environment: { PORT: '0', REDIS_URL: server.url, LOG_LEVEL: 'silent' } },
  );
  limiter = service.application.get(RateLimiter);
});
afterAll(async () => {
  await service.stop();
  await server.stop();
});

const perDevice = (name: Limiter['name']): Limiter => ({
  name,
  burst: 10,
  perMinute: 60,
  whenRedisFails: 'open',
  per: 'device',
});

describe('a limiter', () => {
  it('lets exactly its burst pass, also when all come at once, and says how long to wait', async () => {
    const burst = perDevice('claim-pair');
    const waits = await Promise.all(
      Array.from({ length: 50 }, () => limiter.take(burst, { address: '', device: 'laptop' })),
    );
    expect(waits.filter((wait) => wait === 0)).toHaveLength(10);
    for (const wait of waits.filter((each) => each > 0)) expect(wait).toBeLessThanOrEqual(1_000);
    expect(await limiter.take(burst, { address: '', device: 'phone' })).toBe(0);
  });

  it('gives a token back after its time', async () => {
    const quick: Limiter = { ...perDevice('block'), burst: 1, perMinute: 1_200 };
    expect(await limiter.take(quick, { address: '', device: 'a' })).toBe(0);
    const refused = await limiter.take(quick, { address: '', device: 'a' });
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThanOrEqual(50);
    const deadline = Date.now() + 5_000;
    let wait = refused;
    while (wait > 0 && Date.now() < deadline) wait = await limiter.take(quick, { address: '', device: 'a' });
    expect(wait).toBe(0);
  });

  it('throws the problem of the catalogue', async () => {
    const one: Limiter = { ...perDevice('manifest-publish'), burst: 1 };
    await limiter.enforce(one, { address: '', device: 'a' });
    await expect(limiter.enforce(one, { address: '', device: 'a' })).rejects.toMatchObject({
      code: 'request/rate-limited',
    });
  });

  it('keeps no address in Redis, and forgets a bucket once it would be full again', async () => {
    const redis = service.application.get<Redis>(REDIS);
    await limiter.take({ ...perDevice('auth-refresh'), per: 'address' }, { address: '192.0.2.77' });
    const keys = await redis.keys('limit:auth-refresh:*');
    expect(keys).toHaveLength(1);
    expect(keys[0]).not.toContain('192.0.2.77');
    expect(await redis.pttl(keys[0] ?? '')).toBeGreaterThan(0);
    expect(await redis.pttl(keys[0] ?? '')).toBeLessThanOrEqual(2_000);
  });
});

describe('metrics', () => {
  it('time commands and count what a limiter refused, and show no key', async () => {
    const one: Limiter = { ...perDevice('socket.sends'), burst: 1 };
    const redis = service.application.get<Redis>(REDIS);
    await limiter.take(one, { address: '', device: 'canary-device' });
    await limiter.take(one, { address: '', device: 'canary-device' });
    await redis.set('canary-key', 'canary-value');
    await redis.hset('canary-key-2', 'canary', 1);
    await redis.get('canary-key-2').catch(() => undefined);
    const metrics = await ScrapedMetrics.of(service);
    const duration = 'cipherchat_redis_command_duration_seconds_count';
    expect(metrics.sum('cipherchat_redis_connected')).toBe(1);
    expect(metrics.sum('cipherchat_rate_limit_refusals_total', { limiter: 'socket.sends' })).toBe(1);
    expect(metrics.sum(duration, { command: 'evalsha', outcome: 'done' })).toBeGreaterThan(0);
    expect(metrics.sum(duration, { command: 'set', outcome: 'done' })).toBe(1);
    expect(metrics.sum(duration, { command: 'other', outcome: 'done' })).toBeGreaterThan(0);
    expect(metrics.sum(duration, { command: 'get', outcome: 'failed' })).toBe(1);
    expect(metrics.text).not.toContain('canary');
  });
});

describe('without Redis', () => {
  it('an open limiter lets pass, a closed one refuses, and the service stays ready, degraded', async () => {
    await server.stop();
    expect(await limiter.take(perDevice('auth-jwks'), { address: '', device: 'a' })).toBe(0);
    await expect(
      limiter.take({ ...perDevice('auth-sign-in'), whenRedisFails: 'closed' }, { address: '', device: 'a' }),
    ).rejects.toMatchObject({ code: 'service/unavailable' });
    expect((await ScrapedMetrics.of(service)).sum('cipherchat_redis_connected')).toBe(0);
    const response = await fetch(`${service.url}/healthz/ready`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'degraded',
      details: { redis: { status: 'degraded' } },
    });
  });
});
