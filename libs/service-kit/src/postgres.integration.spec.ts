/** The run's real Postgres, a database of this file's own. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Module, type Type } from '@nestjs/common';
import type pg from 'pg';
import {
  freshDatabase,
  randomFreePort,
  ScrapedMetrics,
  withClient,
  type FreshDatabase,
} from '@cipherchat/test-kit';
import { POSTGRES, PostgresModule } from './postgres.module.js';
import { createService, type RunningService } from './service.js';
import { postgresVariables } from './variables.js';

jest.setTimeout(30_000); // a machine that does much else at once

const migrations = ['20261121000000_accounts'];

@Module({ imports: [PostgresModule.forSchema({ schema: 'auth', migrations })] })
class TestModule {}

@Module({
  imports: [
    PostgresModule.forSchema({
      schema: 'auth',
      migrations: [...migrations, '29991231000000_what_is_to_come'],
    }),
  ],
})
class NewerModule {}

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

describe('tables', () => {
  const start = (module: Type, url: string, waitMs = 0): Promise<RunningService> =>
    createService(
      { name: 'test', variables: postgresVariables, module },
      {
        environment: {
          PORT: '0',
          DATABASE_URL: url,
          DATABASE_SCHEMA_WAIT_MS: String(waitMs),
          LOG_LEVEL: 'trace',
        },
        logDestination: { write: (line) => void logged.push(line) },
      },
    );

  it('that are older than the service was built for keep it from starting, and are named', async () => {
    await expect(start(NewerModule, database.url('auth'))).rejects.toMatchObject({
      name: 'SchemaBehindError',
      schema: 'auth',
      missing: ['29991231000000_what_is_to_come'],
    });
  });

  it('that nobody made yet do so too', async () => {
    const empty = await freshDatabase();
    try {
      await withClient(empty.adminUrl, (client) => client.query('drop table auth._prisma_migrations'));
      await expect(start(TestModule, empty.url('auth'))).rejects.toMatchObject({ missing: migrations });
    } finally {
      await empty.drop();
    }
  });

  it('whose last migration failed half-way count as older', async () => {
    const broken = await freshDatabase();
    try {
      await withClient(broken.adminUrl, (client) =>
        client.query('update auth._prisma_migrations set finished_at = null'),
      );
      await expect(start(TestModule, broken.url('auth'))).rejects.toMatchObject({ missing: migrations });
    } finally {
      await broken.drop();
    }
  });

  it('are waited for while their migrations are under way, for as long as it was told', async () => {
    const late = await freshDatabase();
    try {
      const finish = (at: string): Promise<unknown> =>
        withClient(late.adminUrl, (client) =>
          client.query(`update auth._prisma_migrations set finished_at = ${at}`),
        );
      await finish('null');
      const starting = start(TestModule, late.url('auth'), 20_000);
      setTimeout(() => void finish('now()'), 700);
      const service = await starting;
      expect((await fetch(`${service.url}/healthz/ready`)).status).toBe(200);
      await service.stop();
      await finish('null');
      await expect(start(TestModule, late.url('auth'), 1_000)).rejects.toMatchObject({ missing: migrations });
    } finally {
      await late.drop();
    }
  });

  it('that are newer are fine', async () => {
    await withClient(database.adminUrl, (client) =>
      client.query(
        "insert into auth._prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) values ('later', '', '29991231000000_what_is_to_come', now(), 1)",
      ),
    );
    const newer = await start(TestModule, database.url('auth'));
    expect((await fetch(`${newer.url}/healthz/ready`)).status).toBe(200);
    await newer.stop();
  });

  it('do not keep it from starting while Postgres is away: it is not ready then', async () => {
    // Nobody listens there.
    const away = new URL(database.url('auth'));
    away.port = String(await randomFreePort());
    const waiting = await start(TestModule, away.href);
    expect((await fetch(`${waiting.url}/healthz/ready`)).status).toBe(503);
    await waiting.stop();
  });
});

describe('metrics', () => {
  const duration = 'cipherchat_postgres_statement_duration_seconds_count';

  it('time each statement, by its name or first word, however it is sent, and repeat no word of it', async () => {
    const before = await ScrapedMetrics.of(service);
    const grown = async (labels: Readonly<Record<string, string>>): Promise<number> =>
      (await ScrapedMetrics.of(service)).sum(duration, labels) - before.sum(duration, labels);
    await pool.query({ name: 'entries', text: "select 'canary-41e7'" });
    await pool.query({ name: 'canary-name', text: '-- canary-41e7\nselect 1' });
    await pool.query("SELECT 'canary-41e7'");
    const client = await pool.connect();
    await client.query('begin');
    await new Promise<void>((resolve, reject) => {
      client.query("with canary as (select 'canary-41e7') select 1", (error) =>
        error == null ? resolve() : reject(error),
      );
    });
    await client.query('rollback');
    expect((await ScrapedMetrics.of(service)).sum('cipherchat_postgres_connections', { state: 'busy' })).toBe(
      1,
    );
    client.release();
    expect(await codeOf(pool.query('select pg_sleep(5)'))).toBe('57014');
    expect(await grown({ operation: 'entries', outcome: 'done' })).toBe(1);
    for (const operation of ['select', 'with', 'begin', 'rollback', 'other'])
      expect(await grown({ operation, outcome: 'done' })).toBe(1);
    expect(await grown({ operation: 'select', outcome: 'failed' })).toBe(1);
    const after = await ScrapedMetrics.of(service);
    expect(after.sum('cipherchat_postgres_connections', { pool: 'shared', state: 'busy' })).toBe(0);
    expect(after.sum('cipherchat_postgres_waiting_requests')).toBe(0);
    expect(after.text).not.toContain('canary');
  });
});
