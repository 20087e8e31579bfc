import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { describeError, EventLog, POSTGRES } from '@cipherchat/service-kit';
import type { Pool } from 'pg';
import { bounds } from '../bounds.js';
import { announceRecentHeads } from './announce-recent-heads.js';
import { LivePublisher } from './live-publisher.js';

/** A store begins with this; while the database is away, which must not end a store, once it is back. */
@Injectable()
export class HeadAnnouncer implements BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    @Inject(POSTGRES) private readonly pool: Pool,
    @Inject(LivePublisher) private readonly live: LivePublisher,
    @Inject(EventLog) private readonly log: EventLog,
  ) {}

  /** Calls `serve` after it has announced. Resolves after the first attempt. */
  announceThen(serve: () => void): Promise<void> {
    this.running = this.announce(serve);
    return this.running;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async announce(serve: () => void): Promise<void> {
    const { pool, live } = this;
    const { announceHeadsOfLastMs: ofLastMs, maxAnnouncedHeads: maxHeads } = bounds;
    try {
      const count = await announceRecentHeads({ pool, live, ofLastMs, maxHeads });
      this.log.event('messages.heads-announced', { count });
    } catch (error) {
      this.log.event('messages.announce-failed', describeError(error));
      if (this.stopped) return;
      this.timer = setTimeout(() => (this.running = this.announce(serve)), bounds.announceRetryMs);
      this.timer.unref();
      return;
    }
    if (!this.stopped) serve();
  }
}
