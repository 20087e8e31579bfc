import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CLOCK, EventLog, isDependencyFailure, type Clock } from '@cipherchat/service-kit';
import { AccountService } from './accounts/account.service.js';
import { bounds } from './bounds.js';
import { PrismaClient } from './generated/prisma/client.js';
import { RegistrationService } from './registration/registration.service.js';

/** Finishes what was interrupted and removes what has expired. Every replica does it; twice does no harm. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(RegistrationService) private readonly registrations: RegistrationService,
    @Inject(AccountService) private readonly accounts: AccountService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(EventLog) private readonly log: EventLog,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.runLogged(), bounds.housekeepingMs);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  async run(): Promise<void> {
    const nowMs = this.clock.nowMs();
    const before = (ageMs: number): Date => new Date(nowMs - ageMs);
    const abandoned = await this.registrations.abandonOld();
    const deleted = await this.accounts.finishDeletions();
    const sessions = await this.prisma.session.deleteMany({
      where: {
        OR: [{ expiresAt: { lt: before(0) } }, { endedAt: { lt: before(bounds.endedSessionKeptMs) } }],
      },
    });
    const revocations = await this.prisma.revocation.deleteMany({
      where: { kind: 'session', revokedAt: { lt: before(bounds.sessionRevocationKeptMs) } },
    });
    const invites = await this.prisma.invite.deleteMany({
      where: { expiresAt: { lt: before(bounds.pendingRegistrationMs) } },
    });
    this.log.event('auth.cleaned', {
      count: abandoned + deleted + sessions.count + revocations.count + invites.count,
    });
  }

  private async runLogged(): Promise<void> {
    try {
      await this.run();
    } catch (error) {
      // The next round does it.
      if (isDependencyFailure(error)) this.log.event('dependency.unavailable', { phase: 'housekeeping' });
      else this.log.unexpected(error, { phase: 'housekeeping' });
    }
  }
}
