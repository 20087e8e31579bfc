import { closeCodes, encodeServerFrame, type CloseReason } from '@cipherchat/protocol';
import type { CurrentDevice } from '@cipherchat/service-kit';
import type { RawData, WebSocket } from 'ws';
import { bounds } from '../bounds.js';
import { AcknowledgeSample } from './acknowledge-sample.js';
import { placeOf } from './deliver-frame.js';
import { OwnAppends } from './own-appends.js';
import {
  openSession,
  type AppendResult,
  type SessionEffect,
  type SessionEvent,
  type SessionSettings,
  type SessionState,
} from './session-state.js';
import type { SocketLoad, SocketMetrics } from './socket-metrics.js';
import { step } from './socket-session.js';
import type { TracedDeliveries } from './traced-deliveries.js';

type EffectOf<Kind extends SessionEffect['kind']> = Extract<SessionEffect, { readonly kind: Kind }>;

/** What a session needs of the rest of the gateway. */
export type ConnectionWork = {
  readonly checkToken: (connection: Connection, token: string) => void;
  readonly enrol: (connection: Connection, caller: CurrentDevice) => void;
  readonly append: (connection: Connection, effect: EffectOf<'append'>) => void;
  readonly acknowledge: (effect: EffectOf<'acknowledge'>) => void;
  readonly signal: (connection: Connection, effect: EffectOf<'signal'>) => void;
  readonly resume: (connection: Connection, caller: CurrentDevice) => void;
  readonly gone: (connection: Connection) => void;
  readonly deliveries: TracedDeliveries<Connection>;
};

export type ConnectionParams = {
  readonly socket: WebSocket;
  /** Holds back what is written until the end of the turn. */
  readonly hold: () => void;
  /** Random; decides between sockets that were accepted in the same millisecond. */
  readonly id: string;
  readonly acceptedAtMs: number;
  readonly settings: SessionSettings;
  readonly nowMs: () => number;
  readonly work: ConnectionWork;
  readonly metrics: SocketMetrics;
};

/** A socket and its session: turns what happens into events, and effects into what is done. It decides nothing. */
export class Connection {
  private state: SessionState;
  private cut: NodeJS.Timeout | undefined;
  private readonly sample = new AcknowledgeSample();
  private readonly own = new OwnAppends();

  constructor(private readonly params: ConnectionParams) {
    const { socket, settings, acceptedAtMs } = params;
    this.state = openSession(settings, acceptedAtMs);
    socket.on('message', (data, isBinary) => this.received(data, isBinary));
    socket.on('pong', () => this.handle({ kind: 'pong' }));
    socket.on('error', () => {}); // `close` follows, and says all there is to say
    socket.on('close', () => {
      clearTimeout(this.cut);
      this.handle({ kind: 'gone' });
      params.work.gone(this);
    });
  }

  get id(): string {
    return this.params.id;
  }

  get acceptedAtMs(): number {
    return this.params.acceptedAtMs;
  }

  /** Who it is, once it has authenticated. */
  get caller(): CurrentDevice | null {
    return this.state.caller;
  }

  load(): SocketLoad {
    return {
      unacknowledged: this.state.unacknowledged.count,
      queuedBytes: this.params.socket.bufferedAmount,
      isBehind: this.state.live === 'dropped',
    };
  }

  /** `traceparent`: of a frame whose delivery is recorded. */
  live(frame: Uint8Array, traceparent: string | undefined): void {
    const answer = this.own.answerIn(frame);
    if (answer !== null) {
      this.handle({ kind: 'appended', request: answer.append.request, result: answer.result });
      return;
    }
    const { deliveries } = this.params.work;
    const span = deliveries.begin(traceparent);
    const effects = this.step({ kind: 'live', frame, queuedBytes: this.params.socket.bufferedAmount });
    if (span === null) return;
    if (effects.some(({ kind }) => kind === 'send'))
      deliveries.forwarded(this, { ...placeOf(frame), span, sinceMs: this.params.nowMs() });
    else deliveries.dropped(span);
  }

  clock(atMs: number): void {
    this.handle({ kind: 'clock', atMs, queuedBytes: this.params.socket.bufferedAmount });
    const expiredMs = this.sample.expired(atMs);
    if (expiredMs !== null) this.params.metrics.acknowledged(expiredMs);
  }

  /** What became of an `append` of this socket. */
  appended(append: EffectOf<'append'>, result: AppendResult): void {
    if (this.own.answered(append)) this.handle({ kind: 'appended', request: append.request, result });
  }

  handle(event: SessionEvent): void {
    this.step(event);
  }

  /** For a client that speaks no version of ours. */
  refuse(): void {
    this.close('upgradeNeeded');
    this.handle({ kind: 'gone' });
  }

  private step(event: SessionEvent): readonly SessionEffect[] {
    const { state, effects } = step(this.params.settings, this.state, event);
    this.state = state;
    for (const effect of effects) this.carryOut(effect);
    return effects;
  }

  private received(data: RawData, isBinary: boolean): void {
    if (!isBinary) {
      this.handle({ kind: 'text' });
      return;
    }
    const frame = data as Buffer;
    this.params.metrics.received(frame);
    this.handle({ kind: 'frame', frame, atMs: this.params.nowMs() });
  }

  private carryOut(effect: SessionEffect): void {
    const { socket, work, metrics } = this.params;
    switch (effect.kind) {
      case 'send':
        this.send(effect.frame);
        return;
      case 'fell-behind':
        metrics.fellBehind();
        return;
      case 'resync':
        metrics.resync(effect.cause);
        this.send(encodeServerFrame({ type: 'resync', withinMs: effect.withinMs }));
        return;
      case 'ping':
        socket.ping();
        return;
      case 'check-token':
        work.checkToken(this, effect.token);
        return;
      case 'enrol':
        work.enrol(this, effect.caller);
        return;
      case 'append':
        this.own.sent(effect);
        work.append(this, effect);
        return;
      case 'acknowledge':
        this.acknowledge(effect);
        return;
      case 'signal':
        work.signal(this, effect);
        return;
      case 'resume':
        work.resume(this, effect.caller);
        return;
      case 'report':
        metrics.failuresReported(effect.failures);
        return;
      case 'close':
        this.close(effect.reason);
        return;
    }
  }

  private send(frame: Uint8Array): void {
    const { socket, hold, nowMs, metrics } = this.params;
    hold();
    socket.send(frame);
    metrics.sent(frame);
    this.sample.forwarded(frame, nowMs);
  }

  private acknowledge(effect: EffectOf<'acknowledge'>): void {
    const { work, nowMs, metrics } = this.params;
    const sampleMs = this.sample.acknowledged(effect.positions, nowMs);
    if (sampleMs !== null) metrics.acknowledged(sampleMs);
    work.deliveries.acknowledged(this, effect.positions);
    work.acknowledge(effect);
  }

  private close(reason: CloseReason): void {
    const { socket, metrics } = this.params;
    metrics.closed(reason);
    socket.close(closeCodes[reason].code, reason);
    // A client that does not read, or is gone, would keep its queue in our memory.
    this.cut = setTimeout(() => socket.terminate(), bounds.closeGraceMs);
  }
}
