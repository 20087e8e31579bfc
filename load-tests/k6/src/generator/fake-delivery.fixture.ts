/**
 * A gateway and a store in virtual time, for one room, that do everything to a client that real ones may: lose live
 * frames, repeat and reorder them, lose an answer with its socket, be busy, refuse a page. What was appended is kept.
 */
import {
  decodeClientFrame,
  encode,
  encodeServerFrame,
  idFromBytes,
  logPage,
  type ConversationId,
  type EnvelopeId,
  type ServerFrame,
} from '@cipherchat/protocol';
import type { FigureName } from '../figures.js';
import { fraction, type Random } from './chance.js';
import type { Answer, Request, Runtime, Socket, SocketEvents } from './runtime.js';
import { VirtualTime } from './virtual-time.fixture.js';

export const conversation = idFromBytes<ConversationId>(new Uint8Array(16).fill(1));
export const commitSeq = 1;
const latencyMs = 3;
const pageEntries = 7;

type Entry = { readonly seq: number; readonly envelope: EnvelopeId; readonly ciphertext: Uint8Array };
type Open = { readonly events: SocketEvents; member: number; isLive: boolean; isOpen: boolean };

export class FakeDelivery {
  readonly time = new VirtualTime();
  readonly notes = new Map<FigureName, number[]>();
  /** Of each thing that may go wrong: how likely it does. */
  trouble = 0;
  /** Breaks the promise of an acknowledgement, once. */
  forgetsNext = false;
  private readonly log: Entry[] = [];
  private readonly cursors = new Map<number, number>();
  private readonly sockets = new Set<Open>();

  constructor(private readonly random: Random) {}

  get runtime(): Runtime {
    return {
      nowMs: this.time.nowMs,
      wallMs: this.time.nowMs,
      later: this.time.later,
      random: this.random,
      openSocket: (_, events) => this.openSocket(events),
      request: (request) => this.answer(request),
      note: (figure, value) => this.notes.set(figure, [...(this.notes.get(figure) ?? []), value]),
      complain: () => {},
    };
  }

  private openSocket(events: SocketEvents): Socket {
    const socket: Open = { events, member: -1, isLive: false, isOpen: true };
    this.sockets.add(socket);
    this.time.later(latencyMs, () => {
      if (socket.isOpen) events.opened();
    });
    return {
      send: (bytes) => {
        const copy = bytes.slice();
        this.time.later(latencyMs, () => this.hear(socket, copy));
      },
      close: () => this.forget(socket),
    };
  }

  private hear(socket: Open, bytes: Uint8Array): void {
    if (!socket.isOpen) return;
    const frame = decodeClientFrame(bytes);
    switch (frame.type) {
      case 'authenticate':
        socket.member = Number(frame.token);
        this.tell(socket, {
          type: 'ready',
          gateway: `gateway-${socket.member % 2}`,
          generation: 1,
          serverTimeMs: 0,
          heartbeatMs: 30_000,
          accessTokenExpiresAtMs: 1e12,
        });
        return;
      case 'resume': {
        const cursorSeq = this.cursors.get(socket.member) ?? 0;
        const headSeq = commitSeq + this.log.length;
        if (headSeq > cursorSeq)
          this.tell(socket, { type: 'pending', conversations: [{ conversation, headSeq, cursorSeq }] });
        socket.isLive = true;
        this.tell(socket, { type: 'live', serverTimeMs: 0 });
        return;
      }
      case 'acknowledge':
        for (const { seq } of frame.positions)
          this.cursors.set(socket.member, Math.max(seq, this.cursors.get(socket.member) ?? 0));
        return;
      case 'append':
        this.append(socket, frame);
        return;
      default:
        return;
    }
  }

  private append(
    socket: Open,
    frame: { readonly request: number; readonly envelope: EnvelopeId; readonly ciphertext: Uint8Array },
  ): void {
    if (this.goesWrong()) {
      this.tell(socket, {
        type: 'problem',
        request: frame.request,
        problem: 'service/unavailable',
        retryAfterMs: 50,
        detail: '{}',
      });
      return;
    }
    if (this.forgetsNext) {
      this.forgetsNext = false;
      return this.tell(socket, { type: 'appended', request: frame.request, seq: commitSeq, atMs: 0 });
    }
    let entry = this.log.find(({ envelope }) => envelope === frame.envelope);
    if (entry === undefined) {
      entry = { ...frame, seq: commitSeq + this.log.length + 1 };
      this.log.push(entry);
    }
    for (const other of this.sockets) if (other !== socket && other.isLive) this.deliver(other, entry);
    if (this.goesWrong()) this.cut(socket);
    else this.tell(socket, { type: 'appended', request: frame.request, seq: entry.seq, atMs: 0 });
  }

  private deliver(socket: Open, { seq, envelope, ciphertext }: Entry): void {
    const frame = { type: 'deliver', conversation, seq, envelope, atMs: 0, ciphertext } as const;
    if (!this.goesWrong()) this.tell(socket, frame, this.goesWrong() ? 40 * latencyMs : latencyMs);
    if (this.goesWrong()) this.tell(socket, frame, 20 * latencyMs);
  }

  private tell(socket: Open, frame: ServerFrame, afterMs = latencyMs): void {
    const bytes = encodeServerFrame(frame);
    this.time.later(afterMs, () => {
      if (socket.isOpen) socket.events.received(bytes);
    });
  }

  private cut(socket: Open): void {
    this.forget(socket);
    this.time.later(latencyMs, () => socket.events.closed(1_006));
  }

  private forget(socket: Open): void {
    socket.isOpen = false;
    socket.isLive = false;
    this.sockets.delete(socket);
  }

  private answer({ url }: Request): Promise<Answer> {
    const after = Number(url.split('after=')[1]);
    return new Promise((resolve) => {
      this.time.later(latencyMs, () => {
        if (this.goesWrong()) return resolve({ status: 503, body: new Uint8Array(0), tookMs: latencyMs });
        const commit = {
          seq: commitSeq,
          kind: 'commit',
          envelope: conversation,
          ciphertext: new Uint8Array(0),
        };
        const entries = [commit, ...this.log.map((entry) => ({ ...entry, kind: 'message' }))]
          .filter(({ seq }) => seq > after)
          .slice(0, pageEntries)
          .map((entry) => ({ atMs: 0, commitSeq, devices: [], welcome: new Uint8Array(0), ...entry }));
        const headSeq = commitSeq + this.log.length;
        const page = { conversation, headSeq, floorSeq: 0, entries };
        resolve({ status: 200, body: encode(logPage, page as never), tookMs: latencyMs });
      });
    });
  }

  private goesWrong(): boolean {
    return fraction(this.random) < this.trouble;
  }
}
