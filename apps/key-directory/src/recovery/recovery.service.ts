import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { verifyRecoveryRecord, type VerifiedRecoveryRecord } from '@cipherchat/crypto/verify';
import { problem, type UserId } from '@cipherchat/protocol';
import { RateLimiter } from '@cipherchat/service-kit';
import { wrongRecoveriesPerTarget } from '../bounds.js';
import { PrismaClient } from '../generated/prisma/client.js';

/** Compared with when there is no record, so that the answer takes the same time. No 32 bytes are known to hash to it. */
const nobodysHash = new Uint8Array(32);

export type FoundRecovery = {
  readonly user: UserId;
  readonly record: Uint8Array;
  readonly manifest: Uint8Array;
};

/** Keeps the newest recovery record of each account, and gives it to who proves to have its recovery key. */
@Injectable()
export class RecoveryService {
  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(RateLimiter) private readonly limiter: RateLimiter,
  ) {}

  /**
   * The account key signs the record, so an access token alone replaces nothing. Publishing the stored one again is
   * done already; records of one account take turns at its manifest's row.
   * @throws ProblemError `directory/recovery-invalid`, `directory/recovery-stale`, `directory/user-unknown`
   */
  async publish(params: {
    readonly user: UserId;
    readonly bytes: Uint8Array;
  }): Promise<{ readonly version: number }> {
    const { user } = params;
    const candidate = verifiedRecord(params);
    const { version, lookupHash, bytes } = candidate;
    await this.prisma.$transaction(async (transaction) => {
      const [account] = await transaction.$queryRaw<readonly { readonly account_key: Uint8Array }[]>`
        select account_key from manifests where user_id = ${user}::uuid for no key update`;
      if (account === undefined) throw problem('directory/user-unknown');
      if (!isSame(account.account_key, candidate.accountKey)) throw problem('directory/recovery-invalid');
      const known = await transaction.recoveryRecord.findUnique({ where: { userId: user } });
      if (known !== null && isSame(known.record, bytes)) return;
      if (known !== null && Number(known.version) >= version)
        throw problem('directory/recovery-stale', { version: Number(known.version) });
      const row = { version, lookupHash: Uint8Array.from(lookupHash), record: Uint8Array.from(bytes) };
      await transaction.recoveryRecord.upsert({
        where: { userId: user },
        create: { userId: user, ...row },
        update: row,
      });
    });
    return { version };
  }

  async read(user: UserId): Promise<Uint8Array | null> {
    return (await this.prisma.recoveryRecord.findUnique({ where: { userId: user } }))?.record ?? null;
  }

  /** @throws ProblemError `directory/recovery-unknown`, `request/rate-limited` after many wrong tries for one account */
  async find(params: { readonly username: string; readonly lookup: Uint8Array }): Promise<FoundRecovery> {
    const { username, lookup } = params;
    const named = await this.prisma.username.findUnique({ where: { username } });
    const user = (named?.userId ?? null) as UserId | null;
    const found =
      user === null
        ? null
        : await this.prisma.recoveryRecord.findUnique({
            where: { userId: user },
            include: { manifest: true },
          });
    const shown = createHash('sha256').update(lookup).digest();
    const isRight = timingSafeEqual(shown, found?.lookupHash ?? nobodysHash);
    if (user !== null && found !== null && isRight)
      return { user, record: found.record, manifest: found.manifest.manifest };
    if (user !== null) await this.limiter.enforce(wrongRecoveriesPerTarget, { address: '', user });
    throw problem('directory/recovery-unknown');
  }
}

/** @throws ProblemError `directory/recovery-invalid` unless it verifies and is this user's */
function verifiedRecord(params: {
  readonly user: UserId;
  readonly bytes: Uint8Array;
}): VerifiedRecoveryRecord {
  const verdict = verifyRecoveryRecord(params.bytes);
  if (verdict.kind === 'invalid' || verdict.record.user !== params.user)
    throw problem('directory/recovery-invalid');
  return verdict.record;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
