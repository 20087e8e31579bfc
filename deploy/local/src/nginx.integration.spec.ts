/** What nginx answers by itself. Real: nginx, its configuration, the folder. */
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appHtml, appScript, NginxWorld, type Answer, type Asked } from './nginx-world.fixture.js';

let world: NginxWorld;
beforeAll(async () => {
  world = await NginxWorld.start();
});
afterAll(() => world.stop());

type Kind = {
  readonly kind: string;
  readonly path: string;
  readonly status: number;
  readonly asked?: Asked;
};
/** One of each kind of answer, so that none can lack a header that the others have. */
const pages: readonly Kind[] = [
  { kind: 'the start page', path: '/', status: 200 },
  { kind: 'a screen', path: '/c/0123', status: 200 },
  { kind: 'the document by its name', path: '/index.html', status: 200 },
  { kind: 'a hashed script', path: '/assets/app-1a2b3c4d.js', status: 200 },
  { kind: 'a hashed style', path: '/assets/app-5e6f7a8b.css', status: 200 },
  { kind: 'WebAssembly', path: '/assets/mls-9c0d1e2f.wasm', status: 200 },
  { kind: 'the service worker', path: '/sw.js', status: 200 },
  { kind: 'the manifest', path: '/manifest.webmanifest', status: 200 },
  {
    kind: 'a part of a file',
    path: '/assets/app-1a2b3c4d.js',
    status: 206,
    asked: { headers: { range: 'bytes=0-9' } },
  },
  { kind: 'a missing asset', path: '/assets/gone.js', status: 404 },
  { kind: 'a missing file', path: '/gone.png', status: 404 },
  { kind: 'a method that is not for files', path: '/', status: 405, asked: { method: 'POST' } },
];
const calls: readonly Kind[] = [
  { kind: 'an answer of a service', path: '/v1/auth/jwks.json', status: 200 },
  { kind: 'discovery', path: '/.well-known/cipherchat', status: 200 },
  { kind: 'an unknown call', path: '/v1/unknown', status: 404 },
  {
    kind: 'a body that is too large',
    path: '/v1/auth/register',
    status: 413,
    asked: { method: 'POST', body: new Uint8Array(1_048_577) },
  },
  { kind: 'a probe', path: '/healthz/live', status: 200 },
];

const policy = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'style-src': "'self'",
  'img-src': "'self' blob: data:",
  'media-src': "'self' blob:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'worker-src': "'self'",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
  'require-trusted-types-for': "'script'",
  'trusted-types': 'cipherchat-worker',
};

function policyOf({ headers }: Answer): unknown {
  const directives = String(headers['content-security-policy']).split('; ');
  return Object.fromEntries(
    directives.map((text) => [text.split(' ')[0], text.split(' ').slice(1).join(' ')]),
  );
}

describe('every answer', () => {
  it.each([...pages, ...calls])(
    'has the headers that hold for all: $kind',
    async ({ path, status, asked }) => {
      const answer = await world.ask(path, asked);
      expect(answer.status).toBe(status);
      expect(answer.headers).toMatchObject({
        'cross-origin-embedder-policy': 'require-corp',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        server: 'nginx',
      });
      // Not without TLS.
      expect(answer.headers).not.toHaveProperty('strict-transport-security');
    },
  );

  it.each(pages)('of the app has the strict policy: $kind', async ({ path, asked }) => {
    const answer = await world.ask(path, asked);
    expect(policyOf(answer)).toEqual(policy);
    expect(answer.headers['permissions-policy']).toMatch(
      /^camera=\(self\), clipboard-write=\(self\), publickey-credentials-create=\(self\), publickey-credentials-get=\(self\)(, [a-z-]+=\(\))+$/,
    );
  });

  it.each(calls)('of the API may not be shown, run or kept: $kind', async ({ path, asked }) => {
    const { headers } = await world.ask(path, asked);
    expect(headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers['cache-control']).toBe('no-store');
  });

  it('to what is no request at all has them too', async () => {
    const answer = await world.ask('/', { headers: { 'content-length': 'x' }, method: 'POST' });
    expect(answer.status).toBe(400);
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
  });
});

describe('the app', () => {
  it.each(['/', '/c/0123', '/settings/security', '/settings/', '/index.html'])(
    '%s is its document',
    async (path) => {
      const { status, headers, body } = await world.ask(path);
      expect([status, body]).toEqual([200, appHtml]);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(headers['cache-control']).toBe('no-cache');
    },
  );

  it.each([
    ['/sw.js', 'text/javascript; charset=utf-8'],
    ['/manifest.webmanifest', 'application/manifest+json; charset=utf-8'],
  ])('%s is asked for again each time, and not sent again', async (path, type) => {
    const { headers } = await world.ask(path);
    expect(headers['content-type']).toBe(type);
    expect(headers['cache-control']).toBe('no-cache');
    const again = await world.ask(path, { headers: { 'if-none-match': headers.etag ?? '' } });
    expect([again.status, again.body, again.headers['cache-control']]).toEqual([304, '', 'no-cache']);
  });

  it.each([
    ['/assets/app-1a2b3c4d.js', 'text/javascript; charset=utf-8'],
    ['/assets/app-5e6f7a8b.css', 'text/css; charset=utf-8'],
    ['/assets/mls-9c0d1e2f.wasm', 'application/wasm'],
  ])('%s is kept for a year', async (path, type) => {
    const { headers } = await world.ask(path);
    expect(headers['content-type']).toBe(type);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  });

  it('is sent as it was compressed at build time, to those who take that', async () => {
    const plain = await world.ask('/assets/app-1a2b3c4d.js');
    expect([plain.body, plain.headers['content-encoding']]).toEqual([appScript, undefined]);
    const packed = await world.ask('/assets/app-1a2b3c4d.js', { headers: { 'accept-encoding': 'gzip' } });
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    expect(gunzipSync(Buffer.from(packed.body, 'latin1')).toString()).toBe(appScript);
  });

  it.each([
    '/assets/gone.js',
    '/assets/',
    '/gone.png',
    '/.hidden.json',
    '/.git/config',
    '/.well-known/other',
  ])('%s is not there, and nobody remembers that', async (path) => {
    const { status, headers } = await world.ask(path);
    expect(status).toBe(404);
    expect(headers['cache-control']).toBe('no-store');
  });

  it.each([
    '/../outside.txt',
    '/assets/../../outside.txt',
    '/%2e%2e/outside.txt',
    '/assets/..%2f..%2foutside.txt',
    '/assets/%2e%2e/%2e%2e/outside.txt',
    '/..\\outside.txt',
    '//../outside.txt',
    '/assets/..;/..;/outside.txt',
    '/outside.txt%00.js',
  ])('%s leads to nothing outside of the folder', async (path) => {
    const { status, body } = await world.ask(path);
    expect([400, 404]).toContain(status);
    expect(body).not.toContain('outside');
  });
});
