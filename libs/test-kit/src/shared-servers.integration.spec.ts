import { describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import { freshDatabase, freshRedisUrl, natsUrl } from './shared-servers.js';
import { serviceDatabases, withClient } from '@cipherchat/migrations';

describe('the shared servers', () => {
  it('gives each caller a database of its own', async () => {
    const [one, other] = await Promise.all([freshDatabase(), freshDatabase()]);
    await withClient(one.adminUrl, (client) => client.query('create table only_here (id int)'));
    const seen = await withClient(other.adminUrl, (client) =>
      client.query("select to_regclass('only_here') as found"),
    );
    expect(seen.rows).toEqual([{ found: null }]);
    await Promise.all([one.drop(), other.drop()]);
    await expect(withClient(one.adminUrl, (client) => client.query('select 1'))).rejects.toMatchObject({
      code: '3D000',
    });
  });

  it('lets the role of a service touch the rows of its own schema and nothing else', async () => {
    const database = await freshDatabase();
    await withClient(database.adminUrl, async (client) => {
      for (const { postgresSchema } of serviceDatabases)
        await client.query(`create table ${postgresSchema}.note (body text)`);
    });
    for (const { service, postgresSchema } of serviceDatabases) {
      await withClient(database.url(service), async (client) => {
        await client.query("insert into note values ('mine')"); // found through the role's search path
        const own = await client.query(`select body from ${postgresSchema}.note`);
        expect(own.rows).toEqual([{ body: 'mine' }]);
        for (const other of serviceDatabases.filter((each) => each.service !== service)) {
          await expect(client.query(`select body from ${other.postgresSchema}.note`)).rejects.toMatchObject({
            code: '42501',
          });
        }
        await expect(client.query('create table more (id int)')).rejects.toMatchObject({ code: '42501' });
        await expect(client.query('drop table note')).rejects.toMatchObject({ code: '42501' });
        await expect(client.query('create table public.more (id int)')).rejects.toMatchObject({
          code: '42501',
        });
      });
    }
    await database.drop();
  });

  it('carries a message through NATS', async () => {
    const connection = await connect({ servers: natsUrl() });
    const subscription = connection.subscribe('test-kit.greeting', { max: 1 });
    connection.publish('test-kit.greeting', 'hello');
    const received: string[] = [];
    for await (const message of subscription) received.push(message.string());
    expect(received).toEqual(['hello']);
    await connection.close();
  });

  it('gives each caller an empty Redis database', async () => {
    const urls = [await freshRedisUrl(), await freshRedisUrl()];
    const [one, other] = urls.map((url) => new Redis(url)) as [Redis, Redis];
    await one.set('key', 'value');
    expect(await one.get('key')).toBe('value');
    expect(await other.keys('*')).toEqual([]);
    one.disconnect();
    other.disconnect();
  });
});
