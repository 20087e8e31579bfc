/** The run's real Postgres, a database of this file's own. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Module } from '@nestjs/common';
import type pg from 'pg';
import { freshDatabase, withClient, type FreshDatabase } from '@cipherchat/test-kit';
import { POSTGRES, PostgresModule } from './postgres.module.js';
import { createService, type RunningService } from './service.js';
import { postgresVariables } from './variables.js';

jest.setTimeout(30_000); // a machine that does much else at once

@Module({ imports: [PostgresModule.forSchema('auth')] })
class TestModule {}

const logged: string[] = [];
let database: FreshDatabase;
let service: RunningService;
let pool: pg.Pool;

beforeAll(async () => {
  database = await freshDatabase();
  service = await createService(
    { name: 'test', variables: postgresVariables, module: TestModule },
    {
      environment: {
        PORT: '0',
        DATABASE_URL: database.url('auth'),
        DATABASE_STATEMENT_TIMEOUT_MS: '200',
        LOG_LEVEL: 'trace',
      },
      logDestination: { write: (line) => void logged.push(line) },
    },
  );
  pool = service.application.get<pg.Pool>(POSTGRES);
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => (error as { code: unknown }).code,
  );

describe('the pool', () => {
  it("looks in the service's own schema", async () => {
    expect((await pool.query('show search_path')).rows).toEqual([{ search_path: 'auth' }]);
  });

  it('cancels a statement that takes too long', async () => {
    expect(await codeOf(pool.query('select pg_sleep(5)'))).toBe('57014');
  });

  it('survives the loss of its connections', async () => {
    expect((await fetch(`${service.url}/healthz/ready`)).status).toBe(200);
    await withClient(database.adminUrl, (client) =>
      client.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      ),
    );
    // Nobody uses them at this moment, so it is the pool that notices.
    const deadline = Date.now() + 10_000;
    while (!logged.some((line) => line.includes('postgres.connection-lost'))) {
      expect(Date.now()).toBeLessThan(deadline);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(await codeOf(pool.query('select 1'))).toBeUndefined();
    expect((await fetch(`${service.url}/healthz/ready`)).status).toBe(200);
  });
});
