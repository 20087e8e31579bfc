/**
 * Tells the operators how much this device could not read: counts by cause, a minute or two after the first of them,
 * and nothing of where, when or of whom. It is off as soon as its owner says so.
 *
 * Counts live in memory: a crash forgets them. What could not be sent waits for the next time.
 */
import { limits, type ClientFrame, type FailureCause } from '@cipherchat/protocol';
import type { Clock } from '../ports/clock.js';
import { randomFraction, type Random } from '../ports/random.js';
import type { GapReason } from '../state/gap-reason.js';
import type { Memory } from '../state/memory.js';
import type { Steps } from '../state/steps.js';
import { only, tables } from '../state/tables.js';

export type Loss = { readonly reason: GapReason; readonly count: number };

export class FailureReports {
  private readonly counts = new Map<FailureCause, number>();
  private isScheduled = false;

  constructor(
    private readonly ports: {
      readonly steps: Steps;
      readonly memory: Memory;
      readonly clock: Clock;
      readonly random: Random;
      readonly send: (frame: ClientFrame) => boolean;
    },
  ) {}

  /** Called after the mark of the loss was written. */
  note({ reason, count }: Loss): void {
    const cause = causeOf(reason);
    if (cause === null || count === 0 || this.isKept()) return;
    this.counts.set(cause, Math.min(limits.maxReportedFailures, (this.counts.get(cause) ?? 0) + count));
    this.schedule();
  }

  async set(failureReports: 'sent' | 'kept'): Promise<void> {
    if (failureReports === 'kept') this.counts.clear();
    await this.ports.steps.run('settings/failure-reports', async (transaction) => {
      const device = (await transaction.get(tables.device, only)) ?? this.ports.memory.device;
      transaction.put(tables.device, only, { ...device, failureReports });
    });
  }

  /** At a random time, so that it does not say which of the envelopes of that minute it was. */
  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    const { clock, random } = this.ports;
    const delayMs = limits.failureReportIntervalMs * (1 + randomFraction(random));
    clock.setTimer(() => this.report(), Math.floor(delayMs));
  }

  private report(): void {
    this.isScheduled = false;
    if (this.isKept()) this.counts.clear();
    if (this.counts.size === 0) return;
    const failures = [...this.counts].map(([cause, count]) => ({ cause, count }));
    if (this.ports.send({ type: 'report', failures })) this.counts.clear();
    else this.schedule();
  }

  private isKept(): boolean {
    return this.ports.memory.device.failureReports === 'kept';
  }
}

/** Null for what somebody wished, or time brings: it says nothing of how well the system works. */
function causeOf(reason: GapReason): FailureCause | null {
  switch (reason) {
    case 'keys-gone':
    case 'not-authentic':
    case 'malformed':
    case 'own-lost':
    case 'sender-not-verified':
    case 'cannot-join':
    case 'messages-missing':
    case 'rejoined':
      return reason;
    case 'expired':
    case 'new-device':
    case 'reset':
      return null;
  }
}
