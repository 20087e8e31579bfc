import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fetchFrom, sourceAddresses } from './source-addresses.js';

describe('the addresses that load comes from', () => {
  it('are one for eight people, at least one for each VU, all in one range of loopback', () => {
    const sources = sourceAddresses({ people: 480, vus: 8, platform: 'linux' });
    expect(sources?.all).toHaveLength(60);
    expect(new Set(sources?.all).size).toBe(60);
    for (const address of sources?.all ?? []) expect(address).toMatch(/^127\.\d+\.\d+\.\d+$/);
    expect(sources?.range).toBe(`${sources?.all[0]}-${sources?.all.at(-1)}`);
    expect(sourceAddresses({ people: 8, vus: 8, platform: 'linux' })?.all).toHaveLength(8);
    expect(sourceAddresses({ people: 100_000, vus: 8, platform: 'linux' })?.all).toHaveLength(250);
  });

  it('are the one that there is, where loopback has one', () => {
    expect(sourceAddresses({ people: 480, vus: 8, platform: 'darwin' })).toBeUndefined();
  });
});

describe('a request from an address', () => {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      response.writeHead(request.url === '/moved' ? 302 : 201, { location: 'http://other.example.org' });
      response.end(`${request.method} ${request.headers['x-asked']} ${body} ${request.socket.remoteAddress}`);
    });
  });
  let url = '';
  beforeEach(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://localhost:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it('arrives with all that it holds, from there', async () => {
    const answer = await fetchFrom('127.0.0.1', undefined)(url, {
      method: 'POST',
      headers: { 'x-asked': 'yes' },
      body: 'text',
    });
    expect(answer.status).toBe(201);
    expect(await answer.text()).toBe('POST yes text 127.0.0.1');
  });

  it('follows nobody elsewhere', async () => {
    const answer = await fetchFrom(undefined, undefined)(`${url}/moved`, {});
    expect(answer.status).toBe(302);
    expect(answer.ok).toBe(false);
  });

  it('fails when nobody answers, or when it is called off', async () => {
    await expect(fetchFrom('127.0.0.1', undefined)('http://127.0.0.1:1', {})).rejects.toThrow('ECONNREFUSED');
    const called = fetchFrom('127.0.0.1', undefined)(url, { signal: AbortSignal.abort() });
    await expect(called).rejects.toThrow('abort');
  });
});
