/** Real Postgres, Redis and NATS; the key directory is played by testing/key-directory.ts. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { authRoutes, limits } from '@cipherchat/protocol';
import { AuthWorld } from '../testing/auth-world.js';
import { until, waitingOrDone } from '../testing/waiting.js';
import { newAccount, newDevice, newKeyPair, proofOf, type TestDevice } from '../testing/identity.js';

let world: AuthWorld;

beforeAll(async () => {
  world = await AuthWorld.start();
});
afterAll(() => world.stop());
afterEach(() => {
  world.directory.mood = { kind: 'fine' };
});

describe('adding a device', () => {
  it('publishes the manifest and signs the new device in', async () => {
    const { account, tokens } = await world.person();
    const { device, tokens: newTokens } = await world.another(account, { version: 2 });
    expect(newTokens).toMatchObject({ user: account.user, device: device.device, role: 'member' });
    expect(world.directory.manifests.get(account.user)?.version).toBe(2);
    const { devices } = (await world.whoAmI(tokens.accessToken)).body;
    expect(devices.map((each) => [each.device, each.current])).toEqual([
      [account.device.device, true],
      [device.device, false],
    ]);
  });

  it('again with the same manifest gives a new session', async () => {
    const { account } = await world.person();
    const device = newDevice();
    const manifest = world.manifest({ account, version: 2, devices: [account.device, device] });
    const first = await world.addDevice({ account, device, manifest });
    const second = await world.addDevice({ account, device, manifest });
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body.session).not.toBe(first.body.session);
  });

  it.each(['away', 'dying-after-work'] as const)(
    'completes when it is repeated after the key directory was %s',
    async (kind) => {
      const { account } = await world.person();
      const device = newDevice();
      const manifest = world.manifest({ account, version: 2, devices: [account.device, device] });
      world.directory.mood = { kind };
      expect((await world.addDevice({ account, device, manifest })).code).toBe('service/unavailable');
      expect((await world.signIn(device)).code).toBe('auth/signature-invalid');
      world.directory.mood = { kind: 'fine' };
      expect((await world.addDevice({ account, device, manifest })).status).toBe(200);
    },
  );

  it('is refused without a newer manifest, signed by the account, that names it', async () => {
    const { account } = await world.person();
    const device = newDevice();
    const devices = [account.device, device];
    const codeOf = async (manifest: Uint8Array): Promise<unknown> =>
      (await world.addDevice({ account, device, manifest })).code;
    expect(await codeOf(world.manifest({ account, version: 1, devices }))).toBe('directory/manifest-stale');
    expect(await codeOf(world.manifest({ account, version: 2, devices, signer: newKeyPair() }))).toBe(
      'directory/manifest-invalid',
    );
    expect(
      await codeOf(world.manifest({ account: { ...account, key: newKeyPair() }, version: 2, devices })),
    ).toBe('directory/manifest-invalid');
    expect(
      await codeOf(world.manifest({ account: { ...newAccount(), user: account.user }, version: 2, devices })),
    ).toBe('directory/manifest-invalid');
    expect(await codeOf(world.manifest({ account: newAccount(), version: 2, devices }))).toBe(
      'directory/manifest-invalid',
    );
    expect(await codeOf(world.manifest({ account, version: 2 }))).toBe('directory/manifest-invalid');
    expect(await codeOf(world.manifest({ account, version: 2, devices, expiresInS: -5 }))).toBe(
      'directory/manifest-invalid',
    );
    expect(world.directory.manifests.get(account.user)?.version).toBe(1);
    expect(await world.prisma.device.count({ where: { userId: account.user } })).toBe(1);
  });

  it('carries what the directory says of the version', async () => {
    const { account } = await world.person();
    await world.another(account, { version: 5 });
    const device = newDevice();
    const answer = await world.addDevice({
      account,
      device,
      manifest: world.manifest({ account, version: 4, devices: [account.device, device] }),
    });
    expect(answer.problem).toMatchObject({ code: 'directory/manifest-stale', version: 5 });
  });

  it('is refused with a wrong proof, for a user that is not there, and for an id that is taken', async () => {
    const { account } = await world.person();
    const { account: other } = await world.person();
    const device = newDevice();
    const manifest = world.manifest({ account, version: 2, devices: [account.device, device] });
    const proof = proofOf({
      device: { ...device, leaf: newKeyPair() },
      challenge: await world.challenge(device),
    });
    expect(
      (await world.call(authRoutes.addDevice, { body: { user: account.user, manifest, proof } })).code,
    ).toBe('auth/signature-invalid');
    expect(
      (await world.call(authRoutes.addDevice, { body: { user: account.user, manifest, proof } })).code,
    ).toBe('auth/challenge-unknown');
    const nobody = newAccount();
    expect(
      (
        await world.addDevice({
          account: nobody,
          device: nobody.device,
          manifest: world.manifest({ account: nobody, version: 2 }),
        })
      ).code,
    ).toBe('directory/user-unknown');
    const taken: TestDevice = { ...newDevice(), device: other.device.device };
    expect(
      (
        await world.addDevice({
          account,
          device: taken,
          manifest: world.manifest({ account, version: 2, devices: [account.device, taken] }),
        })
      ).code,
    ).toBe('auth/user-exists');
    const rekeyed: TestDevice = { ...account.device, leaf: newKeyPair() };
    expect(
      (
        await world.addDevice({
          account,
          device: rekeyed,
          manifest: world.manifest({ account, version: 2, devices: [rekeyed] }),
        })
      ).code,
    ).toBe('auth/user-exists');
  });

  it('is refused for a disabled account', async () => {
    const { account } = await world.person();
    await world.prisma.account.update({ where: { userId: account.user }, data: { state: 'disabled' } });
    const device = newDevice();
    expect(
      (
        await world.addDevice({
          account,
          device,
          manifest: world.manifest({ account, version: 2, devices: [account.device, device] }),
        })
      ).code,
    ).toBe('auth/user-disabled');
  });

  it('stops at the limit, also when several come at once', async () => {
    const { account } = await world.person();
    const createdAt = new Date();
    const filler = Array.from({ length: limits.maxDevicesPerUser - 2 }, () => newDevice());
    await world.prisma.device.createMany({
      data: filler.map(({ device, leaf }) => ({
        deviceId: device,
        userId: account.user,
        leafKey: Uint8Array.from(leaf.publicKey),
        createdAt,
      })),
    });
    const candidates = [newDevice(), newDevice(), newDevice()];
    // One manifest that names all three: each publishes the same bytes.
    const manifest = world.manifest({ account, version: 2, devices: candidates });
    const answers = await Promise.all(
      candidates.map((device) => world.addDevice({ account, device, manifest })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const refused = answers.filter(({ code }) => code === 'auth/too-many-devices');
    expect(refused).toHaveLength(2);
    expect(refused[0]?.problem).toMatchObject({ maxDevices: limits.maxDevicesPerUser });
    expect(await world.prisma.device.count({ where: { userId: account.user, revokedAt: null } })).toBe(
      limits.maxDevicesPerUser,
    );
  });
});

describe('adding a device while another is being added', () => {
  it('counts the other one, although it is not committed yet', async () => {
    const { account } = await world.person();
    const rowOf = ({ device, leaf }: TestDevice) => ({
      deviceId: device,
      userId: account.user,
      leafKey: Uint8Array.from(leaf.publicKey),
      createdAt: new Date(),
    });
    await world.prisma.device.createMany({
      data: Array.from({ length: limits.maxDevicesPerUser - 2 }, () => rowOf(newDevice())),
    });
    const device = newDevice();
    const manifest = world.manifest({ account, version: 2, devices: [account.device, device] });
    const { outcome } = await world.prisma.$transaction(async (transaction) => {
      await transaction.device.create({ data: rowOf(newDevice()) });
      return waitingOrDone(world, world.addDevice({ account, device, manifest }));
    });
    expect((await outcome).code).toBe('auth/too-many-devices');
  });
});

describe('removing a device', () => {
  it('ends its sessions at once, is published and listed, and cannot be undone', async () => {
    const { account, tokens } = await world.person();
    const { device, tokens: removed } = await world.another(account, { version: 2 });
    const remove = () =>
      world.call(authRoutes.revokeDevice, { token: tokens.accessToken, path: { device: device.device } });
    expect((await remove()).status).toBe(204);
    await until(async () => (await world.whoAmI(removed.accessToken)).code === 'auth/device-revoked');
    expect((await world.refresh({ device, refreshToken: removed.refreshToken })).code).toBe(
      'auth/device-revoked',
    );
    expect((await world.signIn(device)).code).toBe('auth/device-revoked');
    const manifest = world.manifest({ account, version: 3, devices: [account.device, device] });
    expect((await world.addDevice({ account, device, manifest })).code).toBe('auth/user-exists');
    await until(() =>
      world.published.some(
        (entry) => entry.kind === 'device' && entry.device === device.device && entry.user === account.user,
      ),
    );
    expect((await remove()).status).toBe(204);
    const entries = (await world.revocationsAfter(0)).filter((entry) => entry.device === device.device);
    expect(entries).toHaveLength(1);
    const { devices } = (await world.whoAmI(tokens.accessToken)).body;
    expect(devices.find((each) => each.device === device.device)?.revokedAtMs).toBe(entries[0]?.atMs);
  });

  it("is possible for one's own devices only", async () => {
    const { account: victim, tokens: victimTokens } = await world.person();
    const { tokens } = await world.person();
    for (const device of [victim.device.device, newDevice().device]) {
      expect(
        (await world.call(authRoutes.revokeDevice, { token: tokens.accessToken, path: { device } })).code,
      ).toBe('request/not-found');
    }
    expect((await world.whoAmI(victimTokens.accessToken)).status).toBe(200);
  });

  it('comes wholly before or wholly after a sign-in at the same moment', async () => {
    for (let round = 0; round < 10; round++) {
      const { account, tokens } = await world.person();
      const [, answer] = await Promise.all([
        world.call(authRoutes.revokeDevice, {
          token: tokens.accessToken,
          path: { device: account.device.device },
        }),
        world.signIn(account.device),
      ]);
      expect([undefined, 'auth/device-revoked']).toContain(answer.code);
      expect(
        await world.prisma.session.count({ where: { deviceId: account.device.device, endedAt: null } }),
      ).toBe(0);
    }
  });
});
