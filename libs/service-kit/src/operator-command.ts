/** Small programs that an operator runs beside a service, with the service's own settings: they do one thing and end. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ConfigError, parseConfig, processEnvironment } from './config.js';
import { isDependencyFailure } from './dependency-failure.js';
import { createEventLog, describeError } from './event-log.js';
import { postgresVariables } from './variables.js';

const connectTimeoutMs = 5_000;
/** A pod reaches nothing in its first moments: network policies learn its address only after it has one. */
const maxConnects = 60;
const againAfterMs = 1_000;

/**
 * Runs `work` in one transaction on the service's database and says what it returned, as an event in the log. The
 * process ends with 1 when it could not be done, and then nothing has happened.
 */
export async function runOperatorCommand(params: {
  readonly service: string;
  readonly schema: string;
  /** Returns how many rows it changed. */
  readonly work: (client: pg.ClientBase) => Promise<number>;
}): Promise<void> {
  const { service, schema, work } = params;
  const log = createEventLog({ service, instance: 'operator', level: 'info' });
  try {
    const { databaseUrl } = parseConfig({ databaseUrl: postgresVariables.databaseUrl }, processEnvironment());
    const client = await connect({
      connectionString: databaseUrl,
      connectionTimeoutMillis: connectTimeoutMs,
      options: `-c search_path=${schema}`,
    });
    try {
      await client.query('BEGIN');
      const count = await work(client);
      await client.query('COMMIT');
      log.event('operator.restored', { count });
    } finally {
      await client.end();
    }
  } catch (error) {
    log.event(
      'service.start-failed',
      error instanceof ConfigError ? { variables: error.variables } : describeError(error),
    );
    process.exitCode = 1;
  }
}

async function connect(settings: pg.ClientConfig): Promise<pg.Client> {
  for (let connects = 1; ; connects++) {
    const client = new pg.Client(settings);
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (!isDependencyFailure(error) || connects === maxConnects) throw error;
    }
    await sleep(againAfterMs);
  }
}
