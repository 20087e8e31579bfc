/**
 * Times one envelope after another from its forwarding to the acknowledgement of its device. A socket has one in hand
 * at most: every other envelope that passes meanwhile costs a comparison.
 */
import type { Position } from '@cipherchat/protocol';
import { isDeliverFrame, placeOf } from './deliver-frame.js';

/** What is not acknowledged by then counts as having taken this long: a device that is stuck must not be left out. */
export const maxSampleMs = 600_000;

export class AcknowledgeSample {
  private waiting: (Position & { readonly sinceMs: number }) | null = null;

  /** Asks for the time only where it takes one. */
  forwarded(frame: Uint8Array, nowMs: () => number): void {
    if (this.waiting === null && isDeliverFrame(frame))
      this.waiting = { ...placeOf(frame), sinceMs: nowMs() };
  }

  /** How long it took, when the one in hand is among what is acknowledged. */
  acknowledged(positions: readonly Position[], nowMs: () => number): number | null {
    const { waiting } = this;
    if (waiting === null) return null;
    const { conversation, seq, sinceMs } = waiting;
    if (!positions.some((place) => place.conversation === conversation && place.seq >= seq)) return null;
    this.waiting = null;
    return Math.max(0, nowMs() - sinceMs);
  }

  /** Gives up what waited too long, once. */
  expired(atMs: number): number | null {
    if (this.waiting === null || atMs - this.waiting.sinceMs < maxSampleMs) return null;
    this.waiting = null;
    return maxSampleMs;
  }
}
