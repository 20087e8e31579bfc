/** Notices when somebody's typing rests, or has gone on for long. */
import type { CancelTimer, Clock } from '@cipherchat/client-sdk';

/** A pause between two words is no rest. */
const restMs = 600;
/** Who types on and on loses no more than this, however the page ends. */
const maxUnkeptMs = 5_000;

export class Rest {
  private sinceMs: number | null = null;
  private cancel: CancelTimer = () => undefined;

  constructor(
    private readonly clock: Clock,
    private readonly rested: () => void,
  ) {}

  touched(): void {
    const nowMs = this.clock.nowMs();
    this.sinceMs ??= nowMs;
    const leftMs = Math.max(0, this.sinceMs + maxUnkeptMs - nowMs);
    this.cancel();
    this.cancel = this.clock.setTimer(this.rested, Math.min(restMs, leftMs));
  }

  stop(): void {
    this.sinceMs = null;
    this.cancel();
  }
}
