import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { limits } from '@cipherchat/protocol';
import { CONFIG, describeError, EventLog, POSTGRES } from '@cipherchat/service-kit';
import { Metrics, type Counter } from '@cipherchat/telemetry';
import type { Pool } from 'pg';
import { bounds } from '../bounds.js';
import type { MessageStoreConfig } from '../config.js';
import { sweepBatch, type BatchOutcome } from './sweep-batch.js';

const dayMs = 24 * 60 * 60 * 1000;
const outcomes = ['delivered', 'undelivered', 'deleted'] as const;

/** Does one batch after another, with pauses in which appends have the database for themselves. Every replica runs one. */
@Injectable()
export class RetentionSweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;
  /** Rows changed since the last round ended, by this replica. */
  private changed = 0;
  private readonly countEnvelopes: Counter<'cipherchat_retention_envelopes_total'>;

  constructor(
    @Inject(POSTGRES) private readonly pool: Pool,
    @Inject(CONFIG) private readonly config: MessageStoreConfig,
    @Inject(EventLog) private readonly log: EventLog,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.countEnvelopes = metrics.counter('cipherchat_retention_envelopes_total');
  }

  onApplicationBootstrap(): void {
    this.again(bounds.retentionPauseMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private again(afterMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.sweep().then((restMs) => this.again(restMs));
    }, afterMs);
    this.timer.unref();
  }

  /** How long to pause. */
  private async sweep(): Promise<number> {
    try {
      return this.tell(
        await sweepBatch(this.pool, {
          limits: {
            ciphertextMs: this.config.retentionDays * dayMs,
            rowsMs: Math.max(this.config.retentionDays * dayMs, limits.envelopeIdsKeptMs),
          },
          bounds: {
            maxConversations: bounds.maxRetentionConversations,
            maxRows: bounds.maxRetentionRows,
            roundEveryMs: this.config.retentionSweepMs,
          },
        }),
      );
    } catch (error) {
      // Nothing of the batch has happened: the next goes on from the same place.
      this.log.event('messages.retention-failed', describeError(error));
      return bounds.retentionRetryMs;
    }
  }

  private tell(outcome: BatchOutcome): number {
    switch (outcome.kind) {
      case 'swept':
        for (const name of outcomes) {
          this.countEnvelopes({ outcome: name }, outcome[name]);
          this.changed += outcome[name];
        }
        if (outcome.isRoundOver && this.changed > 0) {
          this.log.event('messages.retention-swept', { count: this.changed });
          this.changed = 0;
        }
        return bounds.retentionPauseMs;
      case 'resting':
        return Math.min(outcome.forMs, bounds.maxRetentionRestMs);
      case 'elsewhere':
        return bounds.retentionPauseMs;
    }
  }
}
