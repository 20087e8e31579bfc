/**
 * A client without cryptography, for the load: it keeps the rules of delivery that a real one keeps. Out: one message
 * at a time, the same bytes until they are answered, the next only then. In: the next place in the log is shown, a
 * known one dropped, a gap fetched; acknowledged cumulatively, after it was shown.
 */
import { random, type Person } from '@cipherchat/load-people';
import {
  conversationRoutes,
  decode,
  encodeClientFrame,
  idFromRandom,
  logPage,
  pathOf,
  type ConversationId,
  type EnvelopeId,
  type ServerFrame,
} from '@cipherchat/protocol';
import { backoffMs } from './jitter.js';
import { LightConnection } from './light-connection.js';
import type { LightLedger } from './light-ledger.js';
import { encodeText, type LightText } from './light-text.js';

const answerWithinMs = 15_000;
const gatherMs = 20;
const fetchTimeoutMs = 10_000;
const retry = { firstMs: 250, maxMs: 8_000 };

export type LightClientParams = {
  readonly person: Person;
  readonly gatewayUrls: readonly string[];
  readonly storeUrl: string;
  readonly conversation: ConversationId;
  readonly commitSeq: number;
  readonly member: number;
  readonly ledger: LightLedger;
  readonly complain: (text: string) => void;
};

type Unanswered = {
  readonly request: number;
  readonly text: LightText;
  readonly ciphertext: Uint8Array;
  readonly frame: Uint8Array;
  timer: NodeJS.Timeout | undefined;
};

export class LightClient {
  private readonly connection: LightConnection;
  private readonly queue: LightText[] = [];
  private unanswered: Unanswered | null = null;
  private requests = 0;
  private sendFailures = 0;
  private seq: number;
  private headSeq = 0;
  private isFetching = false;
  private fetchFailures = 0;
  private acknowledgeTimer: NodeJS.Timeout | undefined;
  private fetchTimer: NodeJS.Timeout | undefined;

  constructor(private readonly params: LightClientParams) {
    this.seq = params.commitSeq;
    this.connection = new LightConnection({
      person: params.person,
      gatewayUrls: params.gatewayUrls,
      received: (frame) => this.hear(frame),
      becameLive: () => this.sendAgain(),
      lost: () => clearTimeout(this.unanswered?.timer),
      complain: params.complain,
    });
  }

  start(): void {
    this.connection.start();
  }

  comeBack(): void {
    this.connection.comeBack();
  }

  close(): void {
    this.connection.close();
    clearTimeout(this.acknowledgeTimer);
    clearTimeout(this.fetchTimer);
    clearTimeout(this.unanswered?.timer);
  }

  /** Everything that was written has been answered. */
  get isIdle(): boolean {
    return this.unanswered === null && this.queue.length === 0;
  }

  /** For whoever looks into what went wrong. */
  get state(): string {
    const waits = this.isIdle ? 'idle' : `${this.queue.length} wait, one unanswered`;
    return `${this.connection.isLive ? 'live' : 'away'} at ${this.seq} of ${this.headSeq}, ${waits}`;
  }

  write(text: LightText): void {
    this.queue.push(text);
    this.sendNext();
  }

  private sendNext(): void {
    if (this.unanswered !== null) return;
    const text = this.queue.shift();
    if (text === undefined) return;
    const { conversation, commitSeq } = this.params;
    const request = ++this.requests;
    const envelope = idFromRandom<EnvelopeId>(random);
    const ciphertext = encodeText(text);
    const frame = encodeClientFrame({
      type: 'append',
      request,
      conversation,
      envelope,
      commitSeq,
      ciphertext,
    });
    this.unanswered = { request, text, ciphertext, frame, timer: undefined };
    this.sendAgain();
  }

  /** The same bytes, also after a reconnect: the server knows a resend by its envelope's id. */
  private sendAgain(): void {
    const { unanswered } = this;
    if (unanswered === null || !this.connection.isLive) return;
    this.connection.send(unanswered.frame);
    this.sendLater(answerWithinMs);
  }

  private sendLater(afterMs: number): void {
    const { unanswered } = this;
    if (unanswered === null) return;
    clearTimeout(unanswered.timer);
    unanswered.timer = setTimeout(() => this.sendAgain(), afterMs);
  }

  private hear(frame: ServerFrame): void {
    const { conversation, ledger } = this.params;
    switch (frame.type) {
      case 'deliver':
        return this.deliver(frame.seq, frame.ciphertext);
      case 'announce':
        return this.noteHead(frame.seq);
      case 'pending':
        for (const { conversation: named, headSeq, cursorSeq } of frame.conversations) {
          if (named !== conversation) continue;
          if (this.seq > cursorSeq) this.acknowledgeLater(); // an acknowledgement was lost
          this.noteHead(headSeq);
        }
        return;
      case 'appended':
        if (frame.request !== this.unanswered?.request) return;
        clearTimeout(this.unanswered.timer);
        ledger.acknowledged(this.params.member, this.unanswered.text.number);
        this.deliver(frame.seq, this.unanswered.ciphertext);
        this.unanswered = null;
        this.sendFailures = 0;
        return this.sendNext();
      case 'problem':
        return this.refused(frame);
      default:
        return;
    }
  }

  private refused(frame: Extract<ServerFrame, { readonly type: 'problem' }>): void {
    if (frame.request !== this.unanswered?.request) return;
    if (frame.retryAfterMs === 0) this.params.complain(`an append was refused for good: ${frame.problem}`);
    this.params.ledger.toldToWait++;
    this.sendLater(frame.retryAfterMs + backoffMs({ ...retry, failures: this.sendFailures++ }));
  }

  private deliver(seq: number, ciphertext: Uint8Array): void {
    if (seq === this.seq + 1 && !this.isFetching) this.show(seq, ciphertext);
    else if (seq > this.seq) this.noteHead(seq);
  }

  private show(seq: number, ciphertext: Uint8Array): void {
    this.seq = seq;
    this.params.ledger.shown({ member: this.params.member, seq, ciphertext, atMs: performance.now() });
    this.acknowledgeLater();
  }

  private acknowledgeLater(): void {
    this.acknowledgeTimer ??= setTimeout(() => {
      this.acknowledgeTimer = undefined;
      const positions = [{ conversation: this.params.conversation, seq: this.seq }];
      this.connection.send(encodeClientFrame({ type: 'acknowledge', positions }));
    }, gatherMs);
  }

  private noteHead(headSeq: number): void {
    this.headSeq = Math.max(this.headSeq, headSeq);
    if (this.headSeq > this.seq) this.fetchLater(gatherMs); // what is live may be just behind, and costs less
  }

  private fetchLater(afterMs: number): void {
    this.fetchTimer ??= setTimeout(() => {
      this.fetchTimer = undefined;
      if (!this.isFetching && this.headSeq > this.seq) void this.fetchToHead();
    }, afterMs);
  }

  private async fetchToHead(): Promise<void> {
    this.isFetching = true;
    try {
      while (this.seq < this.headSeq) await this.fetchPage();
      this.fetchFailures = 0;
      this.isFetching = false;
    } catch {
      // The store or the network is away.
      this.isFetching = false;
      this.fetchLater(backoffMs({ ...retry, failures: this.fetchFailures++ }));
    }
  }

  private async fetchPage(): Promise<void> {
    const { conversation, storeUrl } = this.params;
    const path = pathOf(conversationRoutes.readPage, { conversation });
    const answer = await fetch(`${storeUrl}${path}?after=${this.seq}`, {
      headers: { authorization: `Bearer ${await this.connection.accessToken()}` },
      signal: AbortSignal.timeout(fetchTimeoutMs),
    });
    if (answer.status === 401) this.connection.refused();
    if (!answer.ok) throw new Error(`a page answered ${answer.status}`);
    const page = decode(logPage, new Uint8Array(await answer.arrayBuffer()));
    for (const { seq, ciphertext } of page.entries) if (seq === this.seq + 1) this.show(seq, ciphertext);
    if (page.entries.length === 0) throw new Error(`nothing after ${this.seq} of ${this.headSeq}`);
  }
}
