/**
 * The socket of a light client: reconnects with full jitter round the gateways, signs in again when its token
 * ends or is refused, resumes after `ready`, on `resync`, 2 s after `live` and about every minute, and notices
 * a silent socket. The rules are the SDK's (libs/client-sdk, `connection/`).
 */
import type { Person, Tokens } from '@cipherchat/load-people';
import {
  closeCodes,
  closeReason,
  decodeServerFrame,
  encodeClientFrame,
  socketPath,
  subprotocol,
  type ClientFrame,
  type ServerFrame,
} from '@cipherchat/protocol';
import { WebSocket } from 'ws';
import { backoffMs, fraction } from './jitter.js';

const retry = { firstMs: 500, maxMs: 30_000 };
const readyWithinMs = 15_000;
const [firstComparisonMs, comparisonMs] = [2_000, 60_000];
const minTokenLifeMs = 30_000;

export type LightConnectionParams = {
  readonly person: Person;
  readonly gatewayUrls: readonly string[];
  readonly received: (frame: ServerFrame) => void;
  readonly becameLive: () => void;
  readonly lost: () => void;
  readonly complain: (text: string) => void;
};

export class LightConnection {
  private socket: WebSocket | undefined;
  private readonly timers = new Set<NodeJS.Timeout>();
  private tokens: Tokens | null;
  private failures = 0;
  /** Grows with each attempt: what an older one still awaits is no longer wanted. */
  private attempt = 0;
  private gateway: number;
  private heardAtMs = 0;
  private generation = 0;
  private isEnded = false;
  private state: 'away' | 'ready' | 'live' = 'away';

  constructor(private readonly params: LightConnectionParams) {
    this.tokens = params.person.tokens;
    this.gateway = Math.floor(fraction() * params.gatewayUrls.length);
  }

  get isLive(): boolean {
    return this.state === 'live';
  }

  start(): void {
    this.later(backoffMs({ ...retry, failures: this.failures++ }), () => void this.connect());
  }

  /** The person closes the program, and opens it again with a new sign-in. */
  comeBack(): void {
    this.tokens = null;
    this.failures = 0;
    this.leave();
  }

  close(): void {
    this.isEnded = true;
    this.drop();
  }

  send(frame: Uint8Array): void {
    if (this.state !== 'away' && this.socket?.readyState === WebSocket.OPEN) this.socket.send(frame);
  }

  /** @throws Error when auth does not answer */
  async accessToken(): Promise<string> {
    if (this.tokens === null || this.tokens.accessTokenExpiresAtMs - Date.now() < minTokenLifeMs)
      this.tokens = await this.params.person.signIn();
    return this.tokens.accessToken;
  }

  refused(): void {
    this.tokens = null;
  }

  private async connect(): Promise<void> {
    const attempt = ++this.attempt;
    const token = await this.accessToken().catch(() => null);
    if (attempt !== this.attempt || this.isEnded) return;
    if (token === null) return this.start(); // auth is away
    const { gatewayUrls } = this.params;
    const url = gatewayUrls[this.gateway++ % gatewayUrls.length] ?? '';
    const socket = new WebSocket(`${url}${socketPath}`, [subprotocol], { perMessageDeflate: false });
    this.socket = socket;
    this.heardAtMs = performance.now();
    socket.on('open', () => socket.send(encodeClientFrame({ type: 'authenticate', token })));
    socket.on('message', (data: Buffer) => {
      if (socket === this.socket) this.hear(decodeServerFrame(data));
    });
    socket.on('error', () => {}); // `close` follows
    socket.on('close', (code) => {
      if (socket === this.socket) this.closed(code);
    });
    this.later(readyWithinMs, () => {
      if (this.state === 'away') this.leave();
    });
  }

  private closed(code: number): void {
    const reason = closeReason(code);
    if (reason === 'replaced') this.params.complain('closed 4409: nobody else has this device');
    if (reason !== null && closeCodes[reason].reconnect === 'after-token') this.tokens = null;
    this.leave();
  }

  private leave(): void {
    this.drop();
    this.params.lost();
    this.start();
  }

  private drop(): void {
    this.attempt++;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    const { socket } = this;
    this.socket = undefined;
    this.state = 'away';
    socket?.terminate();
  }

  private hear(frame: ServerFrame): void {
    this.heardAtMs = performance.now();
    switch (frame.type) {
      case 'ready':
        this.generation = frame.generation;
        this.renewLater(frame.accessTokenExpiresAtMs - frame.serverTimeMs);
        if (this.state !== 'away') return;
        this.state = 'ready';
        this.watch(frame.heartbeatMs);
        return this.resume();
      case 'live':
        this.failures = 0;
        if (this.state === 'ready') {
          this.state = 'live';
          this.later(firstComparisonMs, () => this.compare());
        }
        return this.params.becameLive();
      case 'resync':
        return this.later(fraction() * frame.withinMs, () => this.resume());
      case 'reconnect':
        return this.later(fraction() * frame.withinMs, () => {
          this.failures = 0;
          this.leave();
        });
      case 'problem':
        // Of the connection's own requests: the store was away when it was asked what was missed.
        if (frame.request === 0)
          return this.later(frame.retryAfterMs * (0.5 + fraction()), () => this.resume());
        return this.params.received(frame);
      default:
        return this.params.received(frame);
    }
  }

  private compare(): void {
    this.resume();
    this.later(comparisonMs * (0.5 + fraction()), () => this.compare());
  }

  private resume(): void {
    this.tell({ type: 'resume', generation: this.generation });
  }

  private renewLater(lifeMs: number): void {
    this.later(Math.max(1_000, lifeMs * 0.8), () => {
      this.tokens = null;
      this.accessToken().then(
        (token) => this.tell({ type: 'authenticate', token }),
        () => {}, // the gateway closes with 4401 in time
      );
    });
  }

  private watch(heartbeatMs: number): void {
    this.later(heartbeatMs / 2, () => {
      const silentMs = performance.now() - this.heardAtMs;
      if (silentMs > heartbeatMs * 1.5) return this.leave();
      if (silentMs > heartbeatMs) this.tell({ type: 'ping', nonce: 0 });
      this.watch(heartbeatMs);
    });
  }

  private tell(frame: ClientFrame): void {
    this.send(encodeClientFrame(frame));
  }

  private later(delayMs: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      action();
    }, delayMs);
    this.timers.add(timer);
  }
}
