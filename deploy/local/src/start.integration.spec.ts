import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { socketPath, subprotocol } from '@cipherchat/protocol';
import { inheritedEnvironment, temporaryFolder, withClient } from '@cipherchat/test-kit';
import { inRoot } from './repository.js';
import type { RunFile } from './run-file.js';
import { webRoot } from './web-build.js';

/** Two starts, each with a build, on a machine that does other things as well. */
const startTimeoutMs = 240_000;
const pollMs = 50;

type Started = {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
};

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error('It did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** How a socket ends whose client says only this. */
function closeCodeOf({ url, says }: { readonly url: string; readonly says: string }): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, subprotocol);
    socket.addEventListener('open', () => socket.send(says));
    socket.addEventListener('close', ({ code }) => resolve(code));
    socket.addEventListener('error', () => reject(new Error(`no socket at ${url}`)));
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('npm start', () => {
  const data = temporaryFolder('start');
  const running: Started[] = [];

  const run = (command: 'start' | 'reset' | 'restored'): Started => {
    const child = spawn(process.execPath, [inRoot('deploy/local/run.mjs'), command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: inheritedEnvironment({ CIPHERCHAT_DATA_DIR: data.path }),
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const ended = new Promise<Awaited<Started['ended']>>((resolve) =>
      child.once('close', (code, signal) => resolve({ code, signal })),
    );
    const started = { child, output: () => output, ended };
    running.push(started);
    return started;
  };
  const ready = async (): Promise<Started> => {
    const started = run('start');
    await until(() => /^CipherChat is ready /m.test(started.output()) || started.child.exitCode !== null);
    expect(started.output()).toMatch(/^CipherChat is ready at http:\/\/localhost:\d+$/m);
    return started;
  };
  const runFile = (): RunFile =>
    JSON.parse(readFileSync(path.join(data.path, 'run.json'), 'utf8')) as RunFile;
  const pidsOf = ({ services, servers }: RunFile): readonly number[] =>
    [...services, ...Object.values(servers)].map(({ pid }) => pid);

  /** The app, the API and the socket, by nginx alone; and what it sends with each. */
  const expectOneOrigin = async ({ serverUrl }: RunFile): Promise<void> => {
    const page = await fetch(serverUrl);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self' /);
    const html = await page.text();
    expect([page.status, html]).toEqual([200, expect.stringContaining('<title>')]);
    // As people get it, whatever environment the build was called in: this one is a test's.
    for (const [, script = ''] of html.matchAll(/<script[^>]* src="([^"]+)"/g))
      expect(await (await fetch(`${serverUrl}${script}`)).text()).not.toContain('React DevTools');
    const discovery = await fetch(`${serverUrl}/.well-known/cipherchat`);
    expect(discovery.headers.get('cache-control')).toBe('no-store');
    const socketUrl = serverUrl.replace(/^http/, 'ws');
    expect(await discovery.json()).toMatchObject({
      authUrl: serverUrl,
      keysUrl: serverUrl,
      conversationsUrl: serverUrl,
      gatewayUrls: [socketUrl],
    });
    for (const path of ['/v1/keys/key-packages', '/v1/people/blocks', '/v1/conversations'])
      expect((await fetch(`${serverUrl}${path}`)).status).toBe(401);
    // The gateway's word to who never says who it is: the socket reached one.
    expect(await closeCodeOf({ url: `${socketUrl}${socketPath}`, says: 'text' })).toBe(4400);
  };

  // Stands for the build of apps/web as long as there is none.
  beforeAll(() => {
    if (existsSync(inRoot('apps/web/vite.config.ts'))) return;
    mkdirSync(webRoot, { recursive: true });
    writeFileSync(path.join(webRoot, 'index.html'), '<!doctype html><title>CipherChat</title>');
  });
  afterEach(async () => {
    for (const { child } of running) child.kill('SIGTERM');
    await Promise.all(running.splice(0).map(({ ended }) => ended));
  });
  afterAll(() => data.remove());

  it(
    'brings up two gateways and all they need, refuses what would get in its way, and stops everything',
    async () => {
      const started = await ready();
      const file = runFile();
      expect(file.services.map(({ instance }) => instance)).toEqual([
        'auth-1',
        'key-directory-1',
        'message-store-1',
        'gateway-1',
        'gateway-2',
      ]);
      for (const { url } of file.services) expect((await fetch(`${url}/healthz/ready`)).status).toBe(200);
      await expectOneOrigin(file);
      for (const secret of ['run.json', 'secrets/auth-signing-key.pem', 'secrets/nats.conf']) {
        expect(statSync(path.join(data.path, secret)).mode & 0o077).toBe(0);
      }
      await withClient(file.servers.postgres.adminUrl, (client) =>
        client.query('create table public.kept (id int)'),
      );

      const second = run('start');
      expect(await second.ended).toEqual({ code: 1, signal: null });
      expect(second.output()).toBe(
        `CipherChat is already running (process ${file.pid}, at ${file.serverUrl}). Stop it with Ctrl-C there, or: kill ${file.pid}\n`,
      );
      const reset = run('reset');
      expect(await reset.ended).toEqual({ code: 1, signal: null });
      const restored = run('restored');
      expect(await restored.ended).toEqual({ code: 1, signal: null });
      expect(pidsOf(file).every(isAlive)).toBe(true);

      process.kill(file.servers.nginx.pid, 'SIGKILL');
      await until(() => runFile().servers.nginx.pid !== file.servers.nginx.pid);
      expect(started.output()).toMatch(/^nginx ended by itself \(signal SIGKILL\); starting it again\.$/m);
      await expectOneOrigin(file);
      const nginx = runFile().servers.nginx;

      started.child.kill('SIGTERM');
      expect(await started.ended).toEqual({ code: 0, signal: null });
      expect([...pidsOf(file), nginx.pid].filter(isAlive)).toEqual([]);
    },
    startTimeoutMs,
  );

  it(
    'finds its data again, and reports a service that ends by itself and stops the rest',
    async () => {
      const started = await ready();
      const file = runFile();
      const kept = await withClient(file.servers.postgres.adminUrl, (client) =>
        client.query("select to_regclass('public.kept')::text as name"),
      );
      expect(kept.rows).toEqual([{ name: 'kept' }]);
      const store = file.services.find(({ service }) => service === 'message-store');
      process.kill(store?.pid ?? 0, 'SIGKILL');
      expect(await started.ended).toEqual({ code: 1, signal: null });
      expect(started.output()).toMatch(
        /^message-store-1 ended by itself \(signal SIGKILL\)\. The end of .*message-store-1\.log:$/m,
      );
      expect(pidsOf(file).filter(isAlive)).toEqual([]);
    },
    startTimeoutMs,
  );

  it(
    'tells each service, when it is stopped, that its database was put back from a backup',
    async () => {
      const restored = run('restored');
      expect(await restored.ended).toEqual({ code: 0, signal: null });
      expect(restored.output()).toMatch(
        /^auth: 0 sessions [^\n]*\nkey-directory: 0 key packages [^\n]*\nmessage-store: 0 conversations [^\n]*\nrestored: done\./m,
      );
    },
    startTimeoutMs,
  );

  it(
    'leaves nothing behind when it is killed, and starts again after that',
    async () => {
      await ready();
      const file = runFile();
      process.kill(file.pid, 'SIGKILL');
      await until(() => !pidsOf(file).some(isAlive));
      const again = await ready();
      again.child.kill('SIGINT');
      again.child.kill('SIGTERM');
      expect(await again.ended).toEqual({ code: 0, signal: null });
      const reset = run('reset');
      expect(await reset.ended).toEqual({ code: 0, signal: null });
      expect(() => statSync(data.path)).toThrow(/ENOENT/);
    },
    startTimeoutMs,
  );
});
