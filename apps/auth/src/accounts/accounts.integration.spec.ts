/** Real Postgres, Redis and NATS; the key directory is played by testing/key-directory.ts. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { authRoutes, type Tokens } from '@cipherchat/protocol';
import { AuthWorld } from '../testing/auth-world.js';
import { until } from '../testing/waiting.js';
import { newAccount, type TestAccount } from '../testing/identity.js';

let world: AuthWorld;
let admin: { readonly account: TestAccount; readonly tokens: Tokens };

beforeAll(async () => {
  world = await AuthWorld.start();
  admin = await world.admin();
});
afterAll(() => world.stop());
afterEach(() => {
  world.directory.mood = { kind: 'fine' };
});

const stateOf = async (account: TestAccount): Promise<string | undefined> =>
  (await world.prisma.account.findUnique({ where: { userId: account.user } }))?.state;

describe('deleting an account', () => {
  it('revokes all its devices, empties its row, and leaves the name reserved', async () => {
    const { account, tokens } = await world.person();
    const { device, tokens: other } = await world.another(account, { version: 2 });
    expect((await world.call(authRoutes.deleteAccount, { token: tokens.accessToken })).status).toBe(204);
    await until(
      async () =>
        (await world.whoAmI(tokens.accessToken)).code === 'auth/device-revoked' &&
        (await world.whoAmI(other.accessToken)).code === 'auth/device-revoked',
    );
    expect(await world.prisma.account.findUnique({ where: { userId: account.user } })).toMatchObject({
      state: 'deleted',
      accountKey: null,
      inviteHash: null,
      role: 'member',
    });
    for (const row of await world.prisma.device.findMany({ where: { userId: account.user } }))
      expect(row).toMatchObject({ leafKey: null, lastSeenDay: null, revokedAt: expect.any(Date) });
    expect(
      await world.prisma.session.count({
        where: { deviceId: { in: [account.device.device, device.device] } },
      }),
    ).toBe(0);
    expect(world.directory.usernames.get(account.username)).toBeNull();
    expect(world.directory.manifests.has(account.user)).toBe(false);
    expect((await world.register(account)).code).toBe('auth/user-exists');
    expect((await world.register(newAccount(account.username))).code).toBe('directory/username-taken');
    expect((await world.signIn(account.device)).code).toBe('auth/signature-invalid');
    expect((await world.refresh({ device, refreshToken: other.refreshToken })).code).toBe(
      'auth/refresh-invalid',
    );
  });

  it.each(['away', 'dying-after-work'] as const)(
    'is durable at once when the key directory is %s, and finished later',
    async (kind) => {
      const { account, tokens } = await world.person();
      world.directory.mood = { kind };
      expect((await world.call(authRoutes.deleteAccount, { token: tokens.accessToken })).status).toBe(204);
      expect(await stateOf(account)).toBe('deleting');
      await world.housekeep();
      expect(await stateOf(account)).toBe('deleting');
      world.directory.mood = { kind: 'fine' };
      await world.housekeep();
      expect(await stateOf(account)).toBe('deleted');
      expect(world.directory.usernames.get(account.username)).toBeNull();
    },
  );

  it('by two devices at once happens once', async () => {
    const { account, tokens } = await world.person();
    const { tokens: other } = await world.another(account, { version: 2 });
    const answers = await Promise.all(
      [tokens, other].map(({ accessToken }) => world.call(authRoutes.deleteAccount, { token: accessToken })),
    );
    for (const { status } of answers) expect([204, 403]).toContain(status);
    expect(await world.prisma.revocation.count({ where: { userId: account.user } })).toBe(2);
  });
});

describe('an administrator', () => {
  it('disables a user: sessions end, sockets are told, nothing new begins; and enables again', async () => {
    const { account, tokens } = await world.person();
    const again = await world.signIn(account.device);
    expect(
      (
        await world.call(authRoutes.disableUser, {
          token: admin.tokens.accessToken,
          path: { user: account.user },
        })
      ).status,
    ).toBe(204);
    // The access token of the session that signing in replaced, too.
    await until(
      async () =>
        (await world.whoAmI(tokens.accessToken)).code === 'auth/unauthenticated' &&
        (await world.whoAmI(again.body.accessToken)).code === 'auth/unauthenticated',
    );
    await until(
      () =>
        world.published.filter(({ user, kind }) => user === account.user && kind === 'session').length === 2,
    );
    expect((await world.signIn(account.device)).code).toBe('auth/user-disabled');
    expect(
      (await world.refresh({ device: account.device, refreshToken: again.body.refreshToken })).code,
    ).toBe('auth/user-disabled');
    expect(
      (
        await world.call(authRoutes.enableUser, {
          token: admin.tokens.accessToken,
          path: { user: account.user },
        })
      ).status,
    ).toBe(204);
    const back = await world.signIn(account.device);
    expect((await world.whoAmI(back.body.accessToken)).status).toBe(200);
    expect(world.published.some(({ user, kind }) => user === account.user && kind === 'device')).toBe(false);
  });

  it('who disables and a user who signs in at the same moment leave no living session', async () => {
    for (let round = 0; round < 10; round++) {
      const { account } = await world.person();
      const [, signIn] = await Promise.all([
        world.call(authRoutes.disableUser, { token: admin.tokens.accessToken, path: { user: account.user } }),
        world.signIn(account.device),
      ]);
      expect([undefined, 'auth/user-disabled']).toContain(signIn.code);
      expect(
        await world.prisma.session.count({ where: { deviceId: account.device.device, endedAt: null } }),
      ).toBe(0);
    }
  });

  it('cannot disable themselves, nor anyone who is not there', async () => {
    const { account: gone, tokens } = await world.person();
    await world.call(authRoutes.deleteAccount, { token: tokens.accessToken });
    const call = async (
      route: typeof authRoutes.disableUser | typeof authRoutes.enableUser,
      account: TestAccount,
    ): Promise<unknown> =>
      (await world.call(route, { token: admin.tokens.accessToken, path: { user: account.user } })).code;
    expect(await call(authRoutes.disableUser, admin.account)).toBe('auth/forbidden');
    for (const account of [newAccount(), gone]) {
      expect(await call(authRoutes.disableUser, account)).toBe('directory/user-unknown');
      expect(await call(authRoutes.enableUser, account)).toBe('directory/user-unknown');
    }
  });

  it('is needed for what only administrators may do', async () => {
    const { account, tokens } = await world.person();
    const token = tokens.accessToken;
    expect(
      (await world.call(authRoutes.createInvite, { token, body: { uses: 1, expiresInS: 60 } })).code,
    ).toBe('auth/forbidden');
    expect((await world.call(authRoutes.disableUser, { token, path: { user: account.user } })).code).toBe(
      'auth/forbidden',
    );
    expect((await world.call(authRoutes.enableUser, { token, path: { user: account.user } })).code).toBe(
      'auth/forbidden',
    );
  });
});

describe('discovery', () => {
  it('says where everything is', async () => {
    expect((await world.call(authRoutes.discovery)).body).toEqual({
      authUrl: 'https://chat.example',
      keysUrl: 'https://chat.example',
      conversationsUrl: 'https://chat.example',
      gatewayUrls: ['wss://one.chat.example', 'wss://two.chat.example'],
      registration: 'open',
      subprotocols: ['cipherchat.v1'],
    });
  });
});

it('the log of all this names no person, no device, no token and no address', () => {
  const text = world.logged.join('');
  expect(text).toContain('auth.account-deleted');
  expect(text).toContain('/v1/auth/devices');
  for (const secretText of [
    admin.account.user,
    admin.account.username,
    admin.account.device.device,
    admin.tokens.refreshToken,
    admin.tokens.accessToken,
    '127.0.0.1',
  ])
    expect(text).not.toContain(secretText);
  expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}|eyJ|person-\d/);
});
