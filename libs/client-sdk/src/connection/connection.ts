/**
 * One socket to a gateway, for as long as the client runs.
 *
 * offline → waiting (full jitter, the first try too) → connecting (token, socket, `authenticate`)
 * → catching-up (`ready` came, `resume` was sent) → live (`live` came) → … → stopped
 *
 * Invariants:
 * - The connection carries frames and knows nothing of messages: what a lost socket swallowed is found
 *   again by the inbox (heads) and the outbox (the same bytes once more).
 * - `resume` is sent after every `ready`, and again until `live` answers it; on `resync`, 2 s after `live`, then about
 *   every minute: whatever was lost on the way, the next one finds it.
 * - A socket counts only while it is the current one; frames of an older one are not looked at.
 * - It stops for good where coming back would do harm: another socket of this device took over (4409), the
 *   device was revoked, this build is too old. Everything else is tried again for ever, ever more slowly.
 * - A socket speaks of one generation. It is left when another is met elsewhere, and `ready` of the next one tells it.
 * - The token travels in the first frame, never in the URL, and is renewed in-band before it expires.
 */
import {
  closeCodes,
  closeReason,
  encodeClientFrame,
  subprotocol,
  type ClientFrame,
  type ServerFrame,
} from '@cipherchat/protocol';
import type { ConnectionState, StopReason } from '../events.js';
import { closableClock, type CancelTimer } from '../ports/clock.js';
import { randomFraction } from '../ports/random.js';
import type { OpenSocket } from '../ports/socket.js';
import { backoffMs, jitteredMs } from './backoff.js';
import type { ConnectionPorts } from './connection-ports.js';
import { GatewayRound, readFrame, socketUrl } from './gateway-socket.js';
import { AccessEndedError } from './session.js';
import { judgeSilence } from './silence.js';
import { timing } from './timing.js';

type Current = {
  readonly socket: OpenSocket;
  /** Its timers end with the socket. */
  readonly clock: ReturnType<typeof closableClock>;
  generation: number;
  heardAtMs: number;
  greeted: boolean;
  asked: boolean;
};

export class Connection {
  private currentState: ConnectionState = { kind: 'offline' };
  private current: Current | null = null;
  private failures = 0;
  private cancelRetry: CancelTimer = () => undefined;
  /** Grows with each attempt; what an older attempt still awaits is no longer wanted. */
  private attempt = 0;
  private offsetMs = 0;
  private readonly gateways: GatewayRound;

  constructor(private readonly ports: ConnectionPorts) {
    this.gateways = new GatewayRound(ports.random);
  }

  get state(): ConnectionState {
    return this.currentState;
  }

  /** The server's clock minus ours, as last told. */
  get serverOffsetMs(): number {
    return this.offsetMs;
  }

  /** Begins to connect, and keeps at it. */
  start(): void {
    if (this.currentState.kind === 'offline') this.scheduleAttempt();
  }

  /** The network is said to be back: tries at once. */
  hurry(): void {
    if (this.currentState.kind !== 'waiting') return;
    this.cancelRetry();
    void this.connect();
  }

  /** A call by HTTP found the server restored, which this socket has not said: it may be dead without our knowing. */
  generationEnded(generation: number): void {
    if (this.current?.greeted === true && this.current.generation === generation) this.lost();
  }

  /** For good. */
  stop(reason: StopReason): void {
    if (this.currentState.kind === 'stopped') return;
    this.attempt++;
    this.cancelRetry();
    this.drop();
    this.setState({ kind: 'stopped', reason });
  }

  /** Sends a frame when authenticated; `false` when there is no socket to send it on. */
  send(frame: ClientFrame): boolean {
    if (this.current === null || !this.current.greeted) return false;
    this.current.socket.send(encodeClientFrame(frame));
    return true;
  }

  private scheduleAttempt(): void {
    const delayMs = backoffMs({ failures: this.failures, random: this.ports.random });
    this.failures++;
    this.cancelRetry = this.ports.clock.setTimer(() => void this.connect(), delayMs);
    this.setState({ kind: 'waiting', retryAtMs: this.ports.clock.nowMs() + delayMs });
  }

  private async connect(): Promise<void> {
    const attempt = ++this.attempt;
    this.setState({ kind: 'connecting' });
    try {
      await this.ports.stillWriter();
      const { gatewayUrls } = await this.ports.api.discover();
      const token = await this.ports.session.accessToken();
      if (attempt === this.attempt) this.open({ attempt, token, url: this.gateways.next(gatewayUrls) });
    } catch (error) {
      if (attempt !== this.attempt) return;
      if (error instanceof AccessEndedError) this.stop(error.reason);
      else this.scheduleAttempt();
    }
  }

  private open(params: { readonly attempt: number; readonly token: string; readonly url: string }): void {
    const { attempt, token, url } = params;
    const isCurrent = (): boolean => attempt === this.attempt;
    const socket = this.ports.socket.open({
      url: socketUrl(url),
      subprotocol,
      listener: {
        opened: () => {
          if (isCurrent()) socket.send(encodeClientFrame({ type: 'authenticate', token }));
        },
        received: (bytes) => {
          if (isCurrent()) this.receive(bytes);
        },
        closed: (code) => {
          if (isCurrent()) this.closed({ code, token });
        },
      },
    });
    this.current = {
      socket,
      clock: closableClock(this.ports.clock),
      generation: 0,
      heardAtMs: this.ports.clock.nowMs(),
      greeted: false,
      asked: false,
    };
    this.later(timing.readyWithinMs, () => {
      if (this.current?.greeted !== true) this.lost();
    });
  }

  private receive(bytes: Uint8Array): void {
    const frame = readFrame(bytes);
    if (this.current === null) return;
    if (frame === null) return this.lost();
    this.current.heardAtMs = this.ports.clock.nowMs();
    this.current.asked = false;
    switch (frame.type) {
      case 'ready':
        return void this.ready(frame);
      case 'live':
        this.offsetMs = frame.serverTimeMs - this.ports.clock.nowMs();
        this.failures = 0;
        this.ports.received(frame);
        return this.becameLive();
      case 'resync':
        return this.within(frame.withinMs, () => this.resume());
      case 'reconnect':
        return this.within(frame.withinMs, () => this.moveElsewhere());
      case 'pong':
        return;
      default:
        return this.ports.received(frame);
    }
  }

  private async ready(frame: Extract<ServerFrame, { type: 'ready' }>): Promise<void> {
    const current = this.current;
    if (current === null) return;
    this.offsetMs = frame.serverTimeMs - this.ports.clock.nowMs();
    this.scheduleRenewal(frame);
    if (current.greeted) return;
    // Where what is new about the server could not be found out, nothing of it may be read or sent yet.
    const failure = await this.ports.greeted(frame).catch((error: unknown) => ({ error }));
    if (current !== this.current) return;
    if (failure !== undefined)
      return failure.error instanceof AccessEndedError ? this.stop(failure.error.reason) : this.lost();
    current.greeted = true;
    current.generation = frame.generation;
    this.setState({ kind: 'catching-up', gateway: frame.gateway });
    this.watch(frame.heartbeatMs);
    this.resumeUntilLive();
  }

  private resumeUntilLive(): void {
    if (this.currentState.kind !== 'catching-up') return;
    this.resume();
    this.later(jitteredMs({ baseMs: timing.liveWithinMs, random: this.ports.random }), () =>
      this.resumeUntilLive(),
    );
  }

  private becameLive(): void {
    if (this.currentState.kind !== 'catching-up') return;
    this.setState({ kind: 'live', gateway: this.currentState.gateway });
    this.later(timing.firstHeadComparisonMs, () => this.compareHeads());
  }

  private compareHeads(): void {
    this.resume();
    this.later(jitteredMs({ baseMs: timing.headComparisonMs, random: this.ports.random }), () =>
      this.compareHeads(),
    );
  }

  private resume(): void {
    if (this.current !== null) this.send({ type: 'resume', generation: this.current.generation });
  }

  private scheduleRenewal(frame: Extract<ServerFrame, { type: 'ready' }>): void {
    const lifeMs = frame.accessTokenExpiresAtMs - frame.serverTimeMs;
    this.later(Math.max(1_000, Math.floor(lifeMs * timing.renewAfterFraction)), () => void this.renew());
  }

  private async renew(): Promise<void> {
    const current = this.current;
    try {
      const token = await this.ports.session.renew();
      if (current !== null && current === this.current)
        current.socket.send(encodeClientFrame({ type: 'authenticate', token }));
    } catch (error) {
      // Without an answer the gateway will close with 4401 in time, and connecting begins anew.
      if (error instanceof AccessEndedError) this.stop(error.reason);
    }
  }

  private watch(heartbeatMs: number): void {
    this.later(heartbeatMs / 2, () => {
      if (this.current === null) return;
      const nowMs = this.ports.clock.nowMs();
      // With a clock that was set back, the silence counts from now: a negative one would never end.
      this.current.heardAtMs = Math.min(this.current.heardAtMs, nowMs);
      const silentMs = nowMs - this.current.heardAtMs;
      const verdict = judgeSilence({ silentMs, heartbeatMs, asked: this.current.asked });
      if (verdict === 'dead') return this.lost();
      this.current.asked ||= verdict === 'ask';
      if (verdict === 'ask') this.send({ type: 'ping', nonce: 0 });
      this.watch(heartbeatMs);
    });
  }

  private moveElsewhere(): void {
    this.failures = 0;
    this.lost();
  }

  private closed(params: { readonly code: number; readonly token: string }): void {
    const reason = closeReason(params.code);
    if (reason === 'replaced') return this.stop('replaced');
    if (reason === 'upgradeNeeded') return this.stop('upgrade-needed');
    if (reason !== null && closeCodes[reason].reconnect === 'after-token')
      this.ports.session.refused(params.token);
    this.lost();
  }

  /** The socket is of no use any more: leave it and begin again. */
  private lost(): void {
    this.attempt++;
    this.drop();
    this.scheduleAttempt();
  }

  private drop(): void {
    const current = this.current;
    this.current = null;
    if (current === null) return;
    current.clock.close();
    current.socket.close();
  }

  /** At a random time, so that all who are asked at once do not come at once. */
  private within(maxMs: number, action: () => void): void {
    this.later(Math.floor(randomFraction(this.ports.random) * maxMs), action);
  }

  /** A timer that ends with the socket. */
  private later(delayMs: number, action: () => void): void {
    this.current?.clock.setTimer(action, delayMs);
  }

  private setState(state: ConnectionState): void {
    this.currentState = state;
    this.ports.stateChanged(state);
  }
}
