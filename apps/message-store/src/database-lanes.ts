/**
 * The two hot writes have a connection each, apart from the shared pool: one transaction is in flight on each,
 * so that a second connection would never be used, and a burst of HTTP requests cannot make them wait.
 */
import { Inject, Injectable, type FactoryProvider, type OnApplicationShutdown } from '@nestjs/common';
import {
  CONFIG,
  describeError,
  EventLog,
  measurePostgres,
  tracedPool,
  type BaseConfig,
  type PostgresConfig,
} from '@cipherchat/service-kit';
import { Metrics, Tracing } from '@cipherchat/telemetry';
import pg from 'pg';

export const APPEND_LANE = Symbol('APPEND_LANE');
export const ACKNOWLEDGE_LANE = Symbol('ACKNOWLEDGE_LANE');

export const postgresSchema = 'messages';
const connectTimeoutMs = 5_000;
/** Past the server's own statement timeout, so that a server that hangs is noticed as well. */
const answerGraceMs = 2_000;

type LaneParams = {
  readonly url: string;
  readonly name: string;
  readonly statementTimeoutMs: number;
  /** `on`: answered when it is on disk. `off`: a crash of Postgres may lose the last half second. */
  readonly synchronousCommit: 'on' | 'off';
};

export function openLane({ url, name, statementTimeoutMs, synchronousCommit }: LaneParams): pg.Pool {
  return new pg.Pool({
    connectionString: url,
    max: 1,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: 0,
    application_name: name,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + answerGraceMs,
    keepAlive: true,
    options: `-c search_path=${postgresSchema} -c synchronous_commit=${synchronousCommit}`,
  });
}

function lane(params: {
  readonly token: symbol;
  readonly suffix: 'append' | 'acknowledge';
  readonly synchronousCommit: 'on' | 'off';
}): FactoryProvider<pg.Pool> {
  return {
    provide: params.token,
    inject: [CONFIG, EventLog, Metrics, Tracing],
    useFactory: (config: BaseConfig & PostgresConfig, log: EventLog, metrics: Metrics, tracing: Tracing) => {
      const pool = openLane({
        url: config.databaseUrl,
        name: `${config.serviceInstance}-${params.suffix}`,
        statementTimeoutMs: config.databaseStatementTimeoutMs,
        synchronousCommit: params.synchronousCommit,
      });
      measurePostgres(pool, { name: params.suffix, metrics });
      // Without a listener a broken idle connection ends the process; the pool replaces it by itself.
      pool.on('error', (error) => log.event('postgres.connection-lost', describeError(error)));
      return tracedPool(pool, tracing);
    },
  };
}

/** Sent means durable: the default of a database or a role must not be able to change that. */
export const appendLane = lane({ token: APPEND_LANE, suffix: 'append', synchronousCommit: 'on' });
/** A cursor that a crash sets back costs a repeated fetch, see `acknowledge-path.ts`. */
export const acknowledgeLane = lane({
  token: ACKNOWLEDGE_LANE,
  suffix: 'acknowledge',
  synchronousCommit: 'off',
});

/** Ends the lanes after NATS has stopped bringing work. */
@Injectable()
export class LaneCloser implements OnApplicationShutdown {
  constructor(
    @Inject(APPEND_LANE) private readonly append: pg.Pool,
    @Inject(ACKNOWLEDGE_LANE) private readonly acknowledge: pg.Pool,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.append.end(), this.acknowledge.end()]);
  }
}
