/**
 * What a member is shown: the next place in the log; a known one is dropped, a gap fetched. Acknowledged cumulatively
 * and only after it was shown, as often as the SDK does it (`inbox/acknowledger.ts`).
 */
import {
  conversationRoutes,
  decode,
  encodeClientFrame,
  generationHeader,
  logPage,
  pathOf,
  type ConversationId,
  type ServerFrame,
} from '@cipherchat/protocol';
import { backoffMs, fraction } from './chance.js';
import type { Runtime } from './runtime.js';

const gatherMs = 20;
const [minSpacingMs, maxSpacingMs] = [500, 1_500];
const maxUnacknowledged = 32;
const success = 200;

export type IncomingParams = {
  readonly runtime: Runtime;
  readonly storeUrl: string;
  readonly conversation: ConversationId;
  readonly commitSeq: number;
  readonly token: () => Promise<string>;
  readonly generation: () => number;
  readonly send: (frame: Uint8Array<ArrayBuffer>) => void;
  readonly shown: (ciphertext: Uint8Array) => void;
  /** Nothing that is known of is missing any more. */
  readonly caughtUp: () => void;
};

type Pending = Extract<ServerFrame, { readonly type: 'pending' }>;

export class Incoming {
  private seq: number;
  private headSeq = 0;
  private isFetching = false;
  private failures = 0;
  private unacknowledged = 0;
  private acknowledgedAtMs = -Infinity;
  private readonly spacingMs: number;
  private undoAcknowledge: (() => void) | undefined;
  private undoFetch: (() => void) | undefined;

  constructor(private readonly params: IncomingParams) {
    this.seq = params.commitSeq;
    this.spacingMs = minSpacingMs + this.chance() * (maxSpacingMs - minSpacingMs);
  }

  get hasAll(): boolean {
    return this.seq >= this.headSeq && !this.isFetching;
  }

  delivered({ seq, ciphertext }: { readonly seq: number; readonly ciphertext: Uint8Array }): void {
    if (seq !== this.seq + 1 || this.isFetching) return this.noteHead(seq);
    this.show(seq, ciphertext);
    if (this.hasAll) this.params.caughtUp(); // a gap may close by itself
  }

  pending({ conversations }: Pending): void {
    for (const { conversation, headSeq, cursorSeq } of conversations) {
      if (conversation !== this.params.conversation) continue;
      if (this.seq > cursorSeq) this.acknowledgeLater(); // an acknowledgement was lost
      this.noteHead(headSeq);
    }
  }

  /** What is live may be just behind, and costs less than a page. */
  noteHead(seq: number): void {
    this.headSeq = Math.max(this.headSeq, seq);
    if (this.seq < this.headSeq) this.fetchLater(gatherMs);
  }

  pause(): void {
    this.undoAcknowledge?.();
    this.undoAcknowledge = undefined;
    this.undoFetch?.();
    this.undoFetch = undefined;
  }

  private show(seq: number, ciphertext: Uint8Array): void {
    this.seq = seq;
    this.params.shown(ciphertext);
    this.acknowledgeLater();
  }

  private acknowledgeLater(): void {
    const { runtime } = this.params;
    const isFlood = ++this.unacknowledged >= maxUnacknowledged;
    if (this.unacknowledged === maxUnacknowledged) {
      this.undoAcknowledge?.();
      this.undoAcknowledge = undefined;
    }
    const leftMs = isFlood ? 0 : this.acknowledgedAtMs + this.spacingMs - runtime.nowMs();
    this.undoAcknowledge ??= runtime.later(Math.max(gatherMs, leftMs), () => this.acknowledge());
  }

  private acknowledge(): void {
    const { runtime, conversation, send } = this.params;
    this.undoAcknowledge = undefined;
    this.unacknowledged = 0;
    this.acknowledgedAtMs = runtime.nowMs();
    send(encodeClientFrame({ type: 'acknowledge', positions: [{ conversation, seq: this.seq }] }));
  }

  private fetchLater(afterMs: number): void {
    this.undoFetch ??= this.params.runtime.later(afterMs, () => {
      this.undoFetch = undefined;
      if (!this.isFetching && this.seq < this.headSeq) void this.fetchToHead();
    });
  }

  private async fetchToHead(): Promise<void> {
    const { runtime } = this.params;
    this.isFetching = true;
    try {
      while (this.seq < this.headSeq) await this.fetchPage();
      this.failures = 0;
      this.isFetching = false;
      this.params.caughtUp();
    } catch (error) {
      this.isFetching = false;
      runtime.note('requests_failed', 1);
      runtime.complain(`fetching a page: ${String(error)}`);
      this.fetchLater(backoffMs((length) => runtime.random(length), this.failures++));
    }
  }

  private async fetchPage(): Promise<void> {
    const { runtime, conversation, storeUrl, token, generation } = this.params;
    const route = conversationRoutes.readPage;
    const answer = await runtime.request({
      method: route.method,
      url: `${storeUrl}${pathOf(route, { conversation })}?after=${this.seq}`,
      headers: { authorization: `Bearer ${await token()}`, [generationHeader]: String(generation()) },
    });
    if (answer.status !== success) throw new Error(`a page answered ${answer.status}`);
    const page = decode(logPage, answer.body);
    if (page.entries.length === 0) throw new Error(`nothing after ${this.seq} of ${this.headSeq}`);
    for (const { seq, kind, ciphertext } of page.entries) {
      if (seq !== this.seq + 1) continue;
      if (kind === 'message') this.show(seq, ciphertext);
      else this.seq = seq;
    }
  }

  private chance(): number {
    return fraction((length) => this.params.runtime.random(length));
  }
}
