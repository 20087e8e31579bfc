/**
 * What a member writes: one message at a time, the same bytes until they are answered, the next only then, as the SDK's
 * outbox does it. So what one member writes stays in order whatever breaks.
 */
import {
  encodeClientFrame,
  idFromRandom,
  type ConversationId,
  type EnvelopeId,
  type ServerFrame,
} from '@cipherchat/protocol';
import { ciphertextBytes, encodePayload, type Payload } from './payload.js';
import { backoffMs, fraction } from './chance.js';
import type { Runtime } from './runtime.js';

const answerWithinMs = 15_000;
/** A queue that grows past this belongs to a run that has failed anyway; its messages count as never acknowledged. */
const maxWaiting = 2_000;

export type OutgoingParams = {
  readonly runtime: Runtime;
  readonly conversation: ConversationId;
  readonly commitSeq: number;
  readonly send: (frame: Uint8Array<ArrayBuffer>) => void;
  readonly isLive: () => boolean;
  readonly acknowledged: (payload: Payload, delivered: Delivered) => void;
};

/** The answer is the delivery to the socket that sent it. */
export type Delivered = { readonly seq: number; readonly ciphertext: Uint8Array };

type Unanswered = {
  readonly request: number;
  readonly payload: Payload;
  readonly ciphertext: Uint8Array;
  readonly frame: Uint8Array<ArrayBuffer>;
};

export class Outgoing {
  private readonly waiting: Payload[] = [];
  private unanswered: Unanswered | null = null;
  private requests = 0;
  private failures = 0;
  private undo: () => void = () => {};

  constructor(private readonly params: OutgoingParams) {}

  write(payload: Payload): void {
    if (this.waiting.length >= maxWaiting) return;
    this.waiting.push(payload);
    this.next();
  }

  /** The same bytes: the server knows a resend by its envelope's id. */
  sendAgain(): void {
    const { unanswered, params } = this;
    if (unanswered === null || !params.isLive()) return;
    params.send(unanswered.frame);
    this.sendLater(answerWithinMs);
  }

  pause(): void {
    this.undo();
  }

  appended({ request, seq }: { readonly request: number; readonly seq: number }): void {
    const { unanswered } = this;
    if (request !== unanswered?.request) return;
    this.undo();
    this.unanswered = null;
    this.failures = 0;
    this.params.acknowledged(unanswered.payload, { seq, ciphertext: unanswered.ciphertext });
    this.next();
  }

  refused(frame: Extract<ServerFrame, { readonly type: 'problem' }>): void {
    const { runtime } = this.params;
    if (frame.request !== this.unanswered?.request) return;
    if (frame.retryAfterMs > 0) {
      runtime.note('appends_delayed', 1);
      this.sendLater(frame.retryAfterMs + backoffMs((length) => runtime.random(length), this.failures++));
      return;
    }
    runtime.note('appends_refused', 1);
    runtime.complain(`an append was refused: ${frame.problem}`);
    this.undo();
    this.unanswered = null;
    this.next();
  }

  private next(): void {
    if (this.unanswered !== null) return;
    const payload = this.waiting.shift();
    if (payload === undefined) return;
    const { runtime, conversation, commitSeq } = this.params;
    const random = (length: number): Uint8Array => runtime.random(length);
    const request = ++this.requests;
    const ciphertext = encodePayload(payload, { sizeBytes: ciphertextBytes(fraction(random)), random });
    const frame = encodeClientFrame({
      type: 'append',
      request,
      conversation,
      envelope: idFromRandom<EnvelopeId>(random),
      commitSeq,
      ciphertext,
    });
    this.unanswered = { request, payload, ciphertext, frame };
    if (this.params.isLive() && payload.timing === 'timed')
      runtime.note('lateness_ms', runtime.nowMs() - payload.dueMs);
    this.sendAgain();
  }

  private sendLater(afterMs: number): void {
    this.undo();
    this.undo = this.params.runtime.later(afterMs, () => this.sendAgain());
  }
}
