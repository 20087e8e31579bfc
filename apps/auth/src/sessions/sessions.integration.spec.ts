/** Real Postgres, Redis and NATS; the key directory is played by testing/key-directory.ts. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { authRoutes, bytesToBase64url, idFromRandom, type SessionId } from '@cipherchat/protocol';
import { Nats, Revocations, systemRandomBytes } from '@cipherchat/service-kit';
import { ScrapedMetrics } from '@cipherchat/test-kit';
import { AuthWorld } from '../testing/auth-world.js';
import { until } from '../testing/waiting.js';
import { newDevice, newKeyPair, proofOf, refreshSignature } from '../testing/identity.js';

let world: AuthWorld;

beforeAll(async () => {
  world = await AuthWorld.start();
});
afterAll(() => world.stop());

const dayMs = 86_400_000;

describe('signing in', () => {
  it('gives a new session; the one before can no longer be renewed', async () => {
    const { account, tokens } = await world.person();
    const { status, body } = await world.signIn(account.device);
    expect(status).toBe(200);
    expect(body).toMatchObject({ user: account.user, device: account.device.device });
    expect(body.session).not.toBe(tokens.session);
    expect((await world.refresh({ device: account.device, refreshToken: tokens.refreshToken })).code).toBe(
      'auth/refresh-invalid',
    );
    expect((await world.refresh({ device: account.device, refreshToken: body.refreshToken })).status).toBe(
      200,
    );
  });

  it('tells nothing of whether a device is known', async () => {
    const { account } = await world.person();
    const stranger = newDevice();
    const [known, unknown] = [
      await world.call(authRoutes.createChallenge, { body: { device: account.device.device } }),
      await world.call(authRoutes.createChallenge, { body: { device: stranger.device } }),
    ];
    expect([known.status, known.body.challenge.length]).toEqual([
      unknown.status,
      unknown.body.challenge.length,
    ]);
    const impostor = { ...account.device, leaf: stranger.leaf };
    const [wrongKey, noDevice] = [await world.signIn(impostor), await world.signIn(stranger)];
    expect(wrongKey.problem).toEqual(noDevice.problem);
    expect(wrongKey.code).toBe('auth/signature-invalid');
  });

  it('takes a challenge once, and one that lives for a minute', async () => {
    const { account } = await world.person();
    const { body } = await world.call(authRoutes.createChallenge, {
      body: { device: account.device.device },
    });
    const lifetimeMs = await world.redis.pttl(`challenge:${bytesToBase64url(body.challenge)}`);
    expect(lifetimeMs).toBeGreaterThan(50_000);
    expect(lifetimeMs).toBeLessThanOrEqual(60_000);
    expect(Math.abs(body.expiresAtMs - Date.now() - lifetimeMs)).toBeLessThan(5_000);
    const proof = proofOf({ device: account.device, challenge: body.challenge });
    const answers = await Promise.all([1, 2, 3].map(() => world.call(authRoutes.signIn, { body: proof })));
    expect(answers.map(({ code }) => code).sort()).toEqual([
      'auth/challenge-unknown',
      'auth/challenge-unknown',
      undefined,
    ]);
  });

  it('at the same time twice leaves one living session', async () => {
    const { account } = await world.person();
    const answers = await Promise.all([
      world.signIn(account.device),
      world.signIn(account.device),
      world.signIn(account.device),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(
      await world.prisma.session.count({ where: { deviceId: account.device.device, endedAt: null } }),
    ).toBe(1);
  });

  it('is unavailable without Redis, and nothing breaks', async () => {
    const other = await AuthWorld.start();
    try {
      const { account, tokens } = await other.person();
      other.redis.disconnect();
      expect(
        (await other.call(authRoutes.createChallenge, { body: { device: account.device.device } })).code,
      ).toBe('service/unavailable');
      expect(
        (await other.refresh({ device: account.device, refreshToken: tokens.refreshToken })).status,
      ).toBe(200);
      expect((await other.whoAmI(tokens.accessToken)).status).toBe(200);
    } finally {
      await other.stop();
    }
  });
});

describe('a refresh token', () => {
  it('works once and gives the next one of the same session', async () => {
    const { account, tokens } = await world.person();
    const { status, body } = await world.refresh({
      device: account.device,
      refreshToken: tokens.refreshToken,
    });
    expect(status).toBe(200);
    expect(body.session).toBe(tokens.session);
    expect(body.refreshToken).not.toBe(tokens.refreshToken);
    expect((await world.whoAmI(body.accessToken)).status).toBe(200);
  });

  it('that is used twice ends the session: the second use, the newer token and the access tokens are all refused', async () => {
    const { account, tokens } = await world.person();
    const { device } = account;
    const { body: next } = await world.refresh({ device, refreshToken: tokens.refreshToken });
    expect((await world.refresh({ device, refreshToken: tokens.refreshToken })).code).toBe(
      'auth/refresh-reused',
    );
    expect((await world.refresh({ device, refreshToken: next.refreshToken })).code).toBe(
      'auth/refresh-invalid',
    );
    await until(async () => (await world.whoAmI(next.accessToken)).code === 'auth/unauthenticated');
    await until(() =>
      world.published.some((entry) => entry.kind === 'session' && entry.session === tokens.session),
    );
    expect((await world.signIn(device)).status).toBe(200);
  });

  it('that two use at once goes to one; the other is taken for a copy, and signing in again helps', async () => {
    const { account, tokens } = await world.person();
    const { device } = account;
    const answers = await Promise.all(
      [1, 2].map(() => world.refresh({ device, refreshToken: tokens.refreshToken })),
    );
    expect(answers.map(({ code }) => code).sort()).toEqual(['auth/refresh-reused', undefined]);
    expect(await world.prisma.session.count({ where: { deviceId: device.device, endedAt: null } })).toBe(0);
    expect((await world.signIn(device)).status).toBe(200);
  });

  it('is no good without the key of its device, and such an attempt ends nothing', async () => {
    const { account, tokens } = await world.person();
    const { device } = account;
    const thief = { ...device, leaf: newKeyPair() };
    expect((await world.refresh({ device: thief, refreshToken: tokens.refreshToken })).code).toBe(
      'auth/signature-invalid',
    );
    const other = newDevice();
    expect(
      (
        await world.call(authRoutes.refresh, {
          body: {
            refreshToken: tokens.refreshToken,
            signature: refreshSignature({ device: other, refreshToken: tokens.refreshToken }),
          },
        })
      ).code,
    ).toBe('auth/signature-invalid');
    const oldWithoutKey = `${tokens.session}.${bytesToBase64url(systemRandomBytes(32))}`;
    expect((await world.refresh({ device: thief, refreshToken: oldWithoutKey })).code).toBe(
      'auth/signature-invalid',
    );
    expect((await world.refresh({ device, refreshToken: tokens.refreshToken })).status).toBe(200);
  });

  it.each([
    'x'.repeat(16),
    '00000000-0000-4000-8000-000000000000',
    'a.b.c.d.e.f.g.h.i.j',
    '00000000-0000-4000-8000-000000000000.x',
    `${idFromRandom<SessionId>(systemRandomBytes)}.AAAA`,
  ])('is not %s', async (refreshToken) => {
    expect((await world.refresh({ device: newDevice(), refreshToken })).code).toBe('auth/refresh-invalid');
  });

  it('expires after thirty days away', async () => {
    const { account, tokens } = await world.person();
    const { device } = account;
    world.passMs(29 * dayMs);
    const { status, body } = await world.refresh({ device, refreshToken: tokens.refreshToken });
    expect(status).toBe(200);
    world.passMs(31 * dayMs);
    expect((await world.refresh({ device, refreshToken: body.refreshToken })).code).toBe(
      'auth/refresh-invalid',
    );
    await world.housekeep();
    expect(await world.prisma.session.count({ where: { sessionId: tokens.session } })).toBe(0);
    expect((await world.refresh({ device, refreshToken: body.refreshToken })).code).toBe(
      'auth/refresh-invalid',
    );
  });

  it('of a removed device or a disabled user says so, to the device that proves itself', async () => {
    const { account, tokens } = await world.person();
    await world.prisma.account.update({ where: { userId: account.user }, data: { state: 'disabled' } });
    expect((await world.refresh({ device: account.device, refreshToken: tokens.refreshToken })).code).toBe(
      'auth/user-disabled',
    );
    expect((await world.signIn(account.device)).code).toBe('auth/user-disabled');
    await world.prisma.account.update({ where: { userId: account.user }, data: { state: 'active' } });
    await world.call(authRoutes.revokeDevice, {
      token: tokens.accessToken,
      path: { device: account.device.device },
    });
    expect((await world.refresh({ device: account.device, refreshToken: tokens.refreshToken })).code).toBe(
      'auth/device-revoked',
    );
    expect((await world.signIn(account.device)).code).toBe('auth/device-revoked');
  });
});

describe('signing out', () => {
  it('ends this session for good and leaves the device', async () => {
    const { account, tokens } = await world.person();
    expect((await world.call(authRoutes.signOut, { token: tokens.accessToken })).status).toBe(204);
    await until(async () => (await world.whoAmI(tokens.accessToken)).code === 'auth/unauthenticated');
    expect((await world.refresh({ device: account.device, refreshToken: tokens.refreshToken })).code).toBe(
      'auth/refresh-invalid',
    );
    await until(() => world.published.some(({ session }) => session === tokens.session));
    const again = await world.signIn(account.device);
    expect((await world.whoAmI(again.body.accessToken)).status).toBe(200);
  });

  it('reaches the guard by polling when the notice is lost', async () => {
    const { tokens } = await world.person();
    const nats = world.service.application.get(Nats);
    const publish = nats.publish.bind(nats);
    nats.publish = () => {};
    await world.call(authRoutes.signOut, { token: tokens.accessToken });
    nats.publish = publish;
    expect((await world.whoAmI(tokens.accessToken)).status).toBe(200);
    await world.service.application.get(Revocations).poll();
    expect((await world.whoAmI(tokens.accessToken)).code).toBe('auth/unauthenticated');
  });
});

it('what becomes of sessions is counted, and of nobody whose', async () => {
  const before = await ScrapedMetrics.of(world.service);
  const { account, tokens } = await world.person();
  const { device } = account;
  const thief = { ...device, leaf: newKeyPair() };
  await world.refresh({ device, refreshToken: tokens.refreshToken });
  await world.refresh({ device: thief, refreshToken: tokens.refreshToken });
  await world.refresh({ device, refreshToken: tokens.refreshToken });
  await world.refresh({ device, refreshToken: tokens.refreshToken });
  await world.signIn(device);
  await world.signIn(thief);
  const after = await ScrapedMetrics.of(world.service);
  const grown = (name: string, labels: Readonly<Record<string, string>>): number =>
    after.sum(`cipherchat_${name}`, labels) - before.sum(`cipherchat_${name}`, labels);
  for (const outcome of ['rotated', 'signature-invalid', 'reused', 'invalid'])
    expect([outcome, grown('refreshes_total', { outcome })]).toEqual([outcome, 1]);
  for (const outcome of ['accepted', 'refused']) expect(grown('sign_ins_total', { outcome })).toBe(1);
  expect(grown('revocations_total', { kind: 'session' })).toBe(1);
  expect(grown('events_total', { event: 'auth.registered' })).toBe(1);
  for (const secret of [account.user, device.device, account.username, tokens.session, tokens.refreshToken])
    expect(after.text).not.toContain(secret);
});

it('no route for devices answers without a token', async () => {
  for (const route of [authRoutes.signOut, authRoutes.listDevices, authRoutes.deleteAccount])
    expect((await world.call(route)).code).toBe('auth/unauthenticated');
  expect((await world.call(authRoutes.revokeDevice, { path: { device: newDevice().device } })).code).toBe(
    'auth/unauthenticated',
  );
});

it('every public route has a limit per address', async () => {
  const strict = await AuthWorld.start({ RATE_LIMIT_SCALE: '1' });
  try {
    const device = newDevice();
    const proof = proofOf({ device, challenge: systemRandomBytes(32) });
    const { account } = { account: { user: idFromRandom<never>(systemRandomBytes) } };
    const bodies: readonly (() => Promise<{ readonly code: unknown }>)[] = [
      () => strict.call(authRoutes.discovery),
      () => strict.call(authRoutes.jwks),
      () => strict.call(authRoutes.createChallenge, { body: { device: device.device } }),
      () =>
        strict.call(authRoutes.register, {
          body: { user: account.user, username: 'someone', manifest: new Uint8Array(3), proof },
        }),
      () =>
        strict.call(authRoutes.addDevice, {
          body: { user: account.user, manifest: new Uint8Array(3), proof },
        }),
      () => strict.call(authRoutes.signIn, { body: proof }),
      () =>
        strict.call(authRoutes.refresh, {
          body: { refreshToken: 'x'.repeat(20), signature: new Uint8Array(64) },
        }),
    ];
    const publicRoutes = Object.values(authRoutes).filter(({ access }) => access === 'public');
    expect(bodies).toHaveLength(publicRoutes.length);
    for (const call of bodies) {
      let limited = false;
      for (let count = 0; count < 400 && !limited; count++)
        limited = (await call()).code === 'request/rate-limited';
      expect(limited).toBe(true);
    }
  } finally {
    await strict.stop();
  }
}, 60_000);
