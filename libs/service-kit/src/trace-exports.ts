import type { EventLog } from './event-log.js';

/** Tells of a collector that takes no traces: once for each outage, and not for each batch. */
export class TraceExports {
  private isFailing = false;

  constructor(private readonly log: EventLog) {}

  done(outcome: 'exported' | 'failed', count: number): void {
    if (outcome === 'failed' && !this.isFailing) this.log.event('traces.unsent', { count });
    this.isFailing = outcome === 'failed';
  }
}
