/** Real: Postgres. Transactions are held open by hand, so that the order of events is the story's and not chance's. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keysRoutes } from '@cipherchat/protocol';
import { keyPackages, startWorld, type Account, type World } from '../directory-world.fixture.js';
import { PrismaClient, type Prisma } from '../generated/prisma/client.js';
import { takeSingleUse } from './claim-statement.js';

const suite = 1;
let world: World;
let prisma: PrismaClient;
beforeAll(async () => {
  world = await startWorld({ replicas: 1 });
  prisma = world.services[0]!.application.get(PrismaClient);
}, 60_000);
afterAll(() => world.stop());

/** A device with so many key packages, in the order of uploading. */
async function stocked(
  count: number,
): Promise<{ readonly account: Account; readonly packages: readonly string[] }> {
  const account = await world.registered();
  const singleUse = keyPackages(count, world.clock.nowMs);
  await world.call(keysRoutes.uploadKeyPackages, {
    by: { user: account.user, device: account.devices[0]! },
    body: { suite, singleUse },
  });
  return { account, packages: singleUse.map(({ keyPackage }) => Buffer.from(keyPackage).toString('hex')) };
}

async function take(client: Prisma.TransactionClient, { devices }: Account): Promise<readonly string[]> {
  const rows = await takeSingleUse(client, { devices, suite, now: new Date(world.clock.nowMs) });
  return rows.map(({ keyPackage }) => Buffer.from(keyPackage).toString('hex'));
}

/** Runs `meanwhile` while a transaction that took a package is still open, and then ends it as told. */
async function whileHeld(
  account: Account,
  params: { readonly ends: 'commit' | 'rollback'; readonly meanwhile: () => Promise<void> },
): Promise<readonly string[]> {
  let taken: readonly string[] = [];
  const rolledBack = new Error('rolled back on purpose');
  const held = prisma.$transaction(async (transaction) => {
    taken = await take(transaction, account);
    await params.meanwhile();
    if (params.ends === 'rollback') throw rolledBack;
  });
  await held.catch((error: unknown) => {
    if (error !== rolledBack) throw error;
  });
  return taken;
}

describe('taking key packages', () => {
  it('passes over what another transaction is taking, without waiting for it', async () => {
    const { account, packages } = await stocked(3);
    const inner: (readonly string[])[] = [];
    const outer = await whileHeld(account, {
      ends: 'commit',
      meanwhile: async () => {
        inner.push(await take(prisma, account), await take(prisma, account), await take(prisma, account));
      },
    });
    expect([outer, ...inner]).toEqual([[packages[0]], [packages[1]], [packages[2]], []]);
    expect(await take(prisma, account)).toEqual([]);
  });

  it('gives what a transaction took that was rolled back to the next', async () => {
    const { account, packages } = await stocked(1);
    const outer = await whileHeld(account, {
      ends: 'rollback',
      meanwhile: async () => expect(await take(prisma, account)).toEqual([]),
    });
    expect(outer).toEqual([packages[0]]);
    expect(await take(prisma, account)).toEqual([packages[0]]);
  });

  it('gives the oldest first', async () => {
    const { account, packages } = await stocked(3);
    const taken = [await take(prisma, account), await take(prisma, account), await take(prisma, account)];
    expect(taken).toEqual(packages.map((keyPackage) => [keyPackage]));
  });
});

describe('uploading', () => {
  it('waits for another upload of the device, so that the limit holds', async () => {
    const { account } = await stocked(60);
    const by = { user: account.user, device: account.devices[0]! };
    const upload = () =>
      world.call(keysRoutes.uploadKeyPackages, {
        by,
        body: { suite, singleUse: keyPackages(30, world.clock.nowMs) },
      });
    let second: ReturnType<typeof upload> | undefined;
    await prisma.$transaction(
      async (transaction) => {
        await transaction.$queryRaw`select 1 from devices where device_id = ${by.device}::uuid for no key update`;
        second = upload();
        // Seen to wait: a session is blocked by this one.
        for (const deadline = Date.now() + 10_000; ;) {
          const [row] = await transaction.$queryRaw<{ waiting: bigint }[]>`
          select count(*) as waiting from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))`;
          if (row !== undefined && row.waiting > 0n) break;
          if (Date.now() > deadline) throw new Error('the upload did not wait');
        }
        await transaction.keyPackage.createMany({
          data: keyPackages(30, world.clock.nowMs).map(({ keyPackage, notAfterMs }) => ({
            deviceId: by.device,
            suite,
            lastResort: false,
            digest: Uint8Array.from(keyPackage.subarray(0, 32)),
            keyPackage: Uint8Array.from(keyPackage),
            notAfter: new Date(notAfterMs),
          })),
        });
      },
      { timeout: 15_000 },
    );
    expect(await second).toMatchObject({ status: 409, code: 'directory/key-packages-full' });
  });
});
