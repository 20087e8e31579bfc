/**
 * Tells the server how far this device has durably stored each conversation: cumulative, the latest per conversation,
 * a few in one frame. Called only as the effect of a step, hence after its write. One that is lost is made
 * good by the next, or by `resume`, which shows where the server's cursor stands.
 */
import { limits, type ClientFrame, type ConversationId } from '@cipherchat/protocol';
import type { CancelTimer, Clock } from '../ports/clock.js';

/** Long enough to gather a burst, short enough that "delivered" appears at once. */
const gatherMs = 20;

export class Acknowledger {
  private readonly waiting = new Map<ConversationId, number>();
  private timer: CancelTimer | null = null;

  constructor(
    private readonly ports: { readonly clock: Clock; readonly send: (frame: ClientFrame) => boolean },
  ) {}

  note(conversation: ConversationId, seq: number): void {
    this.waiting.set(conversation, Math.max(seq, this.waiting.get(conversation) ?? 0));
    this.timer ??= this.ports.clock.setTimer(() => this.flush(), gatherMs);
  }

  private flush(): void {
    this.timer = null;
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
