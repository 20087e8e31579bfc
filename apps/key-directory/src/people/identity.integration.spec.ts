/** Real: Postgres, NATS, Redis, two replicas. Played: auth, which sends the commands. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  eraseIdentity,
  keysRoutes,
  peopleRoutes,
  registerIdentity,
  subjects,
  type UserId,
} from '@cipherchat/protocol';
import {
  keyPackages,
  manifestOf,
  newId,
  startWorld,
  type Account,
  type World,
} from '../directory-world.fixture.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ replicas: 2 });
}, 60_000);
afterAll(() => world.stop());

const register = (
  account: Account,
  changes: { readonly user?: UserId; readonly username?: string; readonly manifest?: Uint8Array } = {},
) =>
  world.command({
    subject: subjects.registerIdentity,
    question: registerIdentity,
    body: { user: account.user, username: account.username, manifest: account.manifest.bytes, ...changes },
  });
const erase = (user: UserId) =>
  world.command({ subject: subjects.eraseIdentity, question: eraseIdentity, body: { user } });
const by = (account: Account) => ({ user: account.user, device: account.devices[0]! });
const lookUp = (caller: Account, username: string) =>
  world.call(peopleRoutes.findByUsername, { by: by(caller), path: { username } });

describe('registering', () => {
  it('makes a person findable by the exact username, with the manifest as signed', async () => {
    const [ana, ben] = [await world.registered(), await world.registered()];
    expect((await lookUp(ben, ana.username)).body).toEqual({ user: ana.user, username: ana.username });
    const stranger = newId<UserId>();
    const find = await world.call(keysRoutes.findManifests, {
      by: by(ben),
      body: {
        users: [ana.user, ben.user, stranger].map((user) => ({
          user,
          haveVersion: user === ben.user ? 1 : 0,
        })),
      },
    });
    expect(find.body).toEqual({
      manifests: [{ user: ana.user, manifest: ana.manifest.bytes }],
      unknown: [stranger],
    });
    const names = await world.call(peopleRoutes.findUsernames, {
      by: by(ben),
      body: { users: [ana.user, stranger] },
    });
    expect(names.body).toEqual({ people: [{ user: ana.user, username: ana.username }] });
  });

  it('does not find a name that is shorter, longer, or nobody’s', async () => {
    const ana = await world.registered();
    for (const username of [ana.username.slice(0, -1), `${ana.username}x`, 'nobody']) {
      expect(await lookUp(ana, username)).toMatchObject({ status: 404, code: 'directory/user-unknown' });
    }
  });

  it('changes nothing when it is sent again, also after a newer manifest', async () => {
    const ana = await world.registered();
    expect((await register(ana)).problem).toBe('');
    const newer = manifestOf(ana, { version: 2 });
    expect(
      (await world.call(keysRoutes.publishManifest, { by: by(ana), body: { manifest: newer.bytes } })).body,
    ).toEqual({ version: 2 });
    expect((await register(ana)).problem).toBe('');
    const found = await world.call(keysRoutes.findManifests, {
      by: by(ana),
      body: { users: [{ user: ana.user, haveVersion: 1 }] },
    });
    expect(found.body.manifests).toEqual([{ user: ana.user, manifest: newer.bytes }]);
  });

  it('gives a username to one of twenty who ask at once, and leaves nothing of the others', async () => {
    const username = 'wanted.by-all';
    const accounts = Array.from({ length: 20 }, () => world.account({ username }));
    const outcomes = await Promise.all(accounts.map((account) => register(account)));
    expect(outcomes.map(({ problem }) => problem).sort()).toEqual([
      '',
      ...Array.from({ length: 19 }, () => 'directory/username-taken'),
    ]);
    const winner = accounts[outcomes.findIndex(({ problem }) => problem === '')]!;
    expect((await lookUp(winner, username)).body.user).toBe(winner.user);
    const find = await world.call(keysRoutes.findManifests, {
      by: by(winner),
      body: { users: accounts.map(({ user }) => ({ user, haveVersion: 0 })) },
    });
    expect(find.body.manifests.map(({ user }) => user)).toEqual([winner.user]);
    expect(find.body.unknown).toHaveLength(19);
  });

  it('refuses a user, or a device, that is somebody’s already', async () => {
    const [ana, eve] = [await world.registered(), world.account()];
    const asAna = manifestOf({ ...eve, manifest: { ...eve.manifest, user: ana.user } }, { version: 1 });
    expect((await register(eve, { user: ana.user, manifest: asAna.bytes })).problem).toBe('auth/user-exists');
    expect((await register(ana, { username: 'another' })).problem).toBe('auth/user-exists');
    const withAnasDevice = manifestOf(eve, {
      version: 1,
      devices: [{ ...eve.manifest.devices[0]!, device: ana.devices[0]! }],
    });
    expect((await register(eve, { manifest: withAnasDevice.bytes })).problem).toBe('auth/user-exists');
    expect((await lookUp(ana, eve.username)).code).toBe('directory/user-unknown');
  });

  it('refuses manifests that do not verify, of another user, and names that are none', async () => {
    const [ana, ben] = [world.account(), world.account()];
    const forged = ana.manifest.bytes.slice();
    forged[100]! ^= 1;
    for (const manifest of [forged, ben.manifest.bytes, new Uint8Array(0)]) {
      expect((await register(ana, { manifest })).problem).toBe('directory/manifest-invalid');
    }
    for (const username of ['ab', 'Ana', '1ana', 'ana ana', 'änna']) {
      expect(await register(ana, { username })).toMatchObject({ problem: 'request/malformed' });
    }
    expect((await register(ana)).problem).toBe('');
  });
});

describe('erasing', () => {
  it('removes manifest, devices and key packages, and keeps the username reserved', async () => {
    const [ana, ben] = [await world.registered(), await world.registered()];
    await world.call(keysRoutes.uploadKeyPackages, {
      by: by(ana),
      body: { suite: 1, singleUse: keyPackages(2, world.clock.nowMs) },
    });
    expect((await erase(ana.user)).problem).toBe('');
    expect((await erase(ana.user)).problem).toBe('');
    expect((await lookUp(ben, ana.username)).code).toBe('directory/user-unknown');
    const found = await world.call(keysRoutes.findManifests, {
      by: by(ben),
      body: { users: [{ user: ana.user, haveVersion: 0 }] },
    });
    expect(found.body).toEqual({ manifests: [], unknown: [ana.user] });
    expect(
      await world.call(keysRoutes.claimKeyPackages, { by: by(ben), body: { user: ana.user, suite: 1 } }),
    ).toMatchObject({ status: 404, code: 'directory/user-unknown' });
    expect(
      await world.call(keysRoutes.publishManifest, { by: by(ana), body: { manifest: ana.manifest.bytes } }),
    ).toMatchObject({ code: 'directory/user-unknown' });
    expect((await register(world.account({ username: ana.username }))).problem).toBe(
      'directory/username-taken',
    );
  });
});
