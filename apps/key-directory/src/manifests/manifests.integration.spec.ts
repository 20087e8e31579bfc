/** Real: Postgres, NATS, Redis, two replicas. Played: auth. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '@cipherchat/crypto';
import {
  decodeServerFrame,
  keysRoutes,
  publishManifest,
  subjects,
  type DeviceId,
  type ServerFrame,
  type UserId,
} from '@cipherchat/protocol';
import {
  keyPackages,
  manifestDevice,
  manifestOf,
  newId,
  startWorld,
  until,
  type Account,
  type World,
} from '../directory-world.fixture.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ replicas: 2 });
}, 60_000);
afterAll(() => world.stop());

const by = (account: Account, device = 0) => ({ user: account.user, device: account.devices[device]! });
const publish = (account: Account, bytes: Uint8Array, replica = 0) =>
  world.call(keysRoutes.publishManifest, { by: by(account), body: { manifest: bytes }, replica });
const stored = async (account: Account) =>
  (
    await world.call(keysRoutes.findManifests, {
      by: by(account),
      body: { users: [{ user: account.user, haveVersion: 0 }] },
    })
  ).body.manifests[0]?.manifest;
const withDevices = (account: Account, version: number, devices: Manifest['devices']) =>
  manifestOf(account, { version, devices }).bytes;

/** What the user's sockets would be told. */
function framesFor(user: UserId): ServerFrame[] {
  const frames: ServerFrame[] = [];
  world.nats.subscribe(subjects.live(user), {
    callback: (_error, message) => void frames.push(decodeServerFrame(message.data)),
  });
  return frames;
}

describe('publishing a manifest', () => {
  it('stores a newer one and tells the user’s devices, once', async () => {
    const ana = await world.registered();
    const frames = framesFor(ana.user);
    await world.nats.flush();
    const newer = manifestOf(ana, { version: 7 });
    expect((await publish(ana, newer.bytes)).body).toEqual({ version: 7 });
    expect((await publish(ana, newer.bytes, 1)).body).toEqual({ version: 7 });
    expect(await stored(ana)).toEqual(newer.bytes);
    // A second change orders what came before it: had the repetition been told, its frame would stand between.
    const newest = manifestOf(ana, { version: 8 });
    await publish(ana, newest.bytes);
    await until(() => frames.length >= 2);
    expect(frames).toEqual([7, 8].map((version) => ({ type: 'manifest', user: ana.user, version })));
  });

  it('refuses an older one, and another of the same version, and says which is stored', async () => {
    const ana = await world.registered();
    const newer = manifestOf(ana, { version: 3 });
    await publish(ana, newer.bytes);
    for (const bytes of [manifestOf(ana, { version: 2 }).bytes, withDevices(ana, 3, [])]) {
      expect(await publish(ana, bytes)).toMatchObject({
        status: 409,
        code: 'directory/manifest-stale',
        body: { version: 3 },
      });
    }
    expect(await stored(ana)).toEqual(newer.bytes);
  });

  it('ends with the greatest version of many that are published at once', async () => {
    const ana = await world.registered();
    const versions = [5, 9, 2, 7, 3, 8, 4, 6];
    const outcomes = await Promise.all(
      versions.map((version) => publish(ana, manifestOf(ana, { version }).bytes, version % 2)),
    );
    expect(outcomes.every(({ status, code }) => status === 200 || code === 'directory/manifest-stale')).toBe(
      true,
    );
    expect(await stored(ana)).toEqual(manifestOf(ana, { version: 9 }).bytes);
  });

  it('refuses another account’s, one signed by another key, and one that is cut short', async () => {
    const [ana, eve] = [await world.registered(), await world.registered()];
    const byEvesKey = manifestOf({ ...eve, manifest: { ...eve.manifest, user: ana.user } }, { version: 2 });
    const newer = manifestOf(ana, { version: 2 }).bytes;
    for (const bytes of [
      manifestOf(eve, { version: 2 }).bytes,
      byEvesKey.bytes,
      newer.subarray(0, newer.length - 1),
    ]) {
      expect(await publish(ana, bytes)).toMatchObject({ status: 422, code: 'directory/manifest-invalid' });
    }
    expect(await stored(ana)).toEqual(ana.manifest.bytes);
  });

  it('refuses a new key for a known device, and a device of another account', async () => {
    const [ana, ben] = [await world.registered(), await world.registered()];
    const otherKey = { ...ana.manifest.devices[0]!, leafKey: ben.manifest.devices[0]!.leafKey };
    const bensDevice = manifestDevice(ben.devices[0]!, world.clock.nowMs);
    for (const devices of [
      [otherKey],
      [ana.manifest.devices[0]!, bensDevice].sort((left, right) => (left.device < right.device ? -1 : 1)),
    ]) {
      expect(await publish(ana, withDevices(ana, 2, devices))).toMatchObject({
        code: 'directory/manifest-invalid',
      });
    }
    expect(await stored(ana)).toEqual(ana.manifest.bytes);
  });

  it('deletes the key packages of a device that is no longer named, and only those', async () => {
    const [ana, ben] = [await world.registered({ devices: 2 }), await world.registered()];
    for (const device of [0, 1]) {
      await world.call(keysRoutes.uploadKeyPackages, {
        by: by(ana, device),
        body: {
          suite: 1,
          singleUse: keyPackages(2, world.clock.nowMs),
          lastResort: keyPackages(1, world.clock.nowMs)[0],
        },
      });
    }
    await publish(ana, withDevices(ana, 2, [ana.manifest.devices[1]!]));
    const { claimed, exhausted } = (
      await world.call(keysRoutes.claimKeyPackages, { by: by(ben), body: { user: ana.user, suite: 1 } })
    ).body;
    expect([claimed.map(({ device }) => device), exhausted]).toEqual([[ana.devices[1]], []]);
    const upload = await world.call(keysRoutes.uploadKeyPackages, {
      by: by(ana, 0),
      body: { suite: 1, singleUse: keyPackages(1, world.clock.nowMs) },
    });
    expect(upload).toMatchObject({ status: 403, code: 'auth/device-revoked' });
    // Named again, it starts with an empty stock.
    await publish(ana, withDevices(ana, 3, ana.manifest.devices));
    const again = (
      await world.call(keysRoutes.claimKeyPackages, { by: by(ben), body: { user: ana.user, suite: 1 } })
    ).body;
    expect(again.exhausted).toEqual([ana.devices[0]]);
  });
});

describe('a manifest from auth', () => {
  const command = (user: UserId, manifest: Uint8Array) =>
    world.command({ subject: subjects.publishManifest, question: publishManifest, body: { user, manifest } });

  it('adds a device, as when one is linked', async () => {
    const ana = await world.registered();
    const added = manifestDevice(newId<DeviceId>(), world.clock.nowMs);
    const bytes = withDevices(ana, 2, [...ana.manifest.devices, added]);
    expect((await command(ana.user, bytes)).problem).toBe('');
    expect(await stored(ana)).toEqual(bytes);
    expect(
      (
        await world.call(keysRoutes.countKeyPackages, {
          by: { user: ana.user, device: added.device as DeviceId },
          query: { suite: '78' },
        })
      ).body,
    ).toEqual({ singleUseCount: 0, lastResortNotAfterMs: null });
  });

  it('is refused by the same rules', async () => {
    const ana = await world.registered();
    expect(await command(ana.user, new Uint8Array(3))).toMatchObject({
      problem: 'directory/manifest-invalid',
    });
    await publish(ana, manifestOf(ana, { version: 4 }).bytes);
    const stale = await command(ana.user, manifestOf(ana, { version: 2 }).bytes);
    expect([stale.problem, JSON.parse(stale.detail)]).toEqual(['directory/manifest-stale', { version: 4 }]);
    const stranger = world.account();
    expect(await command(stranger.user, stranger.manifest.bytes)).toMatchObject({
      problem: 'directory/user-unknown',
    });
  });
});
