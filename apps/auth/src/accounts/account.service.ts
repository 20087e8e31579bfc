import { Inject, Injectable } from '@nestjs/common';
import {
  eraseIdentity,
  problem,
  subjects,
  type DeviceId,
  type Revocation,
  type SessionId,
  type UserId,
} from '@cipherchat/protocol';
import {
  CLOCK,
  describeError,
  EventLog,
  Nats,
  type Clock,
  type CurrentDevice,
} from '@cipherchat/service-kit';
import { bounds } from '../bounds.js';
import { PrismaClient, type Prisma } from '../generated/prisma/client.js';
import { RevocationService } from '../revocations/revocation.service.js';

/** Deleting, disabling and enabling accounts. */
@Injectable()
export class AccountService {
  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(Nats) private readonly nats: Nats,
    @Inject(RevocationService) private readonly revocations: RevocationService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(EventLog) private readonly log: EventLog,
  ) {}

  /**
   * Durable at once as `deleting`: keys gone, devices revoked. The key directory is told now or, when it
   * cannot be reached or we crash, by housekeeping; telling it twice changes nothing.
   */
  async delete(user: UserId): Promise<void> {
    const entries = await this.prisma.$transaction((transaction) => this.anonymise(transaction, user));
    this.revocations.publish(entries);
    this.log.event('auth.account-deleted');
    await this.finishDeletion(user);
  }

  /** Goes on with deletions that were interrupted; returns how many were open. */
  async finishDeletions(): Promise<number> {
    const open = await this.prisma.account.findMany({
      where: { state: 'deleting' },
      select: { userId: true },
      take: bounds.housekeepingBatch,
    });
    for (const { userId } of open) await this.finishDeletion(userId as UserId);
    return open.length;
  }

  /** @throws ProblemError `directory/user-unknown`, `auth/forbidden` for oneself: nobody could undo it */
  async disable(params: { readonly caller: CurrentDevice; readonly user: UserId }): Promise<void> {
    const { caller, user } = params;
    if (caller.user === user) throw problem('auth/forbidden');
    const entries = await this.prisma.$transaction(async (transaction) => {
      // The row lock comes first: a session that begins meanwhile is either before it and found below, or refused.
      await this.setState(transaction, { user, state: 'disabled' });
      return this.endSessions(transaction, user);
    });
    this.revocations.publish(entries);
    this.log.event('auth.user-disabled');
  }

  /** @throws ProblemError `directory/user-unknown` */
  async enable(user: UserId): Promise<void> {
    await this.setState(this.prisma, { user, state: 'active' });
    this.log.event('auth.user-enabled');
  }

  private async setState(
    client: Prisma.TransactionClient,
    params: { readonly user: UserId; readonly state: 'active' | 'disabled' },
  ): Promise<void> {
    const { count } = await client.account.updateMany({
      where: { userId: params.user, state: { in: ['active', 'disabled'] } },
      data: { state: params.state },
    });
    if (count === 0) throw problem('directory/user-unknown');
  }

  /** Also those that ended within the lifetime of an access token: their last one may still be valid. */
  private async endSessions(
    transaction: Prisma.TransactionClient,
    user: UserId,
  ): Promise<readonly Revocation[]> {
    const sessions = await transaction.session.findMany({ where: { device: { userId: user } } });
    const endedAt = new Date(this.clock.nowMs());
    await transaction.session.updateMany({
      where: { device: { userId: user }, endedAt: null },
      data: { endedAt },
    });
    return this.revocations.record(transaction, {
      endings: sessions.map(({ sessionId, deviceId }) => ({
        kind: 'session',
        user,
        device: deviceId as DeviceId,
        session: sessionId as SessionId,
      })),
      revokedAt: endedAt,
    });
  }

  private async anonymise(
    transaction: Prisma.TransactionClient,
    user: UserId,
  ): Promise<readonly Revocation[]> {
    const { count } = await transaction.account.updateMany({
      where: { userId: user, state: { in: ['active', 'disabled'] } },
      data: { state: 'deleting', accountKey: null, role: 'member' },
    });
    if (count === 0) return []; // by another device, a moment ago
    const revokedAt = new Date(this.clock.nowMs());
    const devices = await transaction.device.findMany({ where: { userId: user, revokedAt: null } });
    await transaction.device.updateMany({ where: { userId: user, revokedAt: null }, data: { revokedAt } });
    await transaction.device.updateMany({
      where: { userId: user },
      data: { leafKey: null, lastSeenDay: null },
    });
    await transaction.session.deleteMany({ where: { device: { userId: user } } });
    return this.revocations.record(transaction, {
      endings: devices.map(({ deviceId }) => ({ kind: 'device', user, device: deviceId as DeviceId })),
      revokedAt,
    });
  }

  private async finishDeletion(user: UserId): Promise<void> {
    try {
      await this.nats.command({ subject: subjects.eraseIdentity, question: eraseIdentity, body: { user } });
    } catch (error) {
      // Whatever it was: the intent is durable, and housekeeping comes back to it.
      this.log.event('dependency.unavailable', { dependency: 'key-directory', ...describeError(error) });
      return;
    }
    await this.prisma.account.updateMany({
      where: { userId: user, state: 'deleting' },
      data: { state: 'deleted' },
    });
  }
}
