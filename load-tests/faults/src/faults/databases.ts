import { Redis } from 'ioredis';
import type { Fault } from '../fault.js';

const commandTimeoutMs = 5_000;

async function flush(redisUrl: string): Promise<void> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1, commandTimeout: commandTimeoutMs });
  try {
    await redis.flushall();
  } finally {
    redis.disconnect();
  }
}

export const databaseFaults: readonly Fault[] = [
  {
    name: 'restart-postgres',
    what: 'Postgres stopped in order (fast), then started on the same data',
    holdMs: 300,
    surroundings: 'ordinary',
    inject: (faulty) => faulty.system.postgres.stop(),
    heal: (faulty) => faulty.system.postgres.start(),
  },
  {
    name: 'crash-postgres',
    what: 'kill -9 of Postgres with all its children (fsync on), then recovery from its log',
    holdMs: 300,
    surroundings: 'ordinary',
    inject: async (faulty) => void (await faulty.system.postgres.kill()),
    heal: (faulty) => faulty.system.postgres.start(),
  },
  {
    name: 'flush-redis',
    what: 'everything in Redis removed',
    holdMs: 0,
    surroundings: 'ordinary',
    inject: (faulty) => flush(faulty.system.redis.url),
    heal: () => Promise.resolve(),
  },
  {
    name: 'restart-redis',
    what: 'kill -9 of Redis, which keeps nothing, then a new process',
    holdMs: 1_000,
    surroundings: 'ordinary',
    inject: async (faulty) => void (await faulty.system.redis.kill()),
    heal: (faulty) => faulty.system.redis.start(),
  },
];
