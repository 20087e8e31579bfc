/**
 * The socket of a member. The rules are the SDK's (libs/client-sdk, `connection/`): the first frame carries the access
 * token, which is renewed in-band; `resume` after `ready`, on `resync`, 2 s after `live` and about every minute; a lost
 * socket is opened anew with full jitter, the first try included.
 */
import {
  closeCodes,
  closeReason,
  decodeServerFrame,
  encodeClientFrame,
  serverFrames,
  socketPath,
  type ClientFrame,
  type ServerFrame,
} from '@cipherchat/protocol';
import { backoffMs, fraction } from './chance.js';
import type { Credentials } from './credentials.js';
import type { Runtime, Socket } from './runtime.js';

const [firstComparisonMs, comparisonMs] = [2_000, 60_000];
/** Of a token's life, drawn for each: people who came together would otherwise renew together. */
const [minRenewShare, maxRenewShare] = [0.4, 0.8];
const minRenewMs = 1_000;
const readyWithinMs = 15_000;

export type ConnectionParams = {
  readonly runtime: Runtime;
  readonly credentials: Credentials;
  readonly gatewayUrls: readonly string[];
  /** The first to try; the others follow in turn. */
  readonly firstGateway: number;
  /** In place of the token's life, where it is shorter. */
  readonly tokenLifeMs: number | undefined;
  readonly received: (frame: ServerFrame) => void;
  readonly becameLive: () => void;
  readonly lost: () => void;
};

export class Connection {
  generation = 0;
  /** When the socket that is open now was asked for. */
  openedAtMs = 0;
  private socket: Socket | undefined;
  private state: 'away' | 'ready' | 'live' = 'away';
  private name: string | null = null;
  private readonly undo = new Set<() => void>();
  private failures = 0;
  /** Grows with each: what an older one still awaits is no longer wanted. */
  private attempt = 0;
  private next: number;
  private isWanted = false;

  constructor(private readonly params: ConnectionParams) {
    this.next = params.firstGateway;
  }

  get isLive(): boolean {
    return this.state === 'live';
  }

  /** As the gateway calls itself; null while there is none. */
  get gateway(): string | null {
    return this.name;
  }

  /** At once; the times count from when that was due. */
  connect(dueMs: number): void {
    this.isWanted = true;
    this.drop();
    void this.open(dueMs);
  }

  /** The network breaks, and the client comes back by itself. */
  breakOff(): void {
    this.drop();
    this.params.lost();
    this.openLater();
  }

  /** For as long as nobody calls `connect`. */
  leave(): void {
    this.isWanted = false;
    this.drop();
    this.params.lost();
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.state !== 'away') this.socket?.send(bytes);
  }

  private openLater(): void {
    const delayMs = backoffMs((length) => this.params.runtime.random(length), this.failures++);
    this.later(delayMs, () => void this.open(this.params.runtime.nowMs()));
  }

  private async open(openedAtMs: number): Promise<void> {
    const { runtime, credentials, gatewayUrls } = this.params;
    const attempt = ++this.attempt;
    const token = await credentials.accessToken().catch((error: unknown) => {
      runtime.complain(`signing in: ${String(error)}`);
      return null;
    });
    if (attempt !== this.attempt || !this.isWanted) return;
    if (token === null) return this.openLater();
    this.openedAtMs = openedAtMs;
    const url = gatewayUrls[this.next++ % gatewayUrls.length] ?? '';
    this.socket = runtime.openSocket(`${url}${socketPath}`, {
      opened: () => this.socket?.send(encodeClientFrame({ type: 'authenticate', token })),
      received: (bytes) => this.heard(bytes),
      closed: (code) => this.closed(code),
    });
    this.later(readyWithinMs, () => {
      if (this.state === 'away') this.closed(0);
    });
  }

  private closed(code: number): void {
    const { runtime } = this.params;
    const reason = closeReason(code);
    runtime.note('sockets_lost', 1);
    runtime.complain(`a socket was lost: ${reason ?? code}`);
    if (reason !== null && closeCodes[reason].reconnect === 'never') return this.leave();
    this.breakOff();
  }

  private drop(): void {
    this.attempt++;
    for (const undo of this.undo) undo();
    this.undo.clear();
    const { socket } = this;
    this.socket = undefined;
    this.state = 'away';
    this.name = null;
    socket?.close();
  }

  /**
   * In a group everybody is told of everybody: up to a hundred times as many receipts as messages. A client shows them;
   * nothing here asks what they say, and reading them in an interpreter would cost more than all the rest.
   */
  private heard(bytes: Uint8Array): void {
    if (bytes[0] === serverFrames.delivered.code) this.params.runtime.note('receipts', 1);
    else this.hear(decodeServerFrame(bytes));
  }

  private hear(frame: ServerFrame): void {
    const { runtime, received } = this.params;
    switch (frame.type) {
      case 'ready':
        this.renewLater(frame.accessTokenExpiresAtMs - frame.serverTimeMs);
        if (this.state !== 'away') return runtime.note('token_renewals', 1);
        this.state = 'ready';
        this.name = frame.gateway;
        this.generation = frame.generation;
        runtime.note('ready_ms', runtime.nowMs() - this.openedAtMs);
        return this.resume();
      case 'live':
        if (this.state !== 'ready') return;
        this.state = 'live';
        this.failures = 0;
        runtime.note('sockets_opened', 1);
        this.later(firstComparisonMs, () => this.compare());
        return this.params.becameLive();
      case 'resync':
        return this.later(this.chance() * frame.withinMs, () => this.resume());
      case 'reconnect':
        return this.later(this.chance() * frame.withinMs, () => this.breakOff());
      case 'problem':
        // Of the connection's own requests: the store was away when it was asked what was missed.
        if (frame.request === 0)
          return this.later(frame.retryAfterMs * (0.5 + this.chance()), () => this.resume());
        return received(frame);
      default:
        return received(frame);
    }
  }

  private compare(): void {
    this.resume();
    this.later(comparisonMs * (0.5 + this.chance()), () => this.compare());
  }

  private resume(): void {
    this.tell({ type: 'resume', generation: this.generation });
  }

  private renewLater(lifeMs: number): void {
    const { credentials, tokenLifeMs, runtime } = this.params;
    const share = minRenewShare + this.chance() * (maxRenewShare - minRenewShare);
    const afterMs = Math.max(minRenewMs, share * Math.min(lifeMs, tokenLifeMs ?? Infinity));
    this.later(afterMs, () => {
      const { attempt } = this;
      credentials.signIn().then(
        () => {
          if (attempt === this.attempt) this.tell({ type: 'authenticate', token: credentials.lastToken });
        },
        // The gateway closes with 4401 in time.
        (error: unknown) => runtime.complain(`renewing a token: ${String(error)}`),
      );
    });
  }

  private tell(frame: ClientFrame): void {
    this.send(encodeClientFrame(frame));
  }

  private later(delayMs: number, act: () => void): void {
    const undo = this.params.runtime.later(delayMs, () => {
      this.undo.delete(undo);
      act();
    });
    this.undo.add(undo);
  }

  private chance(): number {
    return fraction((length) => this.params.runtime.random(length));
  }
}
