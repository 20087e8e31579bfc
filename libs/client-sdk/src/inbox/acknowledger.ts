/**
 * Tells the server how far this device has durably stored each conversation: cumulative, the latest per conversation,
 * a few in one frame. Called only as the effect of a step, hence after its write. One that is lost is made
 * good by the next, or by `resume`, which shows where the server's cursor stands.
 *
 * The first after a quiet time goes at once, so that "delivered" appears at once; those of a busy time are put
 * together, since each costs the server a write and a frame to every member; and a flood is not kept waiting for
 * long, since the gateway stops live frames when too much is not acknowledged.
 *
 * Devices have spacings of their own: those of a group, or of a gateway that just started, would otherwise stay in step
 * and put the writes of a second into the same few milliseconds.
 */
import { limits, type ClientFrame, type ConversationId } from '@cipherchat/protocol';
import { jitteredMs } from '../connection/backoff.js';
import type { CancelTimer, Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';

/** Long enough to gather a burst that came in one read. */
const gatherMs = 20;
/** Between two frames, on average; a second late is not seen in the middle of a busy conversation. */
const meanSpacingMs = 1_000;
/** Far below `limits.maxUnacknowledgedEnvelopes`: with this many applied steps waiting it goes soon. */
const maxWaitingSteps = 32;

export class Acknowledger {
  private readonly waiting = new Map<ConversationId, number>();
  private waitingSteps = 0;
  private timer: CancelTimer | null = null;
  private sentAtMs = -Infinity;
  private readonly spacingMs: number;

  constructor(
    private readonly ports: {
      readonly clock: Clock;
      readonly random: Random;
      readonly send: (frame: ClientFrame) => boolean;
    },
  ) {
    this.spacingMs = jitteredMs({ baseMs: meanSpacingMs, random: ports.random });
  }

  note(conversation: ConversationId, seq: number): void {
    this.waiting.set(conversation, Math.max(seq, this.waiting.get(conversation) ?? 0));
    if (++this.waitingSteps === maxWaitingSteps) {
      this.timer?.();
      this.timer = null;
    }
    this.timer ??= this.ports.clock.setTimer(() => this.flush(), this.delayMs());
  }

  /** Another generation of the server: what was read of the old logs says nothing about these. */
  forget(): void {
    this.waiting.clear();
    this.waitingSteps = 0;
  }

  private delayMs(): number {
    if (this.waitingSteps >= maxWaitingSteps) return gatherMs;
    const leftMs = this.sentAtMs + this.spacingMs - this.ports.clock.nowMs();
    // A clock that was set back must not make it wait for longer.
    return Math.min(this.spacingMs, Math.max(gatherMs, leftMs));
  }

  private flush(): void {
    this.timer = null;
    this.waitingSteps = 0;
    this.sentAtMs = this.ports.clock.nowMs();
    const positions = [...this.waiting].map(([conversation, seq]) => ({ conversation, seq }));
    this.waiting.clear();
    for (let start = 0; start < positions.length; start += limits.maxAcknowledgePositions) {
      this.ports.send({
        type: 'acknowledge',
        positions: positions.slice(start, start + limits.maxAcknowledgePositions),
      });
    }
  }
}
