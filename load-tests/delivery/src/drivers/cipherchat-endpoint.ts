/**
 * A client without its cryptography: it keeps the rules of delivery that a real one keeps (next place applied, known
 * one dropped, gap fetched, acknowledged cumulatively after 20 ms, the same bytes sent again when the server is busy),
 * so that the server does for it all that it does for a real one.
 */
import { randomInt } from 'node:crypto';
import {
  conversationRoutes,
  decode,
  decodeServerFrame,
  encodeClientFrame,
  logPage,
  pathOf,
  socketPath,
  subprotocol,
  type ClientFrame,
  type ConversationId,
  type ServerFrame,
} from '@cipherchat/protocol';
import { WebSocket } from 'ws';
import type { ConnectParams, Endpoint } from '../driver.js';
import {
  appendFrame,
  appendHeader,
  isAppended,
  isDeliver,
  readAppended,
  readDeliver,
} from './lean-frames.js';

export type CipherChatMember = {
  readonly gatewayUrl: string;
  readonly storeUrl: string;
  readonly accessToken: string;
  /** Null: stay at `ready`, for the cost of a socket alone. */
  readonly conversation: ConversationId | null;
  /** The first commit's place; members begin there. */
  readonly commitSeq: number;
};

/** As the SDK does (`acknowledger.ts`): at once after a quiet time, about once a second in a busy one. */
const gatherMs = 20;
const [minSpacingMs, maxSpacingMs] = [500, 1_500];
const maxWaitingMessages = 32;

export async function connect({ member, events, localAddress }: ConnectParams): Promise<Endpoint> {
  const client = new CipherChatClient(member as CipherChatMember, events);
  await client.connect(localAddress);
  return client;
}

class CipherChatClient implements Endpoint {
  private socket: WebSocket | undefined;
  private isClosing = false;
  private seq: number;
  /** Live messages that came while a gap is fetched. */
  private fetching = false;
  private headSeq = 0;
  private acknowledgeTimer: NodeJS.Timeout | undefined;
  private acknowledgedAtMs = -Infinity;
  private waitingMessages = 0;
  private readonly unanswered = new Map<number, Uint8Array>();
  private started: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  private generation = 0;
  private readonly header: Buffer | null;
  private readonly spacingMs = randomInt(minSpacingMs, maxSpacingMs);

  constructor(
    private readonly member: CipherChatMember,
    private readonly events: ConnectParams['events'],
  ) {
    this.seq = member.commitSeq;
    this.header = member.conversation === null ? null : appendHeader(member.conversation, member.commitSeq);
  }

  /** Resolves at `live`, with everything that was pending fetched. */
  connect(localAddress: string | undefined): Promise<void> {
    const { gatewayUrl, accessToken } = this.member;
    const socket = new WebSocket(`${gatewayUrl}${socketPath}`, [subprotocol], {
      perMessageDeflate: false,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    this.socket = socket;
    socket.on('open', () => this.tell({ type: 'authenticate', token: accessToken }));
    socket.on('message', (data: Buffer) => this.receive(data));
    socket.on('error', (error) => this.started?.reject(error));
    socket.on('close', (code, reason) => {
      this.started?.reject(new Error(`close ${code} ${reason.toString()}`));
      if (!this.isClosing) this.events.closed(`close ${code} ${reason.toString()}`);
    });
    return new Promise((resolve, reject) => {
      this.started = { resolve, reject };
    });
  }

  send(message: number, payload: Uint8Array<ArrayBuffer>): void {
    if (this.header === null) throw new RangeError('not in a conversation');
    const frame = appendFrame(this.header, message, payload);
    this.unanswered.set(message, frame);
    this.socket?.send(frame);
  }

  close(): void {
    this.isClosing = true;
    clearTimeout(this.acknowledgeTimer);
    this.socket?.terminate();
  }

  private tell(frame: ClientFrame): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(encodeClientFrame(frame));
  }

  private receive(frame: Buffer): void {
    if (isDeliver(frame)) this.deliver(readDeliver(frame));
    else if (isAppended(frame)) this.appended(readAppended(frame));
    else this.hear(decodeServerFrame(frame));
  }

  private deliver({ seq, ciphertext }: { readonly seq: number; readonly ciphertext: Buffer }): void {
    if (seq === this.seq + 1 && !this.fetching) this.apply(seq, ciphertext);
    else void this.fetchUpTo(seq);
  }

  private appended({ request, seq }: { readonly request: number; readonly seq: number }): void {
    this.unanswered.delete(request);
    this.events.acknowledged(request);
    this.applyOwn(seq);
  }

  private hear(frame: ServerFrame): void {
    switch (frame.type) {
      case 'ready':
        this.generation = frame.generation;
        if (this.member.conversation === null) this.started?.resolve();
        else this.tell({ type: 'resume', generation: this.generation });
        return;
      case 'resync':
        this.tell({ type: 'resume', generation: this.generation });
        return;
      case 'pending':
        for (const { conversation, headSeq } of frame.conversations)
          if (conversation === this.member.conversation) void this.fetchUpTo(headSeq);
        return;
      case 'live':
        if (!this.fetching) this.started?.resolve();
        return;
      case 'announce':
        void this.fetchUpTo(frame.seq);
        return;
      case 'problem':
        this.onProblem(frame);
        return;
      // Those of each message: see `receive`.
      case 'deliver':
      case 'appended':
      case 'delivered':
      case 'signal':
      case 'reconnect':
      case 'pong':
      case 'manifest':
      case 'departure':
      case 'compare':
        return;
    }
  }

  /** Busy: the same bytes again. Anything else is final. */
  private onProblem(frame: Extract<ServerFrame, { readonly type: 'problem' }>): void {
    const bytes = this.unanswered.get(frame.request);
    if (bytes !== undefined && frame.retryAfterMs > 0) {
      setTimeout(() => this.socket?.send(bytes), frame.retryAfterMs);
      return;
    }
    this.unanswered.delete(frame.request);
    this.events.refused(frame.request, frame.problem);
  }

  /** The answer is the delivery of what this socket sent; one to a resend may come when the log was read further. */
  private applyOwn(seq: number): void {
    if (seq <= this.seq) return;
    if (seq > this.seq + 1 || this.fetching) {
      void this.fetchUpTo(seq);
      return;
    }
    this.seq = seq;
    this.scheduleAcknowledgement();
  }

  private apply(seq: number, ciphertext: Uint8Array): void {
    this.seq = seq;
    this.events.received(ciphertext);
    this.scheduleAcknowledgement();
  }

  private scheduleAcknowledgement(): void {
    const isFlood = ++this.waitingMessages >= maxWaitingMessages;
    if (this.waitingMessages === maxWaitingMessages) {
      clearTimeout(this.acknowledgeTimer);
      this.acknowledgeTimer = undefined;
    }
    const leftMs = isFlood ? 0 : this.acknowledgedAtMs + this.spacingMs - performance.now();
    this.acknowledgeTimer ??= setTimeout(() => this.acknowledge(), Math.max(gatherMs, leftMs));
  }

  private acknowledge(): void {
    this.acknowledgeTimer = undefined;
    this.waitingMessages = 0;
    this.acknowledgedAtMs = performance.now();
    const { conversation } = this.member;
    if (conversation !== null)
      this.tell({ type: 'acknowledge', positions: [{ conversation, seq: this.seq }] });
  }

  private async fetchUpTo(headSeq: number): Promise<void> {
    this.headSeq = Math.max(this.headSeq, headSeq);
    if (this.fetching) return;
    this.fetching = true;
    try {
      while (this.seq < this.headSeq) await this.fetchPage();
    } catch (error) {
      this.events.closed(`fetching a page: ${String(error)}`);
    }
    this.fetching = false;
    this.started?.resolve();
  }

  private async fetchPage(): Promise<void> {
    const { conversation, storeUrl, accessToken } = this.member;
    const path = pathOf(conversationRoutes.readPage, { conversation: conversation ?? '' });
    const answer = await fetch(`${storeUrl}${path}?after=${this.seq}`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    if (!answer.ok) throw new Error(`a page answered ${answer.status}`);
    const page = decode(logPage, new Uint8Array(await answer.arrayBuffer()));
    if (page.entries.length === 0) throw new Error(`nothing after ${this.seq} of ${this.headSeq}`);
    for (const { seq, kind, ciphertext } of page.entries) {
      if (kind === 'message') this.apply(seq, ciphertext);
      else this.seq = seq;
    }
  }
}
