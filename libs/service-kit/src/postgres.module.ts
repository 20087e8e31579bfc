import {
  Module,
  type DynamicModule,
  type FactoryProvider,
  type InjectionToken,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import { Metrics, Tracing } from '@cipherchat/telemetry';
import pg from 'pg';
import { CONFIG } from './config.js';
import { EventLog, describeError } from './event-log.js';
import { measurePostgres } from './measured-postgres.js';
import { Readiness } from './readiness.js';
import { SchemaCheck, type ServiceSchema } from './schema-check.js';
import { tracedPool, tracedPrisma } from './traced-database.js';
import type { BaseConfig, PostgresConfig } from './variables.js';

/** The `pg.Pool` that Prisma and raw statements share. Inject with `@Inject(POSTGRES) pool: pg.Pool`. */
export const POSTGRES = Symbol('POSTGRES');

const connectTimeoutMs = 5_000;
const idleTimeoutMs = 30_000;
const readinessTimeoutMs = 2_000;

function openPool(params: {
  readonly config: BaseConfig & PostgresConfig;
  readonly schema: string;
  readonly log: EventLog;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
}): pg.Pool {
  const { config, schema, log, readiness, metrics } = params;
  const pool = new pg.Pool({
    connectionString: config.databaseUrl,
    max: config.databasePoolSize,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: idleTimeoutMs,
    application_name: config.serviceInstance,
    statement_timeout: config.databaseStatementTimeoutMs,
    // A transaction whose process hangs would hold its row locks for ever.
    idle_in_transaction_session_timeout: config.databaseStatementTimeoutMs,
    keepAlive: true,
    options: `-c search_path=${schema}`,
  });
  // Without a listener a broken idle connection ends the process; the pool replaces it by itself.
  pool.on('error', (error) => log.event('postgres.connection-lost', describeError(error)));
  measurePostgres(pool, { name: 'shared', metrics });
  readiness.add({ name: 'postgres', check: () => isReachable(pool) });
  return pool;
}

async function isReachable(pool: pg.Pool): Promise<'up' | 'down'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'down'>((resolve) => {
    timer = setTimeout(() => resolve('down'), readinessTimeoutMs);
  });
  const answer = pool.query('select 1').then(
    () => 'up' as const,
    () => 'down' as const,
  );
  const state = await Promise.race([answer, late]);
  clearTimeout(timer);
  return state;
}

/** Ends the pool after HTTP and NATS have stopped bringing work. */
class PoolCloser implements OnApplicationShutdown {
  constructor(private readonly pool: pg.Pool) {}
  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}

/** Gives `POSTGRES`, with the service's own schema as search path, and checks that its tables are not too old. */
@Module({})
export class PostgresModule {
  static forSchema(expected: ServiceSchema): DynamicModule {
    const { schema } = expected;
    if (!/^[a-z_]+$/.test(schema)) throw new RangeError('not a schema name');
    return {
      module: PostgresModule,
      global: true,
      providers: [
        {
          provide: POSTGRES,
          useFactory: (
            config: BaseConfig & PostgresConfig,
            log: EventLog,
            readiness: Readiness,
            metrics: Metrics,
            tracing: Tracing,
          ) => tracedPool(openPool({ config, schema, log, readiness, metrics }), tracing),
          inject: [CONFIG, EventLog, Readiness, Metrics, Tracing],
        },
        {
          provide: SchemaCheck,
          useFactory: (pool: pg.Pool, config: PostgresConfig, log: EventLog, readiness: Readiness) =>
            new SchemaCheck(pool, { ...expected, waitMs: config.databaseSchemaWaitMs }, log, readiness),
          inject: [POSTGRES, CONFIG, EventLog, Readiness],
        },
        { provide: PoolCloser, useFactory: (pool: pg.Pool) => new PoolCloser(pool), inject: [POSTGRES] },
      ],
      exports: [POSTGRES],
    };
  }
}

type PrismaClientClass<Client> = new (options: { readonly adapter: PrismaPg }) => Client;

/** A provider of a service's generated Prisma client over the shared pool: `prismaProvider({ client: PrismaClient, schema: 'auth' })`. */
export function prismaProvider<Client>(params: {
  readonly client: PrismaClientClass<Client>;
  readonly schema: string;
}): FactoryProvider<Client> {
  return {
    provide: params.client as InjectionToken<Client>,
    useFactory: (pool: pg.Pool, tracing: Tracing) =>
      tracedPrisma(new params.client({ adapter: new PrismaPg(pool, { schema: params.schema }) }), tracing),
    inject: [POSTGRES, Tracing],
  };
}
