/** Real: Postgres, NATS, Redis. Played: auth. `voidKeyPackages` runs under the service's own role. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keysRoutes, type SessionId } from '@cipherchat/protocol';
import { withClient } from '@cipherchat/test-kit';
import { keyPackages, newId, startWorld, type Account, type World } from '../directory-world.fixture.js';
import { RevocationFollower } from './revocation-follower.js';
import { voidKeyPackages } from './void-key-packages.js';

const suite = 0x004e;
let world: World;

beforeAll(async () => {
  world = await startWorld({ replicas: 1 });
});
afterAll(() => world.stop());

const voided = (): Promise<number> => withClient(world.database.url('key-directory'), voidKeyPackages);
const by = (account: Account) => ({ user: account.user, device: account.devices[0]! });
const upload = (account: Account, count: number) =>
  world.call(keysRoutes.uploadKeyPackages, {
    by: by(account),
    body: {
      suite,
      singleUse: keyPackages(count, world.clock.nowMs),
      lastResort: keyPackages(1, world.clock.nowMs)[0]!,
    },
  });
const claim = async (caller: Account, { user }: Account) =>
  (await world.call(keysRoutes.claimKeyPackages, { by: by(caller), body: { user, suite } })).body;

describe('after a restore', () => {
  it('no key package of before is handed out, of any kind, until its device has uploaded new ones', async () => {
    const [ana, ben] = [await world.registered(), await world.registered()];
    await upload(ana, 2);
    expect(await voided()).toBe(3);
    expect(await claim(ben, ana)).toEqual({ claimed: [], exhausted: [ana.devices[0]] });
    await upload(ana, 1);
    expect((await claim(ben, ana)).claimed).toHaveLength(1);
  });

  it('revocations are carried out from the begin of the list, whatever place was reached before', async () => {
    const [ana, ben] = [await world.registered(), await world.registered()];
    await withClient(world.database.adminUrl, (client) =>
      client.query('UPDATE directory.directory_state SET revocation_order = 900 WHERE id = 1'),
    );
    world.revocations.push({
      order: 7,
      kind: 'device',
      user: ana.user,
      device: ana.devices[0]!,
      session: newId<SessionId>(),
      atMs: 1,
    });
    await voided();
    await upload(ana, 1);
    await world.services[0]!.application.get(RevocationFollower).follow();
    expect((await claim(ben, ana)).claimed).toEqual([]);
  });
});
