/** Real Postgres, Redis and NATS; the key directory is played by testing/key-directory.ts. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { authRoutes } from '@cipherchat/protocol';
import { AuthWorld } from '../testing/auth-world.js';
import { waitingOrDone } from '../testing/waiting.js';
import { RevocationService } from './revocation.service.js';

let world: AuthWorld;

beforeAll(async () => {
  world = await AuthWorld.start();
});
afterAll(() => world.stop());

const revocationsAfter = (after: number, sinceMs = 0) => world.revocationsAfter(after, sinceMs);

describe('the list of revocations', () => {
  it('never shows a place before all places before it, however transactions overlap', async () => {
    const people = await Promise.all(Array.from({ length: 20 }, () => world.person()));
    const start = (await revocationsAfter(0)).at(-1)?.order ?? 0;
    let place = start;
    const followed: number[] = [];
    let done = false;
    const follow = async (): Promise<void> => {
      while (!done || (await revocationsAfter(place)).length > 0) {
        for (const entry of await revocationsAfter(place)) {
          followed.push(entry.order);
          place = entry.order;
        }
      }
    };
    const following = follow();
    await Promise.all(
      people.map(({ account, tokens }) =>
        world.call(authRoutes.revokeDevice, {
          token: tokens.accessToken,
          path: { device: account.device.device },
        }),
      ),
    );
    done = true;
    await following;
    expect(followed).toHaveLength(20);
    expect(followed).toEqual((await revocationsAfter(start)).map(({ order }) => order));
  });

  it('makes a later revocation wait for an earlier one that is not committed yet', async () => {
    const [{ account: first }, { account: second, tokens }] = [await world.person(), await world.person()];
    const revocations = world.service.application.get(RevocationService);
    const place = (await revocationsAfter(0)).at(-1)?.order ?? 0;
    const later = await world.prisma.$transaction(async (transaction) => {
      await revocations.record(transaction, {
        endings: [{ kind: 'device', user: first.user, device: first.device.device }],
        revokedAt: new Date(),
      });
      const started = await waitingOrDone(
        world,
        world.call(authRoutes.revokeDevice, {
          token: tokens.accessToken,
          path: { device: second.device.device },
        }),
      );
      expect(started.isDone).toBe(false);
      expect(await revocationsAfter(place)).toEqual([]);
      return started;
    });
    expect((await later.outcome).status).toBe(204);
    expect((await revocationsAfter(place)).map(({ user }) => user)).toEqual([first.user, second.user]);
  });

  it('leaves out what is older than asked for, keeps devices for good and sessions for a day', async () => {
    const { account, tokens } = await world.person();
    const { tokens: other } = await world.another(account, { version: 2 });
    await world.call(authRoutes.signOut, { token: other.accessToken });
    await world.call(authRoutes.revokeDevice, {
      token: tokens.accessToken,
      path: { device: account.device.device },
    });
    const mine = async (sinceMs: number): Promise<readonly string[]> =>
      (await revocationsAfter(0, sinceMs))
        .filter(({ user }) => user === account.user)
        .map(({ kind }) => kind);
    expect(await mine(0)).toEqual(['session', 'device']);
    expect(await mine(world.nowMs + 1_000)).toEqual([]);
    expect(await mine(Number.MAX_SAFE_INTEGER)).toEqual([]);
    world.passMs(25 * 3_600_000);
    await world.housekeep();
    expect(await mine(0)).toEqual(['device']);
  });
});
