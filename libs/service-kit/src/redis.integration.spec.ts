/** Real Redis of this file's own, since it is stopped. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Module } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { startRedis, type RunningServer } from '@cipherchat/test-kit';
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

const perDevice = (name: string): Limiter => ({
  name,
  burst: 10,
  perMinute: 60,
  whenRedisFails: 'open',
  per: 'device',
});

describe('a limiter', () => {
  it('lets exactly its burst pass, also when all come at once, and says how long to wait', async () => {
    const burst = perDevice('burst');
    const waits = await Promise.all(
      Array.from({ length: 50 }, () => limiter.take(burst, { address: '', device: 'laptop' })),
    );
    expect(waits.filter((wait) => wait === 0)).toHaveLength(10);
    for (const wait of waits.filter((each) => each > 0)) expect(wait).toBeLessThanOrEqual(1_000);
    expect(await limiter.take(burst, { address: '', device: 'phone' })).toBe(0);
  });

  it('gives a token back after its time', async () => {
    const quick: Limiter = { ...perDevice('refill'), burst: 1, perMinute: 1_200 };
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
    const one: Limiter = { ...perDevice('enforce'), burst: 1 };
    await limiter.enforce(one, { address: '', device: 'a' });
    await expect(limiter.enforce(one, { address: '', device: 'a' })).rejects.toMatchObject({
      code: 'request/rate-limited',
    });
  });

  it('keeps no address in Redis, and forgets a bucket once it would be full again', async () => {
    const redis = service.application.get<Redis>(REDIS);
    await limiter.take({ ...perDevice('address'), per: 'address' }, { address: '192.0.2.77' });
    const keys = await redis.keys('limit:address:*');
    expect(keys).toHaveLength(1);
    expect(keys[0]).not.toContain('192.0.2.77');
    expect(await redis.pttl(keys[0] ?? '')).toBeGreaterThan(0);
    expect(await redis.pttl(keys[0] ?? '')).toBeLessThanOrEqual(2_000);
  });
});

describe('without Redis', () => {
  it('an open limiter lets pass, a closed one refuses, and the service stays ready, degraded', async () => {
    await server.stop();
    expect(await limiter.take(perDevice('open'), { address: '', device: 'a' })).toBe(0);
    await expect(
      limiter.take({ ...perDevice('closed'), whenRedisFails: 'closed' }, { address: '', device: 'a' }),
    ).rejects.toMatchObject({ code: 'service/unavailable' });
    const response = await fetch(`${service.url}/healthz/ready`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'degraded',
      details: { redis: { status: 'degraded' } },
    });
  });
});
