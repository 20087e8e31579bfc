/**
 * Access over HTTP with real tokens, a real JWKS endpoint and real NATS of this file's own. What auth does
 * (keys, revocations) is played by this file, so that it can also misbehave.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { z } from 'zod';
import {
  encode,
  idFromRandom,
  queueGroups,
  revocation,
  revocationsQuery,
  revocationsResult,
  subjects,
  type DeviceId,
  type Revocation,
  type Route,
  type SessionId,
  type UserId,
} from '@cipherchat/protocol';
import { startNats, startRedis, type RunningServer } from '@cipherchat/test-kit';
import { AccessModule } from './access.module.js';
import { accessTokenLifetimeMs, signAccessToken } from './access-token.js';
import { systemRandomBytes } from './clock.js';
import { Nats } from './nats.js';
import { NatsModule } from './nats.module.js';
import type { Limiter } from './rate-limiter.js';
import { RedisModule } from './redis.module.js';
import { Revocations } from './revocations.js';
import { CurrentDevice, RouteOf, type ResponseOf } from './route-of.js';
import { createService, type RunningService } from './service.js';
import { accessVariables, natsVariables, redisVariables } from './variables.js';

jest.setTimeout(30_000); // a machine that does much else at once

const route = <const R extends Route>(definition: R): R => definition;
const whoAmI = route({
  method: 'GET',
  path: '/v1/me',
  summary: '',
  access: 'device',
  response: z.object({ user: z.string(), device: z.string(), session: z.string(), role: z.string() }),
  problems: [],
});
const adminOnly = route({ method: 'POST', path: '/v1/admin', summary: '', access: 'admin', problems: [] });
const limited = route({ method: 'POST', path: '/v1/limited', summary: '', access: 'device', problems: [] });
const limitedPublic = route({
  method: 'POST',
  path: '/v1/limited-public',
  summary: '',
  access: 'public',
  problems: [],
});
const threePerDevice: Limiter = {
  name: 'claim-pair',
  burst: 3,
  perMinute: 1,
  whenRedisFails: 'open',
  per: 'device',
};
const threePerAddress: Limiter = {
  name: 'auth-refresh',
  burst: 3,
  perMinute: 1,
  whenRedisFails: 'open',
  per: 'address',
};

@Controller()
class TestController {
  @RouteOf(whoAmI)
  me(@CurrentDevice() caller: CurrentDevice): ResponseOf<typeof whoAmI> {
    return caller;
  }

  @RouteOf(adminOnly)
  admin(): void {}

  @RouteOf(limited, { limiters: [threePerDevice] })
  limited(): void {}

  @RouteOf(limitedPublic, { limiters: [threePerAddress] })
  limitedPublic(): void {}
}

@Module({ imports: [NatsModule, RedisModule, AccessModule.remote()], controllers: [TestController] })
class TestModule {}

type SigningKey = { readonly privateKey: CryptoKey; readonly keyId: string; readonly jwk: JWK };

const hourMs = 3_600_000;
let nowMs = 1_800_000_000_000;
const logged: string[] = [];
const keys: JWK[] = [];
const recorded: Revocation[] = [];
let keysAnswer = 200;
let keysRequests = 0;
let keysServer: Server;
let nats: RunningServer;
let redis: RunningServer;
let service: RunningService;
let key: SigningKey;

async function newKey(keyId: string): Promise<SigningKey> {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  return {
    privateKey: pair.privateKey,
    keyId,
    jwk: { ...(await exportJWK(pair.publicKey)), kid: keyId, alg: 'EdDSA', use: 'sig' },
  };
}

const newCaller = (): CurrentDevice => ({
  user: idFromRandom<UserId>(systemRandomBytes),
  device: idFromRandom<DeviceId>(systemRandomBytes),
  session: idFromRandom<SessionId>(systemRandomBytes),
  role: 'member',
});
const tokenFor = async (caller: CurrentDevice, by: SigningKey = key): Promise<string> =>
  (await signAccessToken({ caller, key: by.privateKey, keyId: by.keyId, nowMs })).accessToken;
const call = (token: string | undefined, path = '/v1/me', method = 'GET'): Promise<Response> =>
  fetch(`${service.url}${path}`, {
    method,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
const codeOf = async (response: Response): Promise<unknown> =>
  response.status < 300 ? response.status : ((await response.json()) as { code: unknown }).code;

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 10_000; !(await condition());) {
    if (Date.now() > deadline) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

beforeAll(async () => {
  [nats, redis, key] = await Promise.all([startNats(), startRedis(), newKey('first')]);
  keys.push(key.jwk);
  keysServer = createServer((_request, response) => {
    keysRequests++;
    response.writeHead(keysAnswer, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => keysServer.listen(0, '127.0.0.1', resolve));
  service = await createService(
    {
      name: 'test',
      variables: { ...natsVariables, ...redisVariables, ...accessVariables },
      module: TestModule,
    },
    {
      environment: {
        PORT: '0',
        NATS_URL: nats.url,
        REDIS_URL: redis.url,
        AUTH_JWKS_URL: `http://127.0.0.1:${(keysServer.address() as AddressInfo).port}/jwks.json`,
        LOG_LEVEL: 'trace',
      },
      clock: { nowMs: () => nowMs },
      logDestination: { write: (line) => void logged.push(line) },
    },
  );
  service.application.get(Nats).serve({
    subject: subjects.revocations,
    queue: queueGroups.auth,
    question: revocationsQuery,
    answer: revocationsResult,
    handle: ({ after, sinceMs }) => ({
      revocations: recorded.filter((entry) => entry.order > after && entry.atMs >= sinceMs).slice(0, 1_000),
    }),
  });
});
afterAll(async () => {
  await service.stop();
  await Promise.all([nats.stop(), redis.stop(), new Promise((resolve) => keysServer.close(resolve))]);
});
afterEach(() => {
  nowMs += hourMs; // beyond every token and revocation of the test before
});

describe('an access token', () => {
  it('says who calls', async () => {
    const caller = newCaller();
    const response = await call(await tokenFor(caller));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(caller);
  });

  it('is valid for its lifetime and a few seconds of clock difference, no longer', async () => {
    const token = await tokenFor(newCaller());
    nowMs += accessTokenLifetimeMs + 4_000;
    expect(await codeOf(await call(token))).toBe(200);
    nowMs += 2_000;
    expect(await codeOf(await call(token))).toBe('auth/unauthenticated');
  });

  it.each([undefined, '', 'x', 'a.b.c', 'a'.repeat(10_000), '..', 'eyJhbGciOiJub25lIn0.e30.'])(
    'is not %p',
    async (token) => {
      expect(await codeOf(await call(token))).toBe('auth/unauthenticated');
    },
  );

  it('of another key, another kind, another audience or another algorithm is refused', async () => {
    const caller = newCaller();
    const stranger = await newKey('first');
    expect(await codeOf(await call(await tokenFor(caller, stranger)))).toBe('auth/unauthenticated');
    const forge = (change: {
      readonly typ?: string;
      readonly aud?: string;
      readonly iss?: string;
    }): Promise<string> =>
      new SignJWT({ did: caller.device, sid: caller.session, role: 'admin' })
        .setProtectedHeader({ alg: 'EdDSA', typ: change.typ ?? 'at+jwt', kid: 'first' })
        .setSubject(caller.user)
        .setIssuer(change.iss ?? 'cipherchat')
        .setAudience(change.aud ?? 'cipherchat')
        .setIssuedAt(nowMs / 1_000)
        .setExpirationTime(nowMs / 1_000 + 60)
        .sign(key.privateKey);
    expect(await codeOf(await call(await forge({})))).toBe(200);
    for (const change of [{ typ: 'JWT' }, { aud: 'other' }, { iss: 'other' }])
      expect(await codeOf(await call(await forge(change)))).toBe('auth/unauthenticated');
    const hmac = await new SignJWT({ did: caller.device, sid: caller.session, role: 'admin' })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'first' })
      .setSubject(caller.user)
      .setIssuer('cipherchat')
      .setAudience('cipherchat')
      .setIssuedAt(nowMs / 1_000)
      .setExpirationTime(nowMs / 1_000 + 60)
      .sign(new TextEncoder().encode(JSON.stringify(key.jwk)));
    expect(await codeOf(await call(hmac))).toBe('auth/unauthenticated');
  });

  it('with a flipped bit anywhere is refused', async () => {
    const token = await tokenFor(newCaller());
    for (let index = 0; index < token.length; index += 37) {
      const flipped = `${token.slice(0, index)}${token[index] === 'A' ? 'B' : 'A'}${token.slice(index + 1)}`;
      expect(await codeOf(await call(flipped))).toBe('auth/unauthenticated');
    }
  });

  it('of a member does not open what is for administrators', async () => {
    const caller = newCaller();
    expect(await codeOf(await call(await tokenFor(caller), '/v1/admin', 'POST'))).toBe('auth/forbidden');
    expect(await codeOf(await call(await tokenFor({ ...caller, role: 'admin' }), '/v1/admin', 'POST'))).toBe(
      204,
    );
  });
});

describe('limits', () => {
  it('per device hold for one device and not for another', async () => {
    const [one, other] = [await tokenFor(newCaller()), await tokenFor(newCaller())];
    for (let count = 0; count < 3; count++)
      expect(await codeOf(await call(one, '/v1/limited', 'POST'))).toBe(204);
    expect(await codeOf(await call(one, '/v1/limited', 'POST'))).toBe('request/rate-limited');
    expect(await codeOf(await call(other, '/v1/limited', 'POST'))).toBe(204);
  });

  it('per address hold without a token', async () => {
    const codes = [];
    for (let count = 0; count < 4; count++)
      codes.push(await codeOf(await call(undefined, '/v1/limited-public', 'POST')));
    expect(codes).toEqual([204, 204, 204, 'request/rate-limited']);
  });
});

describe('a revocation', () => {
  const published = (entry: Revocation): void =>
    service.application.get(Nats).publish(subjects.revoked, encode(revocation, entry));
  const noSession = '00000000-0000-0000-0000-000000000000' as SessionId;

  it('that is published closes a device at once, in every session, and tells listeners once', async () => {
    const caller = newCaller();
    const told: Revocation[] = [];
    const stop = service.application.get(Revocations).onRevoked((entry) => void told.push(entry));
    const entry: Revocation = {
      order: 1,
      kind: 'device',
      user: caller.user,
      device: caller.device,
      session: noSession,
      atMs: nowMs,
    };
    published(entry);
    recorded.push(entry);
    const token = await tokenFor(caller);
    await until(async () => (await codeOf(await call(token))) === 'auth/device-revoked');
    expect(await codeOf(await call(await tokenFor({ ...caller, session: newCaller().session })))).toBe(
      'auth/device-revoked',
    );
    await service.application.get(Revocations).poll();
    expect(told).toEqual([entry]);
    stop();
  });

  it('whose notice was lost is found by polling; many pages are read', async () => {
    const caller = newCaller();
    for (let order = 2; order <= 2_500; order++) {
      recorded.push({
        order,
        kind: 'session',
        user: caller.user,
        device: caller.device,
        session: newCaller().session,
        atMs: nowMs,
      });
    }
    recorded.push({
      order: 2_501,
      kind: 'session',
      user: caller.user,
      device: caller.device,
      session: caller.session,
      atMs: nowMs,
    });
    expect(await codeOf(await call(await tokenFor(caller)))).toBe(200);
    await service.application.get(Revocations).poll();
    expect(await codeOf(await call(await tokenFor(caller)))).toBe('auth/unauthenticated');
    expect(await codeOf(await call(await tokenFor({ ...caller, session: newCaller().session })))).toBe(200);
  });

  it('is forgotten when every token from before it has expired', async () => {
    const caller = newCaller();
    recorded.push({
      order: 3_000,
      kind: 'session',
      user: caller.user,
      device: caller.device,
      session: caller.session,
      atMs: nowMs,
    });
    const revocations = service.application.get(Revocations);
    await revocations.poll();
    expect(revocations.stateOf(caller)).toBe('session-ended');
    nowMs += accessTokenLifetimeMs + 60_000;
    await revocations.poll();
    expect(revocations.stateOf(caller)).toBe('active');
  });

  it('that is malformed changes nothing', async () => {
    const caller = newCaller();
    service.application.get(Nats).publish(subjects.revoked, new Uint8Array(5));
    await until(() =>
      logged.some((line) => line.includes('MalformedError') && line.includes(subjects.revoked)),
    );
    expect(await codeOf(await call(await tokenFor(caller)))).toBe(200);
  });
});

describe('key rotation', () => {
  it('fetches the keys again for an unknown key id, and accepts both keys meanwhile', async () => {
    const second = await newKey('second');
    keys.push(second.jwk);
    const caller = newCaller();
    // jose waits between two fetches by the system's clock.
    await until(async () => (await codeOf(await call(await tokenFor(caller, second)))) === 200);
    expect(await codeOf(await call(await tokenFor(caller)))).toBe(200);
    expect(keysRequests).toBeGreaterThan(1);
  }, 20_000);

  it('that cannot fetch keys says unavailable, not unauthenticated', async () => {
    keysAnswer = 500;
    const third = await newKey('third');
    await until(
      async () => (await codeOf(await call(await tokenFor(newCaller(), third)))) === 'service/unavailable',
    );
    expect(await codeOf(await call(await tokenFor(newCaller())))).toBe(200);
    keysAnswer = 200;
  }, 20_000);
});

it('nothing that a caller sent is in the log', () => {
  expect(logged.length).toBeGreaterThan(50);
  expect(logged.join('')).not.toMatch(/eyJ|[0-9a-f]{8}-[0-9a-f]{4}-/);
});
