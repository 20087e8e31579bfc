/**
 * What a client looks after while it is connected, about every hour: key packages, receipts, its own manifest. What
 * could not be done is tried again soon, ever more slowly: without key packages nobody can write to this device.
 */
import type { CancelTimer, Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import { jitteredMs } from './backoff.js';

const everyMs = 60 * 60 * 1000;
const firstRetryMs = 5_000;
/** 5 s · 2^10 is past an hour. */
const maxDoublings = 10;

export type UpkeepTask = { readonly name: string; readonly carryOut: () => Promise<void> };

export class Upkeep {
  private cancel: CancelTimer = () => undefined;
  private failures = 0;
  /** Grows with each beginning: what an older round finds out is no longer of interest. */
  private round = 0;

  constructor(
    private readonly params: {
      readonly tasks: readonly UpkeepTask[];
      readonly clock: Clock;
      readonly random: Random;
      readonly isLive: () => boolean;
      readonly fault: (during: string, error: unknown) => void;
    },
  ) {}

  /** Connected: all of it now, and again in time. */
  begin(): void {
    this.failures = 0;
    void this.carryOut();
  }

  /** For good. */
  end(): void {
    this.round++;
    this.cancel();
  }

  private async carryOut(): Promise<void> {
    const round = ++this.round;
    this.cancel();
    const { tasks, isLive, fault } = this.params;
    if (!isLive()) return;
    this.again(everyMs);
    const outcomes = await Promise.allSettled(tasks.map(({ carryOut }) => carryOut()));
    const failed = outcomes.flatMap((outcome, index) =>
      outcome.status === 'rejected'
        ? [{ during: tasks[index]?.name ?? '', error: outcome.reason as unknown }]
        : [],
    );
    for (const { during, error } of failed) fault(during, error);
    if (round !== this.round || !isLive()) return;
    this.failures = failed.length === 0 ? 0 : this.failures + 1;
    if (failed.length > 0)
      this.again(Math.min(everyMs, firstRetryMs * 2 ** Math.min(this.failures - 1, maxDoublings)));
  }

  private again(baseMs: number): void {
    const { clock, random } = this.params;
    this.cancel();
    this.cancel = clock.setTimer(() => void this.carryOut(), jitteredMs({ baseMs, random }));
  }
}
