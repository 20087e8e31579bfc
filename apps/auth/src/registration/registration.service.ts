import { Inject, Injectable } from '@nestjs/common';
import {
  authRoutes,
  problem,
  isProblem,
  registerIdentity,
  subjects,
  type DeviceId,
  type Tokens,
  type UserId,
} from '@cipherchat/protocol';
import { CLOCK, EventLog, Nats, type Clock, type RequestOf } from '@cipherchat/service-kit';
import { bounds } from '../bounds.js';
import { ChallengeService } from '../challenges/challenge.service.js';
import { requireManifest } from '../devices/device-proof.js';
import { Prisma, PrismaClient } from '../generated/prisma/client.js';
import { InviteService } from '../invites/invite.service.js';
import { SessionService } from '../sessions/session.service.js';
import { AdmissionService } from './admission.service.js';

type RegistrationRequest = RequestOf<typeof authRoutes.register>;

/** What a registration is about: the same ids and keys are the same registration, whenever it comes. */
type Applicant = {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly accountKey: Uint8Array<ArrayBuffer>;
  readonly leafKey: Uint8Array<ArrayBuffer>;
};

const retryAfterMs = 1_000;

/**
 * Note [Registration in three steps]
 * An account lives here, its username and manifest in the key directory, and no transaction spans both:
 *
 *   1. reserve: insert the account as `pending` with its device, and take one use of the invite;
 *   2. have the key directory register username and manifest (idempotent by user);
 *   3. activate the account and begin a session, in one transaction.
 *
 * After a crash between any two the same request, sent again, goes on: 1 finds its own row, 2 is done already,
 * 3 is done at most once. (The same manifest, byte for byte: the directory takes another first manifest for
 * another account.) When the directory refuses for good (the name is taken), the pending account is deleted and
 * the invite's use given back; so is, after an hour, a registration that nobody retried.
 */
@Injectable()
export class RegistrationService {
  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(Nats) private readonly nats: Nats,
    @Inject(ChallengeService) private readonly challenges: ChallengeService,
    @Inject(AdmissionService) private readonly admission: AdmissionService,
    @Inject(InviteService) private readonly invites: InviteService,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(EventLog) private readonly log: EventLog,
  ) {}

  async register(request: RegistrationRequest): Promise<Tokens> {
    const { user, username, proof } = request;
    await this.challenges.take(proof);
    const { manifest, entry } = requireManifest({
      bytes: request.manifest,
      user,
      proof,
      nowMs: this.clock.nowMs(),
    });
    if (manifest.version !== 1 || manifest.devices.length !== 1) throw problem('directory/manifest-invalid');
    const applicant: Applicant = {
      user,
      device: proof.device,
      accountKey: Uint8Array.from(manifest.accountKey),
      leafKey: Uint8Array.from(entry.leafKey),
    };
    const reservation = await this.reserve(applicant, request);
    if (reservation === 'active')
      return this.sessions.tokens(
        await this.prisma.$transaction((transaction) => this.sessions.start(transaction, applicant.device)),
      );
    await this.registerIdentity({ user, username, manifest: manifest.bytes });
    const tokens = await this.activate(applicant);
    this.log.event(reservation === 'resumed' ? 'auth.registration-resumed' : 'auth.registered');
    return tokens;
  }

  /** Gives up registrations that nobody has retried; returns how many. */
  async abandonOld(): Promise<number> {
    const before = new Date(this.clock.nowMs() - bounds.pendingRegistrationMs);
    const old = await this.prisma.account.findMany({
      where: { state: 'pending', createdAt: { lt: before } },
      take: bounds.housekeepingBatch,
    });
    for (const { userId } of old) await this.abandon(userId as UserId);
    return old.length;
  }

  private async reserve(
    applicant: Applicant,
    request: Pick<RegistrationRequest, 'invite' | 'bootstrapToken'>,
  ): Promise<'reserved' | 'resumed' | 'active'> {
    try {
      return await this.prisma.$transaction(async (transaction) => {
        await lockUser(transaction, applicant.user);
        const account = await transaction.account.findUnique({
          where: { userId: applicant.user },
          include: { devices: true },
        });
        if (account === null) {
          await this.insert(transaction, { applicant, request });
          return 'reserved';
        }
        const device = account.devices.find(({ deviceId }) => deviceId === applicant.device);
        const same =
          sameBytes(account.accountKey, applicant.accountKey) &&
          sameBytes(device?.leafKey, applicant.leafKey) &&
          device?.revokedAt === null;
        if (same && account.state === 'pending') return 'resumed';
        if (same && account.state === 'active') return 'active';
        throw problem('auth/user-exists');
      });
    } catch (error) {
      // The device id is another account's.
      if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002')
        throw problem('auth/user-exists');
      throw error;
    }
  }

  private async insert(
    transaction: Prisma.TransactionClient,
    params: {
      readonly applicant: Applicant;
      readonly request: Pick<RegistrationRequest, 'invite' | 'bootstrapToken'>;
    },
  ): Promise<void> {
    const { user, device, accountKey, leafKey } = params.applicant;
    const { role, inviteHash } = await this.admission.admit(transaction, params.request);
    const createdAt = new Date(this.clock.nowMs());
    await transaction.account.create({
      data: { userId: user, accountKey, role, state: 'pending', createdAt, inviteHash },
    });
    await transaction.device.create({ data: { deviceId: device, userId: user, leafKey, createdAt } });
  }

  private async registerIdentity(body: {
    readonly user: UserId;
    readonly username: string;
    readonly manifest: Uint8Array;
  }): Promise<void> {
    try {
      await this.nats.command({ subject: subjects.registerIdentity, question: registerIdentity, body });
    } catch (error) {
      // Otherwise it may have been done: stay pending, the client tries again.
      if (!isProblem(error) || error.retry !== 'never') throw error;
      await this.abandon(body.user);
      this.log.event('auth.registration-abandoned', { problem: error.code });
      throw error;
    }
  }

  private async activate(applicant: Applicant): Promise<Tokens> {
    const session = await this.prisma.$transaction(async (transaction) => {
      await lockUser(transaction, applicant.user);
      const { count } = await transaction.account.updateMany({
        where: { userId: applicant.user, state: 'pending' },
        data: { state: 'active', inviteHash: null },
      });
      const active =
        count === 1 ||
        (await transaction.account.count({ where: { userId: applicant.user, state: 'active' } })) === 1;
      // Given up meanwhile, by a double of this request that was refused: the client begins again.
      if (!active) throw problem('service/unavailable', { retryAfterMs });
      return this.sessions.start(transaction, applicant.device);
    });
    return this.sessions.tokens(session);
  }

  private async abandon(user: UserId): Promise<void> {
    await this.prisma.$transaction(async (transaction) => {
      await lockUser(transaction, user);
      const account = await transaction.account.findUnique({ where: { userId: user } });
      if (account?.state !== 'pending') return;
      await transaction.device.deleteMany({ where: { userId: user } });
      await transaction.account.delete({ where: { userId: user } });
      await this.invites.giveBack(transaction, account.inviteHash);
    });
  }
}

/** One step of one user's registration at a time; there may be no row to lock yet. */
async function lockUser(transaction: Prisma.TransactionClient, user: UserId): Promise<void> {
  await transaction.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${user}::text, 0))`;
}

function sameBytes(one: Uint8Array | null | undefined, other: Uint8Array): boolean {
  return one !== null && one !== undefined && Buffer.compare(one, other) === 0;
}
