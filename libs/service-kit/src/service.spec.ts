/** A real HTTP server on a free port, with routes of our own; no other dependency. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Ip, Module, Param, Query } from '@nestjs/common';
import { connect } from 'node:net';
import { z } from 'zod';
import { binaryMediaType, limits, problem, type Route } from '@cipherchat/protocol';
import { RouteOf, type QueryOf, type RequestOf, type ResponseOf } from './route-of.js';
import { createService, type RunningService } from './service.js';

const route = <const R extends Route>(definition: R): R => definition;
const base = { summary: '', access: 'public', problems: [] } as const;
const bytes = z.codec(
  z.string(),
  z.custom<Uint8Array>((value) => value instanceof Uint8Array),
  {
    decode: (text) => new TextEncoder().encode(text),
    encode: (value) => new TextDecoder().decode(value),
  },
);
const routes = {
  echo: route({
    ...base,
    method: 'POST',
    path: '/v1/echo',
    request: z.object({ text: bytes, count: z.number() }),
    response: z.object({ text: bytes }),
  }),
  search: route({
    ...base,
    method: 'GET',
    path: '/v1/search',
    query: z.object({ after: z.coerce.number() }),
    response: z.object({ after: z.number() }),
  }),
  device: route({
    ...base,
    method: 'GET',
    path: '/v1/auth/devices/:device',
    response: z.object({ device: z.string() }),
  }),
  binary: route({
    ...base,
    method: 'POST',
    path: '/v1/binary',
    requestBinary: 'anything',
    responseBinary: 'the same',
  }),
  nothing: route({ ...base, method: 'DELETE', path: '/v1/nothing' }),
  refusing: route({ ...base, method: 'POST', path: '/v1/refusing' }),
  broken: route({ ...base, method: 'GET', path: '/v1/broken' }),
  slow: route({ ...base, method: 'GET', path: '/v1/slow', response: z.object({ done: z.boolean() }) }),
  address: route({
    ...base,
    method: 'GET',
    path: '/v1/address',
    response: z.object({ address: z.string() }),
  }),
  guarded: route({ ...base, access: 'device', method: 'GET', path: '/v1/guarded' }),
};

const canary = 'canary-7f3a9c';
let releaseSlow: () => void = () => {};
let slowArrived: () => void = () => {};
const slowHasArrived = new Promise<void>((resolve) => (slowArrived = resolve));

@Controller()
class TestController {
  @RouteOf(routes.echo)
  echo(@Body() body: RequestOf<typeof routes.echo>): ResponseOf<typeof routes.echo> {
    return { text: body.text };
  }

  @RouteOf(routes.search)
  search(@Query() query: QueryOf<typeof routes.search>): ResponseOf<typeof routes.search> {
    return query;
  }

  @RouteOf(routes.device)
  device(@Param('device') device: string): ResponseOf<typeof routes.device> {
    return { device };
  }

  @RouteOf(routes.binary, { maxBodyBytes: 64 })
  binary(@Body() body: Uint8Array): Uint8Array {
    return body;
  }

  @RouteOf(routes.nothing)
  nothing(): void {}

  @RouteOf(routes.refusing)
  refusing(): void {
    throw problem('request/rate-limited', { retryAfterMs: 1_500 });
  }

  @RouteOf(routes.broken)
  broken(): void {
    throw new Error(`a bug that quotes ${canary}`);
  }

  @RouteOf(routes.slow)
  async slow(): Promise<ResponseOf<typeof routes.slow>> {
    slowArrived();
    await new Promise<void>((resolve) => (releaseSlow = resolve));
    return { done: true };
  }

  @RouteOf(routes.address)
  address(@Ip() address: string): ResponseOf<typeof routes.address> {
    return { address };
  }

  @RouteOf(routes.guarded)
  guarded(): void {}
}

@Module({ controllers: [TestController] })
class TestModule {}

const logged: string[] = [];
let service: RunningService;

const start = (more: Readonly<Record<string, string>> = {}): Promise<RunningService> =>
  createService(
    { name: 'test', variables: {}, module: TestModule },
    {
      environment: {
        PORT: '0',
        LOG_LEVEL: 'trace',
        DRAIN_TIMEOUT_MS: '5000',
        ALLOWED_ORIGINS: 'https://chat.example',
        ...more,
      },
      logDestination: { write: (line) => void logged.push(line) },
    },
  );

const send = (
  method: string,
  path: string,
  body?: { readonly type: string; readonly data: string | Uint8Array<ArrayBuffer> },
): Promise<Response> =>
  fetch(`${service.url}${path}`, {
    method,
    ...(body === undefined ? {} : { body: body.data, headers: { 'content-type': body.type } }),
  });
const json = (data: unknown) => ({ type: 'application/json', data: JSON.stringify(data) });

beforeAll(async () => {
  service = await start();
});
afterAll(async () => {
  await service.stop();
});

describe('a route', () => {
  it('decodes the body by the request schema and encodes the answer by the response schema', async () => {
    const response = await send('POST', '/v1/echo', json({ text: 'été', count: 1 }));
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({ text: 'été' });
  });

  it('refuses a body that does not fit, naming the place and not the value', async () => {
    const response = await send('POST', '/v1/echo', json({ text: 'a', count: canary }));
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const body = await response.text();
    expect(JSON.parse(body)).toMatchObject({
      code: 'request/malformed',
      at: 'body.count',
      type: 'urn:cipherchat:problem:request/malformed',
    });
    expect(body).not.toContain(canary);
  });

  it.each([
    ['text that is no JSON', { type: 'application/json', data: '{' }, 'body'],
    ['bytes that are no UTF-8', { type: 'application/json', data: new Uint8Array([0xff, 0xfe]) }, 'body'],
    ['another media type', { type: 'text/plain', data: '{}' }, 'content-type'],
  ])('refuses %s', async (_name, body, at) => {
    const response = await send('POST', '/v1/echo', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'request/malformed', at });
  });

  it('refuses a JSON body over the limit', async () => {
    const response = await send('POST', '/v1/echo', {
      type: 'application/json',
      data: ' '.repeat(limits.maxJsonBodyBytes + 1),
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({
      code: 'request/too-large',
      maxBytes: limits.maxJsonBodyBytes,
    });
  });

  it('refuses a body without a declared length as soon as it passes the limit', async () => {
    const chunks = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(32)),
    });
    const response = await fetch(`${service.url}/v1/binary`, {
      method: 'POST',
      body: chunks,
      headers: { 'content-type': binaryMediaType },
      duplex: 'half',
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'request/too-large', maxBytes: 64 });
  });

  it('carries binary bodies untouched, both ways', async () => {
    const data = Uint8Array.from([0, 255, 10, 13, 0, 128]);
    const response = await send('POST', '/v1/binary', { type: binaryMediaType, data });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(binaryMediaType);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(data);
  });

  it('parses the query, and refuses one that does not fit', async () => {
    expect(await (await send('GET', '/v1/search?after=7')).json()).toEqual({ after: 7 });
    expect(await (await send('GET', '/v1/search?after=x')).json()).toMatchObject({
      code: 'request/malformed',
      at: 'query.after',
    });
  });

  it('lets only ids pass as ids of the path', async () => {
    const device = '0123abcd-0000-4000-8000-00000000abcd';
    expect(await (await send('GET', `/v1/auth/devices/${device}`)).json()).toEqual({ device });
    for (const wrong of ['x', device.toUpperCase(), `${device}0`]) {
      expect(await (await send('GET', `/v1/auth/devices/${wrong}`)).json()).toMatchObject({
        code: 'request/malformed',
        at: 'path.device',
      });
    }
  });

  it('answers 204 when there is nothing to say', async () => {
    const response = await send('DELETE', '/v1/nothing');
    expect(response.status).toBe(204);
    expect(await response.text()).toBe('');
  });

  it('says when to come back', async () => {
    const response = await send('POST', '/v1/refusing');
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(await response.json()).toMatchObject({ code: 'request/rate-limited', retryAfterMs: 1_500 });
  });

  it('is a problem of the catalogue where there is no route', async () => {
    const response = await send('GET', `/v1/unknown/${canary}`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'request/not-found' });
  });

  it('answers a path that cannot be decoded', async () => {
    expect((await send('GET', '/v1/auth/devices/%ff')).status).toBe(400);
  });
});

describe('an unexpected error', () => {
  it('is answered without a word of it, counted, and logged without its message', async () => {
    const response = await send('GET', '/v1/broken');
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ code: 'service/internal' });
    const line = logged.find(
      (entry) => entry.includes('service.unexpected-error') && entry.includes('/v1/broken'),
    );
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      errorName: 'Error',
      route: '/v1/broken',
      method: 'GET',
      level: 'error',
    });
    expect((JSON.parse(line ?? '{}') as { stack: string[] }).stack.length).toBeGreaterThan(0);
    const exposition = await (await send('GET', '/metrics')).text();
    expect(exposition).toMatch(
      /cipherchat_events_total\{event="service.unexpected-error",service="test"\} 1/,
    );
  });

  it('is what a route without the modules it needs gives', async () => {
    expect((await send('GET', '/v1/guarded')).status).toBe(500);
  });
});

describe('logs and metrics', () => {
  it('hold route templates and no value of any request', async () => {
    await send('GET', `/v1/auth/devices/0123abcd-0000-4000-8000-00000000abcd?secret=${canary}`);
    await fetch(`${service.url}/v1/search?after=1`, { method: 'PATCH' });
    const answer = await send('GET', '/metrics');
    expect(answer.headers.get('content-type')).toBe(
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    );
    const exposition = await answer.text();
    expect(exposition).toContain('route="/v1/auth/devices/:device"');
    expect(exposition).toContain('route="unmatched"');
    for (const text of [exposition, logged.join('')]) {
      expect(text).not.toContain(canary);
      expect(text).not.toContain('0123abcd');
      expect(text).not.toContain('PATCH');
    }
  });
});

describe('browsers', () => {
  it('of an allowed origin may call, others are not told that they may', async () => {
    const preflight = (origin: string): Promise<Response> =>
      fetch(`${service.url}/v1/echo`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    expect((await preflight('https://chat.example')).headers.get('access-control-allow-origin')).toBe(
      'https://chat.example',
    );
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('behind a proxy', () => {
  const seenBy = async ({ url }: RunningService, forwardedFor: string): Promise<unknown> => {
    const response = await fetch(`${url}/v1/address`, { headers: { 'x-forwarded-for': forwardedFor } });
    return ((await response.json()) as { readonly address: string }).address;
  };

  it('a request is of the address that a trusted one saw, and of none that anybody else names', async () => {
    const behind = await start({ TRUSTED_PROXIES: '127.0.0.1, ::1' });
    expect(await seenBy(behind, '203.0.113.7')).toBe('203.0.113.7');
    expect(await seenBy(behind, '198.51.100.1, 203.0.113.7')).toBe('203.0.113.7');
    await behind.stop();
    expect(await seenBy(service, '203.0.113.7')).toBe('127.0.0.1');
    const elsewhere = await start({ TRUSTED_PROXIES: '10.0.0.0/8' });
    expect(await seenBy(elsewhere, '203.0.113.7')).toBe('127.0.0.1');
    await elsewhere.stop();
  });
});

describe('draining', () => {
  it('finishes requests in flight, refuses new connections, and says not ready meanwhile', async () => {
    const draining = await start();
    const { port } = new URL(draining.url);
    expect((await fetch(`${draining.url}/healthz/live`)).status).toBe(200);
    expect((await fetch(`${draining.url}/healthz/ready`)).status).toBe(200);
    const inFlight = fetch(`${draining.url}/v1/slow`);
    await slowHasArrived;
    const stopped = draining.stop();
    let refused = false;
    for (const deadline = Date.now() + 5_000; !refused && Date.now() < deadline;)
      refused = await isRefused(Number(port));
    expect(refused).toBe(true);
    releaseSlow();
    const response = await inFlight;
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ done: true });
    await stopped;
  });
});

function isRefused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}
