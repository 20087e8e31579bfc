import { Inject, Injectable } from '@nestjs/common';
import {
  compareManifests,
  findDevice,
  verifyManifest,
  type VerifiedManifest,
} from '@cipherchat/crypto/verify';
import { encodeServerFrame, problem, subjects, type UserId } from '@cipherchat/protocol';
import { Nats } from '@cipherchat/service-kit';
import { Metrics, type Counter } from '@cipherchat/telemetry';
import { PrismaClient, type Prisma } from '../generated/prisma/client.js';

/** The last moment that every reader of a timestamp understands: 9999-12-31. */
const latestExpiryS = 253_402_300_799;

type KnownRow = { readonly manifest: Uint8Array };
export type FoundManifests = {
  readonly manifests: ReadonlyArray<{ readonly user: UserId; readonly manifest: Uint8Array }>;
  readonly unknown: readonly UserId[];
};

/**
 * Keeps the newest manifest of each account. Everything about it is checked again by clients, against
 * keys that they have pinned; checking here keeps mistakes and vandals out.
 */
@Injectable()
export class ManifestService {
  private readonly countManifest: Counter<'cipherchat_manifests_published_total'>;

  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(Nats) private readonly nats: Nats,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.countManifest = metrics.counter('cipherchat_manifests_published_total');
  }

  /**
   * Compare-and-set on the version: of two newer manifests published at once the greater one stays.
   * Publishing the stored one again is done already.
   * @throws ProblemError `directory/manifest-invalid`, `directory/manifest-stale`, `directory/user-unknown`
   */
  async publish(params: {
    readonly user: UserId;
    readonly bytes: Uint8Array;
  }): Promise<{ readonly version: number }> {
    const { user } = params;
    const candidate = verifiedManifest(params);
    const isNew = await this.prisma.$transaction(async (transaction) => {
      const known = await lockManifest(transaction, user);
      if (known === null) throw problem('directory/user-unknown');
      if (!replaces({ known, candidate })) return false;
      const { version, bytes } = candidate;
      await transaction.manifest.update({
        where: { userId: user },
        data: { version, manifest: Uint8Array.from(bytes) },
      });
      if (!(await storeDevices(transaction, candidate))) throw problem('directory/manifest-invalid');
      return true;
    });
    this.countManifest({ outcome: isNew ? 'stored' : 'known' });
    // After the commit: who is told must find it. May be lost; clients also compare versions.
    if (isNew)
      this.nats.publish(
        subjects.live(user),
        encodeServerFrame({ type: 'manifest', user, version: candidate.version }),
      );
    return { version: candidate.version };
  }

  /** Manifests of the users whose version the caller does not have. */
  async find(
    users: ReadonlyArray<{ readonly user: UserId; readonly haveVersion: number }>,
  ): Promise<FoundManifests> {
    const rows = await this.prisma.manifest.findMany({
      where: { userId: { in: users.map(({ user }) => user) } },
    });
    const byUser = new Map(rows.map((row) => [row.userId, row]));
    return {
      manifests: users.flatMap(({ user, haveVersion }) => {
        const row = byUser.get(user);
        return row === undefined || Number(row.version) === haveVersion
          ? []
          : [{ user, manifest: row.manifest }];
      }),
      unknown: users.filter(({ user }) => !byUser.has(user)).map(({ user }) => user),
    };
  }
}

/** @throws ProblemError `directory/manifest-invalid` unless it verifies and is this user's */
export function verifiedManifest(params: {
  readonly user: UserId;
  readonly bytes: Uint8Array;
}): VerifiedManifest {
  const verdict = verifyManifest(params.bytes);
  if (verdict.kind === 'invalid' || verdict.manifest.user !== params.user)
    throw problem('directory/manifest-invalid');
  return verdict.manifest;
}

/**
 * Writes the rows of a manifest's devices in place of the account's earlier ones; key packages of devices
 * that are gone go with them. False when a device id is another account's.
 */
export async function storeDevices(
  transaction: Prisma.TransactionClient,
  manifest: VerifiedManifest,
): Promise<boolean> {
  const ids = manifest.devices.map(({ device }) => device);
  const expiries = manifest.devices.map(
    ({ expiresAtS }) => new Date(Math.min(expiresAtS, latestExpiryS) * 1_000),
  );
  await transaction.device.deleteMany({ where: { userId: manifest.user, deviceId: { notIn: ids } } });
  // In the manifest's order, which is by id: two accounts that claim each other's ids cannot deadlock.
  const stored = await transaction.$executeRaw`
    insert into devices (device_id, user_id, expires_at)
    select device_id, ${manifest.user}::uuid, expires_at
    from unnest(${ids}::uuid[], ${expiries}::timestamptz[]) as entry (device_id, expires_at)
    on conflict (device_id) do update set expires_at = excluded.expires_at where devices.user_id = excluded.user_id`;
  return stored === ids.length;
}

async function lockManifest(
  transaction: Prisma.TransactionClient,
  user: UserId,
): Promise<VerifiedManifest | null> {
  const [row] = await transaction.$queryRaw<
    KnownRow[]
  >`select manifest from manifests where user_id = ${user}::uuid for update`;
  if (row === undefined) return null;
  const verdict = verifyManifest(row.manifest);
  // It was verified when it was stored, so this is damage or tampering; an operator has to look.
  if (verdict.kind === 'invalid') throw new Error(`stored manifest: ${verdict.reason}`);
  return verdict.manifest;
}

/** Whether to store the candidate; false when it is stored. @throws ProblemError when it may not replace the known one */
function replaces({
  known,
  candidate,
}: {
  readonly known: VerifiedManifest;
  readonly candidate: VerifiedManifest;
}): boolean {
  const order = compareManifests({ known, candidate });
  switch (order) {
    case 'same':
      return false;
    case 'older':
    case 'forked':
      throw problem('directory/manifest-stale', { version: known.version });
    case 'account-key-changed':
    case 'other-user':
      throw problem('directory/manifest-invalid');
    case 'newer':
      if (changesLeafKey({ known, candidate })) throw problem('directory/manifest-invalid');
      return true;
  }
}

/** A device keeps its key for life: what signs in as a device, and what its leaves are checked against, is one key. */
function changesLeafKey({
  known,
  candidate,
}: {
  readonly known: VerifiedManifest;
  readonly candidate: VerifiedManifest;
}): boolean {
  return candidate.devices.some(({ device, leafKey }) => {
    const before = findDevice(known, device);
    return before !== undefined && Buffer.compare(before.leafKey, leafKey) !== 0;
  });
}
