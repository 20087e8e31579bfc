/** What nginx keeps off. Real: nginx and its configuration, its certificate, of an authority that is thrown away. */
import { readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { limits, problemFrom } from '@cipherchat/protocol';
import { temporaryFolder } from '@cipherchat/test-kit';
import { NginxWorld } from './nginx-world.fixture.js';
import { tlsFilesIn, type TlsFiles } from './tls.js';

const certificates = temporaryFolder('edge-tls');
let files: TlsFiles;
let world: NginxWorld;
beforeAll(async () => {
  files = await tlsFilesIn({ folder: certificates.path, now: new Date() });
  const { certFile, keyFile } = files;
  world = await NginxWorld.start({ transport: { kind: 'tls', certFile, keyFile } });
});
afterEach(() => void world.reached.splice(0));
afterAll(async () => {
  await world.stop();
  certificates.remove();
});

function handshake(more: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      host: '127.0.0.1',
      servername: 'localhost',
      port: world.nginx.port,
      ca: readFileSync(files.caFile),
      ...more,
    });
    socket.once('secureConnect', () => resolve(socket));
    socket.once('error', reject);
  });
}

describe('TLS', () => {
  it('is version 1.3, with a certificate that those accept who know its authority', async () => {
    const socket = await handshake({});
    expect([socket.getProtocol(), socket.authorized]).toEqual(['TLSv1.3', true]);
    socket.destroy();
  });

  it.each(['TLSv1.2', 'TLSv1.1'] as const)('is not %s', async (maxVersion) => {
    await expect(handshake({ maxVersion, minVersion: 'TLSv1' })).rejects.toMatchObject({
      code: expect.stringMatching(/PROTOCOL_VERSION|NO_PROTOCOLS_AVAILABLE|UNSUPPORTED_PROTOCOL/),
    });
  });

  it('gives no session away that could be resumed without its key exchange', async () => {
    const socket = await handshake({});
    const sessions: Buffer[] = [];
    socket.on('session', (session) => sessions.push(session));
    socket.write('GET /healthz/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await new Promise((resolve) => socket.resume().once('close', resolve));
    for (const session of sessions) {
      const again = await handshake({ session });
      // A ticket of TLS 1.3 is resumed with a fresh key exchange (`psk_dhe_ke`), or not at all; early data is refused.
      expect(again.getEphemeralKeyInfo()).not.toEqual({});
      again.destroy();
    }
  });
});

describe('HTTP/2', () => {
  it('is spoken with whoever offers it, and carries the app, calls and the promise to keep to TLS', async () => {
    const client = connectHttp2(`https://localhost:${world.nginx.port}`, {
      ca: readFileSync(files.caFile),
      lookup: (_name, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    const ask = (path: string): Promise<Readonly<Record<string, unknown>>> =>
      new Promise((resolve, reject) => {
        const request = client.request({ ':path': path, ':authority': 'chat.example' });
        request.once('response', (headers) => resolve({ ...headers }));
        request.once('error', reject);
        request.resume().end();
      });
    for (const path of ['/', '/v1/auth/jwks.json', '/v1/unknown'])
      expect(await ask(path)).toMatchObject({
        ':status': path === '/v1/unknown' ? 404 : 200,
        'strict-transport-security': 'max-age=63072000; includeSubDomains',
      });
    expect(client.alpnProtocol).toBe('h2');
    expect(world.reached).toMatchObject([{ path: '/v1/auth/jwks.json' }]);
    client.close();
  });
});

describe('a request that is too large', () => {
  it('by one header is refused', async () => {
    const { status } = await world.ask('/v1/auth/jwks.json', { headers: { 'x-long': 'x'.repeat(9_000) } });
    expect(status).toBe(400);
    expect(world.reached).toEqual([]);
  });

  it('by all of them is refused', async () => {
    const headers = Object.fromEntries(
      Array.from({ length: 8 }, (_, index) => [`x-${index}`, 'x'.repeat(7_000)]),
    );
    expect((await world.ask('/v1/auth/jwks.json', { headers })).status).toBe(400);
    expect(world.reached).toEqual([]);
  });

  it('by its path is refused', async () => {
    expect((await world.ask(`/v1/auth/jwks.json?${'x'.repeat(9_000)}`)).status).toBe(414);
    expect(world.reached).toEqual([]);
  });

  it('still has room for the largest token', async () => {
    const authorization = `Bearer ${'x'.repeat(limits.maxAccessTokenBytes)}`;
    expect((await world.ask('/v1/auth/jwks.json', { headers: { authorization } })).status).toBe(200);
  });

  it('by a body without a length is cut at the bound', async () => {
    const plain = await NginxWorld.start();
    const socket = connectTcp(plain.nginx.port, '127.0.0.1');
    socket.on('error', () => {}); // it is cut while it writes
    const piece = Buffer.alloc(64 * 1024);
    socket.write('POST /v1/auth/register HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let sent = 0; sent <= limits.maxJsonBodyBytes; sent += piece.length)
      socket.write(Buffer.concat([Buffer.from('10000\r\n'), piece, Buffer.from('\r\n')]));
    expect(await allOf(socket)).toMatch(/^(HTTP\/1\.1 413 |$)/);
    expect(plain.reached).toEqual([]);
    await plain.stop();
  });
});

/** What comes until the other side ends the connection. */
function allOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    socket.once('close', () => resolve(text));
  });
}

describe('clients that take their time', () => {
  /** With some for a machine that does much else. */
  const endedWithinMs = 15_000;

  it('lose their connections, and nobody waits for them', async () => {
    const plain = await NginxWorld.start();
    const startedAt = performance.now();
    const open = (first: string): Socket => {
      const socket = connectTcp(plain.nginx.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(first);
      return socket;
    };
    const head = 'Host: localhost\r\n';
    const slow = [
      // One more byte of a header now and then; a body that never comes; nothing at all.
      ...Array.from({ length: 60 }, () => open(`GET / HTTP/1.1\r\n${head}X-Slow: `)),
      ...Array.from({ length: 20 }, () =>
        open(`POST /v1/auth/register HTTP/1.1\r\n${head}Content-Length: 1000\r\n\r\nx`),
      ),
      ...Array.from({ length: 20 }, () => open('')),
    ];
    const drip = setInterval(() => slow.slice(0, 60).forEach((socket) => void socket.write('x')), 500);
    const ended = Promise.all(slow.map(allOf));
    for (let asked = 0; asked < 20; asked++) {
      const before = performance.now();
      expect((await plain.ask('/v1/auth/jwks.json')).status).toBe(200);
      expect(performance.now() - before).toBeLessThan(1_000);
    }
    await ended;
    clearInterval(drip);
    expect(performance.now() - startedAt).toBeLessThan(endedWithinMs);
    expect(plain.reached.every(({ path }) => path === '/v1/auth/jwks.json')).toBe(true);
    await plain.stop();
  });
});

describe('one address', () => {
  const perAddress = { connections: 10, requestsPerSecond: 50 };
  const burst = 500;

  it('holds so many sockets at a time and no more; others are not touched, and a place that is free again counts', async () => {
    const bounded = await NginxWorld.start({ perAddress });
    const held = await Promise.all(Array.from({ length: perAddress.connections }, () => bounded.socket()));
    await expect(bounded.socket()).rejects.toThrow('answered 429');
    const refused = await bounded.ask('/v1/auth/jwks.json');
    expect(refused.status).toBe(429);
    expect((await bounded.ask('/v1/auth/jwks.json', { from: '127.0.0.2' })).status).toBe(200);
    held[0]?.stream.destroy();
    await until(async () => (await bounded.ask('/v1/auth/jwks.json')).status === 200);
    for (const { stream } of held) stream.destroy();
    await bounded.stop();
  });

  it('asks so much and no more, and is told when to come again; others are not touched', async () => {
    const bounded = await NginxWorld.start({ perAddress: { ...perAddress, connections: 1_000 } });
    const answers = await Promise.all(
      Array.from({ length: burst + 300 }, () => bounded.ask('/v1/auth/jwks.json')),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(burst);
    expect(refused.length).toBeGreaterThan(0);
    const { code, ...data } = JSON.parse(refused[0]?.body ?? '{}') as { readonly code: string };
    expect(problemFrom(code, data)).toMatchObject({ code: 'request/rate-limited', retryAfterMs: 1_000 });
    expect(refused[0]?.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    });
    expect((await bounded.ask('/v1/auth/jwks.json', { from: '127.0.0.2' })).status).toBe(200);
    await bounded.stop();
  });

  it('is the client’s own, by the word of a proxy that is believed, and not by its own', async () => {
    const behind = await NginxWorld.start({
      transport: { kind: 'tls-in-front' },
      proxiesInFront: ['127.0.0.0/8'],
      perAddress,
    });
    const as = (forwarded: string) => ({ headers: { 'x-forwarded-for': forwarded } });
    const held = await Promise.all(
      Array.from({ length: perAddress.connections }, (_, index) =>
        behind.socket({ 'x-forwarded-for': `198.51.100.${index}, 203.0.113.5` }),
      ),
    );
    expect((await behind.ask('/v1/auth/jwks.json', as('198.51.100.77, 203.0.113.5'))).status).toBe(429);
    expect((await behind.ask('/v1/auth/jwks.json', as('203.0.113.6'))).status).toBe(200);
    expect(behind.reached.at(-1)?.headers['x-forwarded-for']).toBe('203.0.113.6');
    for (const { stream } of held) stream.destroy();
    await behind.stop();
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!(await condition())) {
    expect(performance.now()).toBeLessThan(deadline);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
