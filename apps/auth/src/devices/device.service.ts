import { Inject, Injectable } from '@nestjs/common';
import {
  authRoutes,
  limits,
  problem,
  publishManifest,
  subjects,
  type DeviceId,
  type Tokens,
  type UserId,
} from '@cipherchat/protocol';
import {
  CLOCK,
  EventLog,
  Nats,
  type Clock,
  type CurrentDevice,
  type RequestOf,
  type ResponseOf,
} from '@cipherchat/service-kit';
import { ChallengeService } from '../challenges/challenge.service.js';
import { Prisma, PrismaClient } from '../generated/prisma/client.js';
import { RevocationService } from '../revocations/revocation.service.js';
import { SessionService } from '../sessions/session.service.js';
import { requireManifest } from './device-proof.js';

type AddRequest = RequestOf<typeof authRoutes.addDevice>;
type Newcomer = {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly accountKey: Uint8Array;
  readonly leafKey: Uint8Array<ArrayBuffer>;
};

@Injectable()
export class DeviceService {
  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(Nats) private readonly nats: Nats,
    @Inject(ChallengeService) private readonly challenges: ChallengeService,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(RevocationService) private readonly revocations: RevocationService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(EventLog) private readonly log: EventLog,
  ) {}

  /**
   * The manifest is published first: it is what makes the device the account's, and publishing it again
   * changes nothing, so that a crash before the insert is mended by the same request.
   */
  async add(request: AddRequest): Promise<Tokens> {
    const { user, proof } = request;
    await this.challenges.take(proof);
    const { manifest, entry } = requireManifest({
      bytes: request.manifest,
      user,
      proof,
      nowMs: this.clock.nowMs(),
    });
    const newcomer: Newcomer = {
      user,
      device: proof.device,
      accountKey: manifest.accountKey,
      leafKey: Uint8Array.from(entry.leafKey),
    };
    // Asked before publishing, so that a manifest that cannot be used is not published; and again under the lock.
    await this.admit(this.prisma, newcomer);
    await this.nats.command({
      subject: subjects.publishManifest,
      question: publishManifest,
      body: { user, manifest: manifest.bytes },
    });
    try {
      return await this.sessions.tokens(
        await this.prisma.$transaction((transaction) => this.insert(transaction, newcomer)),
      );
    } catch (error) {
      if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002')
        throw problem('auth/user-exists');
      throw error;
    }
  }

  async list(caller: CurrentDevice): Promise<ResponseOf<typeof authRoutes.listDevices>> {
    const rows = await this.prisma.device.findMany({
      where: { userId: caller.user },
      orderBy: [{ createdAt: 'asc' }, { deviceId: 'asc' }],
    });
    return {
      devices: rows.map((row) => ({
        device: row.deviceId as DeviceId,
        createdAtMs: row.createdAt.getTime(),
        lastSeenDay: row.lastSeenDay?.toISOString().slice(0, 10) ?? null,
        revokedAtMs: row.revokedAt?.getTime() ?? null,
        current: row.deviceId === caller.device,
      })),
    };
  }

  /** Removing what is removed already changes nothing. @throws ProblemError `request/not-found` */
  async revoke(params: { readonly user: UserId; readonly device: DeviceId }): Promise<void> {
    const { user, device } = params;
    const entries = await this.prisma.$transaction(async (transaction) => {
      const revokedAt = new Date(this.clock.nowMs());
      const { count } = await transaction.device.updateMany({
        where: { deviceId: device, userId: user, revokedAt: null },
        data: { revokedAt },
      });
      if (count === 0) {
        if ((await transaction.device.count({ where: { deviceId: device, userId: user } })) === 0)
          throw problem('request/not-found');
        return [];
      }
      await transaction.session.updateMany({
        where: { deviceId: device, endedAt: null },
        data: { endedAt: revokedAt },
      });
      return this.revocations.record(transaction, { endings: [{ kind: 'device', user, device }], revokedAt });
    });
    this.revocations.publish(entries);
    if (entries.length > 0) this.log.event('auth.device-revoked');
  }

  /** @throws ProblemError when the device may not be added; `'known'` when it was added by this request before */
  private async admit(client: Prisma.TransactionClient, newcomer: Newcomer): Promise<'known' | 'new'> {
    const { user, device, accountKey, leafKey } = newcomer;
    const account = await client.account.findUnique({ where: { userId: user } });
    if (account === null || account.accountKey === null || account.state === 'pending')
      throw problem('directory/user-unknown');
    if (Buffer.compare(account.accountKey, accountKey) !== 0) throw problem('directory/manifest-invalid');
    if (account.state === 'disabled') throw problem('auth/user-disabled');
    const known = await client.device.findUnique({ where: { deviceId: device } });
    if (known !== null) {
      const same =
        known.userId === user &&
        known.revokedAt === null &&
        known.leafKey !== null &&
        Buffer.compare(known.leafKey, leafKey) === 0;
      if (!same) throw problem('auth/user-exists');
      return 'known';
    }
    const devices = await client.device.count({ where: { userId: user, revokedAt: null } });
    if (devices >= limits.maxDevicesPerUser)
      throw problem('auth/too-many-devices', { maxDevices: limits.maxDevicesPerUser });
    return 'new';
  }

  private async insert(transaction: Prisma.TransactionClient, newcomer: Newcomer) {
    const { user, device, leafKey } = newcomer;
    // One newcomer at a time, so that the count holds; and not while the account is being disabled or deleted.
    await transaction.$executeRaw`select 1 from accounts where user_id = ${user}::uuid for update`;
    if ((await this.admit(transaction, newcomer)) === 'new') {
      await transaction.device.create({
        data: { deviceId: device, userId: user, leafKey, createdAt: new Date(this.clock.nowMs()) },
      });
    }
    return this.sessions.start(transaction, device);
  }
}
