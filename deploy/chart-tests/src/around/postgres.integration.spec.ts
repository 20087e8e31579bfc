/** The roles of k8s/postgres on a real Postgres: its owner, who is no superuser, brings tables forward, and each service gets its own. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { prepareService, serviceDatabases, withClient } from '@cipherchat/migrations';
import { startPostgres, type PostgresServer } from '@cipherchat/test-kit';
import { theOnlyIn } from './around.fixture.js';

jest.setTimeout(120_000);

type Bootstrap = {
  readonly database: string;
  readonly owner: string;
  readonly postInitSQL: readonly string[];
  readonly postInitApplicationSQL: readonly string[];
};
const { bootstrap } = theOnlyIn('postgres/cluster.yaml', 'Cluster').spec as unknown as {
  readonly bootstrap: { readonly initdb: Bootstrap };
};
const { database, owner, postInitSQL, postInitApplicationSQL } = bootstrap.initdb;
const password = 'of-this-test';

let server: PostgresServer;

function urlOf(role: string): string {
  const url = new URL(server.url);
  url.username = role;
  url.password = password;
  url.pathname = `/${database}`;
  return url.href;
}

async function asSuperuser(statements: readonly string[], pathname: string): Promise<void> {
  const url = new URL(server.url);
  url.pathname = pathname;
  await withClient(url.href, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

/** What CloudNativePG does, in its order. */
beforeAll(async () => {
  server = await startPostgres({ durability: 'none' });
  await asSuperuser(
    [
      `create role ${owner} login`,
      ...postInitSQL,
      `create database ${database} owner ${owner}`,
      ...[owner, ...serviceDatabases.map(({ role }) => role)].map(
        (role) => `alter role ${role} password '${password}'`,
      ),
    ],
    '/postgres',
  );
  await asSuperuser(postInitApplicationSQL, `/${database}`);
});
afterAll(async () => {
  await server.stop();
});

describe('the owner', () => {
  it.each(serviceDatabases.map((each) => ({ ...each, name: each.service })))(
    'brings the tables of $name forward, and once',
    async (each) => {
      const params = { databaseUrl: urlOf(owner), database: each };
      expect(await prepareService(params)).not.toEqual([]);
      expect(await prepareService(params)).toEqual([]);
    },
  );
});

describe('a service', () => {
  const names = serviceDatabases.map((each) => ({ ...each, name: each.service }));

  it.each(names)('$name reads its own tables, and which migrations there were', async (each) => {
    await withClient(urlOf(each.role), async (client) => {
      const { rows } = await client.query(
        `select count(*)::int as n from ${each.postgresSchema}._prisma_migrations`,
      );
      expect((rows[0] as { readonly n: number }).n).toBeGreaterThan(0);
    });
  });

  it.each(names)('$name reads no other’s tables, and makes none', async (each) => {
    await withClient(urlOf(each.role), async (client) => {
      for (const { postgresSchema } of serviceDatabases.filter(({ role }) => role !== each.role))
        await expect(client.query(`select * from ${postgresSchema}._prisma_migrations`)).rejects.toThrow(
          `permission denied for schema ${postgresSchema}`,
        );
      for (const schema of ['public', each.postgresSchema])
        await expect(client.query(`create table ${schema}.another ()`)).rejects.toThrow('permission denied');
    });
  });
});
