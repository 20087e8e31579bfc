import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { limits, problem, type DeviceId, type UserId } from '@cipherchat/protocol';
import { CLOCK, type Clock, type CurrentDevice } from '@cipherchat/service-kit';
import { Metrics, type Counter, type Histogram } from '@cipherchat/telemetry';
import { bounds } from '../bounds.js';
import { PrismaClient, type Prisma } from '../generated/prisma/client.js';
import { BlockService } from '../people/block.service.js';
import { takeSingleUse } from './claim-statement.js';

type Offered = { readonly keyPackage: Uint8Array; readonly notAfterMs: number };
type Claimed = { readonly device: DeviceId; readonly keyPackage: Uint8Array; readonly lastResort: boolean };

/** Stores key packages and hands each out once. What is inside is for clients to check: here it is bytes. */
@Injectable()
export class KeyPackageService {
  private readonly countClaims: Counter<'cipherchat_key_packages_claimed_total'>;
  private readonly observeStock: Histogram<'cipherchat_stock_key_packages'>;

  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(BlockService) private readonly blocks: BlockService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.countClaims = metrics.counter('cipherchat_key_packages_claimed_total');
    this.observeStock = metrics.histogram('cipherchat_stock_key_packages');
  }

  /**
   * Adds to a device's stock, all or nothing. A package that is known, handed out or not, is not added again.
   * @throws ProblemError `directory/key-packages-full`, `auth/device-revoked`, `request/malformed`
   */
  async upload(params: {
    readonly caller: CurrentDevice;
    readonly suite: number;
    readonly singleUse: readonly Offered[];
    readonly lastResort: Offered | undefined;
  }): Promise<number> {
    const { caller, suite, singleUse, lastResort } = params;
    const nowMs = this.clock.nowMs();
    checkLifetimes({ offered: singleUse, at: 'body.singleUse', nowMs });
    if (lastResort !== undefined) checkLifetimes({ offered: [lastResort], at: 'body.lastResort', nowMs });
    return this.prisma.$transaction(async (transaction) => {
      await lockDevice(transaction, caller);
      await transaction.keyPackage.deleteMany({
        where: { deviceId: caller.device, notAfter: { lte: new Date(nowMs) } },
      });
      await transaction.keyPackage.createMany({
        data: singleUse.map((offered) => rowOf({ offered, caller, suite, isLastResort: false })),
        skipDuplicates: true,
      });
      const count = await transaction.keyPackage.count({ where: singleUseOf(caller.device, suite) });
      if (count > limits.maxKeyPackagesPerDevice)
        throw problem('directory/key-packages-full', { max: limits.maxKeyPackagesPerDevice });
      if (lastResort !== undefined)
        await replaceLastResort(
          transaction,
          rowOf({ offered: lastResort, caller, suite, isLastResort: true }),
        );
      return count;
    });
  }

  async count(params: {
    readonly device: DeviceId;
    readonly suite: number;
  }): Promise<{ readonly singleUseCount: number; readonly lastResortNotAfterMs: number | null }> {
    const { device, suite } = params;
    const now = new Date(this.clock.nowMs());
    const [singleUseCount, lastResort] = await this.prisma.$transaction([
      this.prisma.keyPackage.count({ where: { ...singleUseOf(device, suite), notAfter: { gt: now } } }),
      this.prisma.keyPackage.findFirst({
        where: { deviceId: device, suite, lastResort: true, notAfter: { gt: now } },
        orderBy: { id: 'desc' },
      }),
    ]);
    this.observeStock(singleUseCount);
    return { singleUseCount, lastResortNotAfterMs: lastResort?.notAfter.getTime() ?? null };
  }

  /**
   * One package for each current device of a user, but for the caller's own: single-use while there are
   * any (and `from` allows it), then the last-resort one.
   *
   * Whether the user has blocked the caller is asked before anything is taken, so that a refused claim uses nothing up,
   * and again when all is gathered: nothing is handed out in a claim that ends after a block was answered.
   * @throws ProblemError `directory/user-unknown`, `directory/claim-refused`
   */
  async claim(params: {
    readonly caller: CurrentDevice;
    readonly user: UserId;
    readonly suite: number;
    /** Only these of the user's devices; others in the list are passed over. */
    readonly only: readonly DeviceId[] | undefined;
    readonly from: 'all' | 'last-resort';
  }): Promise<{ readonly claimed: readonly Claimed[]; readonly exhausted: readonly DeviceId[] }> {
    const { suite, from } = params;
    const pair = { user: params.user, other: params.caller.user };
    await this.blocks.refuseBlocked(pair);
    const now = new Date(this.clock.nowMs());
    const devices = await this.currentDevices({ ...params, now });
    // No transaction: the statement that takes is one, and what follows only reads.
    const single = from === 'all' ? await takeSingleUse(this.prisma, { devices, suite, now }) : [];
    const served = new Set(single.map(({ deviceId }) => deviceId));
    const lastResort = await this.lastResortOf({
      devices: devices.filter((device) => !served.has(device)),
      suite,
      now,
    });
    const claimed = [
      ...single.map(({ deviceId, keyPackage }) => ({ device: deviceId, keyPackage, lastResort: false })),
      ...lastResort,
    ];
    const exhausted = devices.filter((device) => !claimed.some((entry) => entry.device === device));
    this.countClaims({ outcome: 'single-use' }, single.length);
    this.countClaims({ outcome: 'last-resort' }, lastResort.length);
    this.countClaims({ outcome: 'exhausted' }, exhausted.length);
    await this.blocks.refuseBlocked(pair);
    return { claimed, exhausted };
  }

  /** Deletes packages that have expired, the digests of handed out ones too. Returns how many. */
  async deleteExpired(): Promise<number> {
    const now = new Date(this.clock.nowMs());
    return this.prisma.$executeRaw`
      delete from key_packages where id in (select id from key_packages where not_after <= ${now} limit ${bounds.maxExpiredPerSweep} for update skip locked)`;
  }

  private async lastResortOf(params: {
    readonly devices: readonly DeviceId[];
    readonly suite: number;
    readonly now: Date;
  }): Promise<readonly Claimed[]> {
    const { devices, suite, now } = params;
    if (devices.length === 0) return [];
    const rows = await this.prisma.keyPackage.findMany({
      where: { deviceId: { in: [...devices] }, suite, lastResort: true, notAfter: { gt: now } },
    });
    return rows.flatMap(({ deviceId, keyPackage }) =>
      keyPackage === null ? [] : [{ device: deviceId as DeviceId, keyPackage, lastResort: true }],
    );
  }

  private async currentDevices(params: {
    readonly caller: CurrentDevice;
    readonly user: UserId;
    readonly only: readonly DeviceId[] | undefined;
    readonly now: Date;
  }): Promise<readonly DeviceId[]> {
    const { caller, user, only, now } = params;
    const rows = await this.prisma.device.findMany({
      where: {
        userId: user,
        revoked: false,
        expiresAt: { gt: now },
        deviceId: { not: caller.device, ...(only === undefined ? {} : { in: [...only] }) },
      },
      orderBy: { deviceId: 'asc' },
    });
    if (rows.length === 0 && (await this.prisma.manifest.count({ where: { userId: user } })) === 0)
      throw problem('directory/user-unknown');
    return rows.map(({ deviceId }) => deviceId as DeviceId);
  }
}

/** @throws ProblemError `request/malformed` naming the first that has expired, or would be kept too long */
function checkLifetimes(params: {
  readonly offered: readonly Offered[];
  readonly at: string;
  readonly nowMs: number;
}): void {
  const { offered, at, nowMs } = params;
  const index = offered.findIndex(
    ({ notAfterMs }) => notAfterMs <= nowMs || notAfterMs > nowMs + bounds.maxKeyPackageLifetimeMs,
  );
  if (index !== -1) throw problem('request/malformed', { at: `${at}.${index}.notAfterMs` });
}

/** Uploads of one device take turns, so that the count holds. A device that is gone has no stock. */
async function lockDevice(
  transaction: Prisma.TransactionClient,
  { user, device }: CurrentDevice,
): Promise<void> {
  const locked = await transaction.$queryRaw<unknown[]>`
    select 1 from devices where device_id = ${device}::uuid and user_id = ${user}::uuid and not revoked for no key update`;
  if (locked.length === 0) throw problem('auth/device-revoked');
}

function singleUseOf(deviceId: DeviceId, suite: number) {
  return { deviceId, suite, lastResort: false, keyPackage: { not: null } };
}

function rowOf(params: {
  readonly offered: Offered;
  readonly caller: CurrentDevice;
  readonly suite: number;
  readonly isLastResort: boolean;
}) {
  const { offered, caller, suite, isLastResort } = params;
  return {
    deviceId: caller.device,
    suite,
    lastResort: isLastResort,
    digest: Uint8Array.from(createHash('sha256').update(offered.keyPackage).digest()),
    keyPackage: Uint8Array.from(offered.keyPackage),
    notAfter: new Date(offered.notAfterMs),
  };
}

async function replaceLastResort(
  transaction: Prisma.TransactionClient,
  row: ReturnType<typeof rowOf>,
): Promise<void> {
  await transaction.keyPackage.deleteMany({
    where: { deviceId: row.deviceId, suite: row.suite, lastResort: true, digest: { not: row.digest } },
  });
  await transaction.keyPackage.createMany({ data: [row], skipDuplicates: true });
}
