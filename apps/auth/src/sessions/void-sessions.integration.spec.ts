/** Real Postgres, Redis and NATS; the key directory is played. `voidSessions` runs under the service's own role. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { authRoutes } from '@cipherchat/protocol';
import { withClient } from '@cipherchat/test-kit';
import { AuthWorld } from '../testing/auth-world.js';
import { voidSessions } from './void-sessions.js';

let world: AuthWorld;

beforeAll(async () => {
  world = await AuthWorld.start();
});
afterAll(() => world.stop());

const voided = (): Promise<number> => withClient(world.database.url('auth'), voidSessions);

describe('after a restore', () => {
  it('every session has ended, and a device comes back with its key', async () => {
    const [ana, ben] = [await world.person(), await world.person()];
    expect(await voided()).toBe(2);
    for (const { account, tokens } of [ana, ben]) {
      const refreshed = await world.refresh({ device: account.device, refreshToken: tokens.refreshToken });
      expect(refreshed.code).toBe('auth/refresh-invalid');
      expect((await world.signIn(account.device)).status).toBe(200);
    }
  });

  it('places of revocations that may have been given out since the backup are not given out again', async () => {
    const revoke = async (): Promise<number> => {
      const { account, tokens } = await world.person();
      const before = (await world.revocationsAfter(0)).at(-1)?.order ?? 0;
      await world.call(authRoutes.revokeDevice, {
        path: { device: account.device.device },
        token: tokens.accessToken,
      });
      const [entry] = await world.revocationsAfter(before);
      if (entry === undefined) throw new Error('nothing was revoked');
      return entry.order;
    };
    const known = await revoke();
    await voided();
    // What followers may have seen of the list that was lost.
    const seen = known + 50_000;
    expect(await revoke()).toBeGreaterThan(seen);
  });

  it('doing it again ends nothing more', async () => {
    await world.person();
    await voided();
    expect(await voided()).toBe(0);
  });
});
