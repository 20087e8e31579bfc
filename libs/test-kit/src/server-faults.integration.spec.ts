import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { startNats } from './nats-server.js';
import { startPostgres } from './postgres-server.js';
import { startRedis } from './redis-server.js';
import { startRestartable } from './restartable-server.js';
import { withClient } from '@cipherchat/migrations';
import { temporaryFolder } from './temporary-folder.js';

const deadlineMs = 20_000;
const pollMs = 20;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error('It did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

describe('a server', () => {
  const folder = temporaryFolder('faults');
  afterAll(() => folder.remove());

  it('of Postgres killed with SIGKILL starts again on the same port and data, with all that was committed', async () => {
    const dataDir = path.join(folder.path, 'data');
    const first = await startPostgres({ dataDir, durability: 'fsync' });
    await withClient(first.url, (client) =>
      client.query('create table kept (id int); insert into kept values (1)'),
    );
    process.kill(first.pid, 'SIGKILL');
    expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });

    const { password } = new URL(first.url);
    const second = await startPostgres({ dataDir, port: first.port, password, durability: 'fsync' });
    expect(second.url).toBe(first.url);
    const seen = await withClient(second.url, (client) => client.query('select id from kept'));
    expect(seen.rows).toEqual([{ id: 1 }]);
    await second.stop();
    expect(isAlive(second.pid)).toBe(false);
  });

  it('that can be restarted is killed with its children, and comes back with what it had', async () => {
    const dataDir = path.join(folder.path, 'restarted');
    const first = await startPostgres({ dataDir, durability: 'fsync' });
    const { port } = first;
    const { password } = new URL(first.url);
    await first.stop();
    const server = await startRestartable(() =>
      startPostgres({ dataDir, port, password, durability: 'fsync' }),
    );
    const backend = await withClient(server.url, async (client) => {
      await client.query('create table kept (id int); insert into kept values (1)');
      return (
        await client.query('select pid from pg_stat_activity where backend_type = $1', ['checkpointer'])
      ).rows[0] as { readonly pid: number };
    });
    expect([server.isRunning, isAlive(backend.pid)]).toEqual([true, true]);
    await expect(server.start()).rejects.toThrow('runs already');

    expect(await server.kill()).toEqual({ code: null, signal: 'SIGKILL' });
    await until(() => !isAlive(backend.pid));
    expect(server.isRunning).toBe(false);
    await server.start();
    const seen = await withClient(server.url, (client) => client.query('select id from kept'));
    expect([server.isRunning, seen.rows]).toEqual([true, [{ id: 1 }]]);
    await server.stop();
    expect(server.isRunning).toBe(false);
  });

  it('says what went wrong when it cannot start', async () => {
    const nats = await startNats();
    await expect(startNats({ port: nats.port })).rejects.toThrow(
      /^nats-server ended while starting\.[^]*address already in use/,
    );
    await nats.stop();
  });

  it('does not let in whoever lacks the password', async () => {
    const redis = await startRedis();
    const answer = await new Promise<string>((resolve, reject) => {
      const stranger = connect({ port: redis.port, host: '127.0.0.1' }, () => stranger.write('GET key\r\n'));
      stranger.once('error', reject);
      stranger.once('data', (chunk) => {
        stranger.destroy();
        resolve(chunk.toString());
      });
    });
    expect(answer).toMatch(/^-NOAUTH /);
    await redis.stop();
  });
});

describe('a program killed with SIGKILL', () => {
  it('leaves none of its servers and no temporary folder', async () => {
    const folder = temporaryFolder('killed');
    const program = path.join(folder.path, 'program.mjs');
    const source = (file: string): string =>
      JSON.stringify(pathToFileURL(fileURLToPath(new URL(file, import.meta.url))).href);
    writeFileSync(
      program,
      `const { startPostgres, startNats, startRedis, temporaryFolder } = await import(${source('index.ts')});
       const servers = await Promise.all([startPostgres(), startNats(), startRedis()]);
       const made = temporaryFolder('left');
       console.log(JSON.stringify({ pids: servers.map(({ pid }) => pid), folders: [made.path, servers[0].dataDir] }));
       await new Promise(() => setInterval(() => {}, 1000));`,
    );
    const loader = fileURLToPath(new URL('../typescript-sources.mjs', import.meta.url));
    const child = spawn(process.execPath, ['--conditions=@cipherchat/source', '--import', loader, program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await new Promise<string[]>((resolve) =>
      createInterface({ input: child.stdout }).once('line', (first) => resolve([first])),
    );
    const { pids, folders } = JSON.parse(line ?? '') as {
      readonly pids: readonly number[];
      readonly folders: readonly string[];
    };
    expect(pids.map(isAlive)).toEqual([true, true, true]);
    expect(folders.map(existsSync)).toEqual([true, true]);

    child.kill('SIGKILL');
    await until(() => !pids.some(isAlive) && !folders.some(existsSync));
    folder.remove();
  });
});
