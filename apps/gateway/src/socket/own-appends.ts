/**
 * What a socket has sent and has no answer to yet. The live frame of such an envelope is its answer: the store publishes
 * it after the commit, with place and time, and the sender has the bytes. So they do not come back, and the sender learns
 * its place in line with the places of others. The store's own answer comes a moment later, and says nothing new then.
 */
import type { AppendResult, SessionEffect } from './session-state.js';
import { envelopeKeyOf, isDeliverFrame, placeOf, storedAtMs } from './deliver-frame.js';

type Append = Extract<SessionEffect, { readonly kind: 'append' }>;
type Answer = { readonly append: Append; readonly result: AppendResult };

/** In an `append` frame the two stand side by side. */
const conversationOffset = 5;
const envelopeEnd = 37;

export class OwnAppends {
  /**
   * By conversation and envelope: in another conversation a member may use an id that it has seen here. Of one that was
   * sent twice, the last.
   */
  private readonly unanswered = new Map<string, Append>();
  private readonly answeredByFrame = new Set<Append>();

  sent(append: Append): void {
    this.unanswered.set(keyOf(append), append);
  }

  /** Null for a frame that delivers none of them. */
  answerIn(frame: Uint8Array): Answer | null {
    if (this.unanswered.size === 0 || !isDeliverFrame(frame)) return null;
    const key = envelopeKeyOf(frame);
    const append = this.unanswered.get(key);
    if (append === undefined) return null;
    this.unanswered.delete(key);
    this.answeredByFrame.add(append);
    return { append, result: { outcome: 'accepted', seq: placeOf(frame).seq, atMs: storedAtMs(frame) } };
  }

  /** The store, or whoever answers for it, has answered. Returns whether that is the first answer. */
  answered(append: Append): boolean {
    const key = keyOf(append);
    if (this.unanswered.get(key) === append) this.unanswered.delete(key);
    return !this.answeredByFrame.delete(append);
  }
}

/** As many characters as bytes: a key, nothing else. */
function keyOf({ frame }: Append): string {
  return Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString(
    'latin1',
    conversationOffset,
    envelopeEnd,
  );
}
