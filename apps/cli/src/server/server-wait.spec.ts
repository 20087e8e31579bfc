import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fetchHttp, type Http } from '@cipherchat/client-sdk';
import { untilAnswered } from './server-wait.js';

let server: Server | undefined;
afterEach(() => void server?.close());

async function listen(port: number, status: () => number = () => 200): Promise<number> {
  server = createServer((_request, response) => void response.writeHead(status()).end());
  await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Of nobody: it was somebody's a moment ago. */
async function freePort(): Promise<number> {
  const port = await listen(0);
  await new Promise((resolve) => server?.close(resolve));
  return port;
}

function wait(
  port: number,
  withinMs: number,
  {
    http = fetchHttp,
    interrupted = new AbortController().signal,
  }: { http?: Http; interrupted?: AbortSignal } = {},
): Promise<void> {
  const serverUrl = `http://127.0.0.1:${port}`;
  return untilAnswered({ serverUrl, withinMs, http, nowMs: () => performance.now(), interrupted });
}

describe('waiting for a server', () => {
  it('ends when it is there', async () => {
    const port = await freePort();
    let refusals = 0;
    const http: Http = async (request) => {
      try {
        return await fetchHttp(request);
      } catch (error) {
        if (++refusals === 2) await listen(port);
        throw error;
      }
    };
    await wait(port, 60_000, { http });
    expect(refusals).toBe(2);
  });

  it('goes on while something else answers for it', async () => {
    let asked = 0;
    await wait(await listen(0, () => (++asked < 3 ? 404 : 200)), 60_000);
    expect(asked).toBe(3);
  });

  it('ends when its time is over', async () => {
    await expect(wait(await freePort(), 600)).resolves.toBeUndefined();
  });

  it('ends when it is interrupted', async () => {
    const interruption = new AbortController();
    const waiting = wait(await freePort(), 60_000, { interrupted: interruption.signal });
    interruption.abort();
    await expect(waiting).rejects.toThrow();
  });
});
