import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { revocationsQuery, revocationsResult, subjects, type Revocation } from '@cipherchat/protocol';
import { describeError, EventLog, Nats, Revocations } from '@cipherchat/service-kit';
import { bounds } from '../bounds.js';
import { PrismaClient } from '../generated/prisma/client.js';

/**
 * Takes revoked devices out of what is handed out, although their account's manifest may name them until
 * its owner signs a newer one. Follows auth's list by its order, which is stored: a replica that was
 * away goes on where any of them stopped. An announcement only makes it look earlier.
 */
@Injectable()
export class RevocationFollower implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private following: Promise<void> | undefined;
  private stopListening: (() => void) | undefined;

  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(Nats) private readonly nats: Nats,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(EventLog) private readonly log: EventLog,
  ) {}

  onApplicationBootstrap(): void {
    this.stopListening = this.revocations.onRevoked((entry) => void this.carryOutNow(entry));
    this.timer = setInterval(() => void this.follow(), bounds.revocationPollMs);
    this.timer.unref();
    void this.follow();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopListening?.();
    clearInterval(this.timer);
    await this.following;
  }

  /** One run at a time; a failure leaves the stored place as it was, for the next. */
  follow(): Promise<void> {
    this.following ??= this.run().finally(() => (this.following = undefined));
    return this.following;
  }

  private async run(): Promise<void> {
    try {
      while ((await this.followPage()) === bounds.revocationPage);
    } catch (error) {
      this.log.event('revocations.poll-failed', describeError(error));
    }
  }

  private async followPage(): Promise<number> {
    const state = await this.prisma.directoryState.findUniqueOrThrow({ where: { id: 1 } });
    const after = Number(state.revocationOrder);
    const { revocations } = await this.nats.request({
      subject: subjects.revocations,
      question: revocationsQuery,
      answer: revocationsResult,
      body: { after, sinceMs: 0 },
    });
    const last = revocations.at(-1);
    if (last === undefined) return 0;
    await this.prisma.$transaction([
      ...this.statementsFor(revocations),
      // Another replica may have gone further meanwhile.
      this.prisma.directoryState.updateMany({
        where: { id: 1, revocationOrder: { lt: last.order } },
        data: { revocationOrder: last.order },
      }),
    ]);
    return revocations.length;
  }

  private async carryOutNow(entry: Revocation): Promise<void> {
    try {
      await this.prisma.$transaction(this.statementsFor([entry]));
    } catch (error) {
      this.log.event('revocations.poll-failed', describeError(error));
    }
  }

  private statementsFor(revocations: readonly Revocation[]) {
    const deviceIds = revocations.filter(({ kind }) => kind === 'device').map(({ device }) => device);
    return [
      this.prisma.device.updateMany({ where: { deviceId: { in: deviceIds } }, data: { revoked: true } }),
      this.prisma.keyPackage.deleteMany({ where: { deviceId: { in: deviceIds } } }),
    ];
  }
}
