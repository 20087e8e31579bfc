/** Real Postgres, Redis and NATS; the key directory is played by testing/key-directory.ts. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { z } from 'zod';
import { authRoutes, idFromRandom, type UserId } from '@cipherchat/protocol';
import { systemRandomBytes } from '@cipherchat/service-kit';
import { AuthWorld } from '../testing/auth-world.js';
import '../testing/waiting.js';
import { newAccount, newDevice, newKeyPair, proofOf } from '../testing/identity.js';

let world: AuthWorld;

beforeAll(async () => {
  world = await AuthWorld.start();
});
afterAll(() => world.stop());
afterEach(() => {
  world.directory.mood = { kind: 'fine' };
});

describe('registering', () => {
  it('makes an active account with one device, tells the key directory, and signs in', async () => {
    const account = newAccount();
    const { status, body } = await world.register(account);
    expect(status).toBe(200);
    expect(body).toMatchObject({ user: account.user, device: account.device.device, role: 'member' });
    expect(world.directory.usernames.get(account.username)).toBe(account.user);
    const keys = createRemoteJWKSet(new URL(`${world.service.url}/v1/auth/jwks.json`));
    const { payload, protectedHeader } = await jwtVerify(body.accessToken, keys, { algorithms: ['EdDSA'] });
    expect(payload).toMatchObject({
      sub: account.user,
      did: account.device.device,
      sid: body.session,
      role: 'member',
    });
    expect(payload.exp).toBe(body.accessTokenExpiresAtMs / 1_000);
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600);
    expect(protectedHeader.kid).toBeDefined();
    const devices = await world.whoAmI(body.accessToken);
    expect(devices.body.devices).toEqual([
      {
        device: account.device.device,
        createdAtMs: expect.any(Number),
        lastSeenDay: new Date(world.nowMs).toISOString().slice(0, 10),
        revokedAtMs: null,
        current: true,
      },
    ]);
  });

  it('again with the same ids and keys gives a new session, also with a spent invite', async () => {
    const { account, tokens } = await world.person();
    const again = await world.register(account);
    expect(again.status).toBe(200);
    expect(again.body.session).not.toBe(tokens.session);
    expect(await world.prisma.account.count({ where: { userId: account.user } })).toBe(1);
  });

  it('marks the browser in which it is done, with nothing of whom, and no other client', async () => {
    const account = newAccount();
    const marks: (string | null)[] = [];
    for (const origin of [undefined, 'https://chat.example.org']) {
      const proof = proofOf({ device: account.device, challenge: await world.challenge(account.device) });
      const { user, username } = account;
      const body = { user, username, manifest: world.firstManifest(account), proof };
      const response = await fetch(`${world.service.url}/v1/auth/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(origin === undefined ? {} : { origin }) },
        body: JSON.stringify(z.encode(authRoutes.register.request, body)),
      });
      expect(response.status).toBe(200);
      marks.push(response.headers.get('set-cookie'));
    }
    expect(marks[0]).toBeNull();
    expect(marks[1]).toMatch(/^cipherchat-account=1; Path=\/; Max-Age=34560000; SameSite=Strict(; Secure)?$/);
  });

  it('stores of the tokens only a hash', async () => {
    const { tokens } = await world.person();
    const session = await world.prisma.session.findUniqueOrThrow({ where: { sessionId: tokens.session } });
    expect(session.refreshHash).toHaveLength(32);
    const columns = JSON.stringify({
      ...session,
      refreshHash: Buffer.from(session.refreshHash).toString('latin1'),
    });
    expect(columns).not.toContain(tokens.refreshToken.split('.')[1]);
  });

  it.each([
    ['garbled', (account: ReturnType<typeof newAccount>) => world.manifest({ account }).fill(7, 100, 120)],
    ['empty', () => new Uint8Array(0)],
    [
      'of another user',
      (account: ReturnType<typeof newAccount>) =>
        world.manifest({ account: { ...account, user: idFromRandom<UserId>(systemRandomBytes) } }),
    ],
    ['of version 2', (account: ReturnType<typeof newAccount>) => world.manifest({ account, version: 2 })],
    [
      'with two devices',
      (account: ReturnType<typeof newAccount>) =>
        world.manifest({ account, devices: [account.device, newDevice()] }),
    ],
    [
      'without this device',
      (account: ReturnType<typeof newAccount>) => world.manifest({ account, devices: [newDevice()] }),
    ],
    [
      'whose device has expired',
      (account: ReturnType<typeof newAccount>) => world.manifest({ account, expiresInS: -5 }),
    ],
    [
      'signed by another key',
      (account: ReturnType<typeof newAccount>) => world.manifest({ account, signer: newKeyPair() }),
    ],
  ])('refuses a manifest that is %s', async (_name, make) => {
    const account = newAccount();
    expect((await world.register(account, { manifest: make(account) })).code).toBe(
      'directory/manifest-invalid',
    );
    expect(await world.prisma.account.count({ where: { userId: account.user } })).toBe(0);
    expect(world.directory.usernames.has(account.username)).toBe(false);
  });

  it('refuses a proof by another key', async () => {
    const account = newAccount();
    const challenge = await world.challenge(account.device);
    const proof = proofOf({ device: { ...account.device, leaf: newKeyPair() }, challenge });
    expect(
      (
        await world.call(authRoutes.register, {
          body: {
            user: account.user,
            username: account.username,
            manifest: world.manifest({ account }),
            proof,
          },
        })
      ).code,
    ).toBe('auth/signature-invalid');
  });

  it('takes a challenge once, from the device that it was given to, and not one that was never given', async () => {
    const account = newAccount();
    const challenge = await world.challenge(account.device);
    const body = {
      user: account.user,
      username: account.username,
      manifest: world.manifest({ account }),
      proof: proofOf({ device: account.device, challenge }),
    };
    expect((await world.call(authRoutes.register, { body })).status).toBe(200);
    expect((await world.call(authRoutes.register, { body })).code).toBe('auth/challenge-unknown');
    const others = await world.challenge(newDevice());
    expect(
      (
        await world.call(authRoutes.register, {
          body: { ...body, proof: proofOf({ device: account.device, challenge: others }) },
        })
      ).code,
    ).toBe('auth/challenge-unknown');
    const invented = systemRandomBytes(32);
    expect(
      (
        await world.call(authRoutes.register, {
          body: { ...body, proof: proofOf({ device: account.device, challenge: invented }) },
        })
      ).code,
    ).toBe('auth/challenge-unknown');
  });

  it('refuses a user id or a device id that is taken', async () => {
    const { account } = await world.person();
    expect((await world.register({ ...newAccount(), user: account.user })).code).toBe('auth/user-exists');
    expect((await world.register({ ...account, key: newKeyPair() })).code).toBe('auth/user-exists');
    const thief = newAccount();
    expect(
      (await world.register({ ...thief, device: { ...thief.device, device: account.device.device } })).code,
    ).toBe('auth/user-exists');
    expect(world.directory.usernames.has(thief.username)).toBe(false);
    expect(await world.prisma.account.count({ where: { userId: thief.user } })).toBe(0);
  });
});

describe('a username that is taken', () => {
  it('leaves nothing of the account behind, which may come back with another name', async () => {
    const { account: first } = await world.person();
    const second = newAccount(first.username);
    expect((await world.register(second)).code).toBe('directory/username-taken');
    expect(await world.prisma.account.count({ where: { userId: second.user } })).toBe(0);
    expect(await world.prisma.device.count({ where: { deviceId: second.device.device } })).toBe(0);
    expect((await world.register(second, { username: newAccount().username })).status).toBe(200);
  });

  it('goes to exactly one of many who ask at once', async () => {
    const username = newAccount().username;
    const people = Array.from({ length: 8 }, () => newAccount(username));
    const answers = await Promise.all(people.map((account) => world.register(account)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ code }) => code === 'directory/username-taken')).toHaveLength(7);
    expect(
      await world.prisma.account.count({ where: { userId: { in: people.map(({ user }) => user) } } }),
    ).toBe(1);
  });
});

describe('when the key directory does not do its part', () => {
  it.each(['away', 'dying-after-work'] as const)(
    'and is %s, the client is told to come back, and then completes',
    async (kind) => {
      const account = newAccount();
      world.directory.mood = { kind };
      const refused = await world.register(account);
      expect(refused).toMatchObject({ status: 503, code: 'service/unavailable' });
      expect((await world.signIn(account.device)).code).toBe('auth/signature-invalid');
      world.directory.mood = { kind: 'fine' };
      expect((await world.register(account)).status).toBe(200);
      expect(world.directory.usernames.get(account.username)).toBe(account.user);
    },
  );

  it('and refuses the manifest, its word is passed on', async () => {
    world.directory.mood = { kind: 'refusing', code: 'directory/manifest-invalid' };
    const account = newAccount();
    expect((await world.register(account)).code).toBe('directory/manifest-invalid');
    expect(await world.prisma.account.count({ where: { userId: account.user } })).toBe(0);
  });

  it('a registration that nobody retries is given up after an hour, and may then begin again', async () => {
    const account = newAccount();
    world.directory.mood = { kind: 'away' };
    await world.register(account);
    world.passMs(59 * 60_000);
    await world.housekeep();
    expect(await world.prisma.account.count({ where: { userId: account.user } })).toBe(1);
    world.passMs(2 * 60_000);
    await world.housekeep();
    expect(await world.prisma.account.count({ where: { userId: account.user } })).toBe(0);
    world.directory.mood = { kind: 'fine' };
    expect((await world.register(account)).status).toBe(200);
  });
});
