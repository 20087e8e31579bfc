/** What nginx passes on. Real: nginx and its configuration; the services keep what reached them. */
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  authRoutes,
  conversationRoutes,
  keysRoutes,
  limits,
  peopleRoutes,
  problemFrom,
  socketPath,
  type Route,
} from '@cipherchat/protocol';
import { NginxWorld } from './nginx-world.fixture.js';
import { tlsFilesIn } from './tls.js';

let world: NginxWorld;
beforeAll(async () => {
  world = await NginxWorld.start();
});
afterEach(() => void world.reached.splice(0));
afterAll(() => world.stop());

const canary = 'canary-5d21';
const routes: readonly (readonly [string, Route])[] = [
  ...Object.values(authRoutes).map((route) => ['auth', route] as const),
  ...[...Object.values(keysRoutes), ...Object.values(peopleRoutes)].map(
    (route) => ['key-directory', route] as const,
  ),
  ...Object.values(conversationRoutes).map((route) => ['message-store', route] as const),
];

describe('a call', () => {
  it.each(routes)('goes to %s: $path', async (service, { method, path }) => {
    const target = `${path.replaceAll(/:\w+/g, '0123abcd-0000-4000-8000-00000000abcd')}?limit=5`;
    expect((await world.ask(target, { method })).status).toBe(200);
    expect(world.reached).toMatchObject([{ service, method, path: target }]);
  });

  it.each([
    '/metrics',
    '/healthz/ready',
    '/v1/auth',
    '/v1',
    '/v1/auth/../../metrics',
    '/v1/auth/%2e%2e/%2e%2e/metrics',
  ])('reaches no service by %s', async (path) => {
    await world.ask(path);
    expect(world.reached).toEqual([]);
  });

  it('that is unknown is a problem of the catalogue', async () => {
    const { status, headers, body } = await world.ask('/v1/unknown', { method: 'DELETE' });
    expect(status).toBe(404);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ code: 'request/not-found', status: 404 });
  });

  it('tells a service the address that nginx saw, and nothing else of a browser or of what it claims', async () => {
    await world.ask('/v1/auth/jwks.json', {
      headers: {
        host: 'chat.example:8443',
        authorization: 'Bearer token',
        origin: 'https://chat.example:8443',
        traceparent: '00-1-2-01',
        'x-forwarded-for': '203.0.113.66',
        'x-forwarded-host': canary,
        'x-forwarded-proto': canary,
        'x-real-ip': canary,
        forwarded: canary,
        cookie: canary,
        referer: canary,
        'user-agent': canary,
        'accept-language': canary,
        upgrade: canary,
      },
    });
    expect(world.reached[0]?.headers).toEqual({
      host: 'chat.example:8443',
      authorization: 'Bearer token',
      origin: 'https://chat.example:8443',
      traceparent: '00-1-2-01',
      'x-forwarded-for': '127.0.0.1',
    });
  });

  it('has one Cache-Control and one of each other header that services set as well', async () => {
    const { headers } = await world.ask('/v1/auth/jwks.json');
    expect([headers['cache-control'], headers['x-content-type-options']]).toEqual(['no-store', 'nosniff']);
  });

  it('is answered as unavailable when its service is away', async () => {
    const broken = await NginxWorld.start();
    broken.kill('message-store');
    const { status, headers, body } = await broken.ask('/v1/conversations');
    expect(status).toBe(503);
    expect(headers['content-type']).toBe('application/problem+json');
    const { code, ...data } = JSON.parse(body) as { readonly code: string };
    expect(problemFrom(code, data)).toMatchObject({ code: 'service/unavailable', retryAfterMs: 1_000 });
    await broken.stop();
  });
});

describe('a body', () => {
  const largest: readonly (readonly [string, number])[] = [
    ['/v1/auth/register', limits.maxJsonBodyBytes],
    ['/v1/keys/key-packages', limits.maxJsonBodyBytes],
    ['/v1/people/find', limits.maxJsonBodyBytes],
    ['/v1/conversations', limits.maxCommitBundleBytes],
    ['/v1/conversations/0123/commits', limits.maxCommitBundleBytes],
  ];

  it.each(largest)('of %s may have as many bytes as the protocol says', async (path, maxBytes) => {
    const { status } = await world.ask(path, { method: 'POST', body: new Uint8Array(maxBytes) });
    expect(status).toBe(200);
    expect(world.reached).toMatchObject([{ bodyBytes: maxBytes }]);
  });

  it.each(largest)('of %s with one more is refused, and the bound is told', async (path, maxBytes) => {
    const { status, body } = await world.ask(path, { method: 'POST', body: new Uint8Array(maxBytes + 1) });
    expect(status).toBe(413);
    const { code, ...data } = JSON.parse(body) as { readonly code: string };
    expect(problemFrom(code, data)).toMatchObject({ code: 'request/too-large', data: { maxBytes } });
    expect(world.reached).toEqual([]);
  });
});

describe('the socket', () => {
  it('carries bytes both ways, at once and in any size', async () => {
    const { stream } = await world.socket({ origin: 'http://localhost' });
    for (const size of [1, 3, limits.maxFrameBytes, 1]) {
      stream.write(Buffer.alloc(size, size));
      for (let missing = size; missing > 0;) {
        const [chunk] = (await once(stream, 'data')) as [Buffer];
        missing -= chunk.length;
      }
    }
    expect(world.reached).toMatchObject([
      {
        method: 'GET',
        path: socketPath,
        headers: { 'x-forwarded-for': '127.0.0.1', origin: 'http://localhost' },
      },
    ]);
    stream.destroy();
  });

  it('is spread over the gateways', async () => {
    const sockets = await Promise.all(Array.from({ length: 8 }, () => world.socket()));
    expect(new Set(sockets.map(({ gateway }) => gateway))).toEqual(new Set(['gateway-1', 'gateway-2']));
    for (const { stream } of sockets) stream.destroy();
  });

  it('passes over a gateway that is dead, and ends when its own dies', async () => {
    const shared = await NginxWorld.start();
    const before = await Promise.all(Array.from({ length: 4 }, () => shared.socket()));
    shared.kill('gateway-1');
    await Promise.all(
      before.filter(({ gateway }) => gateway === 'gateway-1').map(({ stream }) => once(stream, 'close')),
    );
    const after = await Promise.all(Array.from({ length: 8 }, () => shared.socket()));
    expect(new Set(after.map(({ gateway }) => gateway))).toEqual(new Set(['gateway-2']));
    shared.kill('gateway-2');
    await expect(shared.socket()).rejects.toThrow(/answered 502/);
    await shared.stop();
  });
});

describe('gateways that are replaced one after the other', () => {
  // A failure that nginx counts is forgotten when a request ends well, and a socket does not end: one every two seconds would be let in.
  it('give all their sockets to each other', async () => {
    const shared = await NginxWorld.start();
    const sockets: Awaited<ReturnType<NginxWorld['socket']>>[] = [];
    for (const [drained, other] of [
      ['gateway-1', 'gateway-2'],
      ['gateway-2', 'gateway-1'],
    ] as const) {
      shared.draining.clear();
      shared.draining.add(drained);
      const moved = await Promise.all(Array.from({ length: 8 }, () => shared.socket()));
      expect(new Set(moved.map(({ gateway }) => gateway))).toEqual(new Set([other]));
      sockets.push(...moved);
    }
    for (const { stream } of sockets) stream.destroy();
    await shared.stop();
  });
});

describe('the log', () => {
  it('says how much goes where, and of nobody who', async () => {
    await world.ask(`/v1/people/by-username/${canary}?${canary}`, {
      headers: { 'user-agent': canary, referer: canary, 'x-forwarded-for': '203.0.113.77', host: canary },
    });
    await world.ask(`/c/${canary}`, { method: canary.toUpperCase() });
    await world.ask(`/v1/conversations/${canary}/commits`, {
      method: 'POST',
      body: new Uint8Array(limits.maxCommitBundleBytes + 1),
    });
    const lines = world.log();
    expect(lines.map((line) => JSON.parse(line) as object)).toContainEqual({
      time: expect.any(String),
      service: 'nginx',
      instance: expect.stringMatching(/^nginx-/),
      event: 'http.answered',
      area: 'people',
      method: 'GET',
      status: 200,
      bytes: expect.any(Number),
      durationS: expect.any(Number),
      upstreamStatus: '200',
    });
    expect(lines.join('\n')).not.toMatch(/canary|127\.0\.0\.1|203\.0\.113/i);
  });
});

describe('over TLS', () => {
  it('browsers are told to keep to it, but on this machine; and a proxy in front is believed', async () => {
    const { certFile, keyFile } = await tlsFilesIn({ folder: world.folder.path, now: new Date() });
    const secure = await NginxWorld.start({ transport: { kind: 'tls', certFile, keyFile } });
    const hsts = async (of: NginxWorld, host: string): Promise<unknown> =>
      (await of.ask('/', { headers: { host } })).headers['strict-transport-security'];
    const twoYears = 'max-age=63072000; includeSubDomains';
    expect(await hsts(secure, 'chat.example')).toBe(twoYears);
    expect(await hsts(secure, 'localhost:7700')).toBeUndefined();
    await secure.stop();

    const behind = await NginxWorld.start({
      transport: { kind: 'tls-in-front' },
      proxiesInFront: ['127.0.0.0/8'],
    });
    expect(await hsts(behind, 'chat.example')).toBe(twoYears);
    await behind.ask('/v1/auth/jwks.json', { headers: { 'x-forwarded-for': 'forged, 203.0.113.5' } });
    expect(behind.reached[0]?.headers['x-forwarded-for']).toBe('203.0.113.5');
    await behind.stop();
  });
});
