/**
 * Spans of what is asked of Postgres and Redis, by name: statements, models and commands, never their text or values.
 * Each is put around the client's own method, and only where traces are recorded at all.
 */
import type { Tracing } from '@cipherchat/telemetry';
import type { Redis } from 'ioredis';
import type pg from 'pg';

/** What is put to the pool; statements on a connection that was taken out of it are parts of a transaction. */
export function tracedPool(pool: pg.Pool, tracing: Tracing): pg.Pool {
  if (!tracing.isOn) return pool;
  const query = pool.query.bind(pool) as (...args: readonly unknown[]) => Promise<unknown>;
  const traced = (...args: readonly unknown[]): Promise<unknown> => {
    const span = tracing.child('postgres statement');
    if (span === null) return query(...args);
    span.setIfListed('db.query.summary', statementName(args[0]) ?? 'unnamed');
    return span.around(() => query(...args));
  };
  pool.query = traced as typeof pool.query;
  return pool;
}

function statementName(statement: unknown): string | undefined {
  const isNamed = typeof statement === 'object' && statement !== null && 'name' in statement;
  return isNamed && typeof statement.name === 'string' ? statement.name : undefined;
}

/** The part of a generated Prisma client by which one of its own kind is made of it. */
type Extensible = {
  readonly $extends: (extension: {
    readonly query: { readonly $allOperations: (operation: PrismaOperation) => Promise<unknown> };
  }) => unknown;
};
type PrismaOperation = {
  readonly model?: string;
  readonly operation: string;
  readonly args: unknown;
  readonly query: (args: unknown) => Promise<unknown>;
};

export function tracedPrisma<Client>(client: Client, tracing: Tracing): Client {
  if (!tracing.isOn) return client;
  return (client as Extensible).$extends({
    query: {
      $allOperations: ({ model, operation, args, query }) => {
        const span = tracing.child('prisma operation');
        if (span === null) return query(args);
        if (model !== undefined) span.setIfListed('db.collection.name', model);
        // `$queryRaw` and its like.
        span.setIfListed('db.operation.name', operation.startsWith('$') ? 'raw' : operation);
        return span.around(() => query(args));
      },
    },
  }) as Client;
}

const tracedRedisCommands: readonly string[] = ['eval', 'evalsha', 'get', 'getdel', 'set'];

export function tracedRedis(redis: Redis, tracing: Tracing): Redis {
  if (!tracing.isOn) return redis;
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (command, stream) => {
    const span = tracing.child('redis command');
    if (span === null) return send(command, stream);
    span.setIfListed(
      'db.operation.name',
      tracedRedisCommands.includes(command.name) ? command.name : 'other',
    );
    command.promise.then(
      () => span.end(),
      (error: unknown) => {
        span.fail(error);
        span.end();
      },
    );
    return send(command, stream);
  };
  return redis;
}
