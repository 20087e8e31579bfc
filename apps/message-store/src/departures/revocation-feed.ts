import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type BeforeApplicationShutdown,
} from '@nestjs/common';
import { revocationsQuery, revocationsResult, subjects } from '@cipherchat/protocol';
import { describeError, EventLog, Nats, Revocations } from '@cipherchat/service-kit';
import { DeparturesService } from './departures.service.js';

/** As often as the other services ask; what is published in between wakes us at once. */
const pollMs = 5_000;
const pollTimeoutMs = 4_000;
const fullPage = 1_000;

/**
 * Follows auth's list of revocations from the place that the database remembers, so that none is missed while
 * the store was down. `Revocations` of the service kit, which keeps the last minutes for tokens, only wakes it.
 */
@Injectable()
export class RevocationFeed implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private stopped = false;

  constructor(
    @Inject(Nats) private readonly nats: Nats,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(DeparturesService) private readonly departures: DeparturesService,
    @Inject(EventLog) private readonly log: EventLog,
  ) {}

  onApplicationBootstrap(): void {
    this.revocations.onRevoked(() => this.wake());
    this.wake();
    this.timer = setInterval(() => this.wake(), pollMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** One run at a time; a wake during a run makes one more. */
  private wake(): void {
    if (this.running !== undefined || this.stopped) {
      this.again = true;
      return;
    }
    this.again = false;
    this.running = this.catchUp().finally(() => {
      this.running = undefined;
      if (this.again) this.wake();
    });
  }

  private async catchUp(): Promise<void> {
    try {
      for (;;) {
        const after = await this.departures.appliedOrder();
        const { revocations } = await this.nats.request({
          subject: subjects.revocations,
          question: revocationsQuery,
          answer: revocationsResult,
          body: { after, sinceMs: 0 },
          timeoutMs: pollTimeoutMs,
        });
        await this.departures.apply(revocations);
        if (revocations.length < fullPage || this.stopped) return;
      }
    } catch (error) {
      // Auth or the database is away: the next poll goes on from the same place.
      this.log.event('revocations.poll-failed', describeError(error));
    }
  }
}
