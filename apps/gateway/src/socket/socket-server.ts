/** Where sockets come in, and how they go when the process ends. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { socketPath, subprotocol } from '@cipherchat/protocol';
import {
  clientAddress,
  CLOCK,
  CONFIG,
  EventLog,
  proxyTrust,
  RANDOM_BYTES,
  RateLimiter,
  type Clock,
  type IsTrustedProxy,
  type Limiter,
  type RandomBytes,
} from '@cipherchat/service-kit';
import { WebSocketServer, type WebSocket } from 'ws';
import { AcknowledgeMerger } from '../acknowledge/acknowledge-merger.js';
import { AppendBatcher } from '../append/append-batcher.js';
import { bounds } from '../bounds.js';
import type { GatewayConfig } from '../config.js';
import { Connection } from './connection.js';
import { HeldWrites } from './held-writes.js';
import { chooseSubprotocol, judgeHandshake } from './handshake.js';
import type { SessionSettings } from './session-state.js';
import { SocketGateway } from './socket-gateway.js';
import { SocketMetrics } from './socket-metrics.js';

const socketIdBytes = 12;
const burstSeconds = 2;
/** A client's own limits are ten times lower; acknowledgements are not counted as sends. */
const framesPerSend = 10;
const refusals = {
  403: { phrase: 'Forbidden', outcome: 'forbidden' },
  404: { phrase: 'Not Found', outcome: 'not-found' },
  429: { phrase: 'Too Many Requests', outcome: 'rate-limited' },
  503: { phrase: 'Service Unavailable', outcome: 'unavailable' },
} as const;
type RefusedStatus = keyof typeof refusals;

@Injectable()
export class SocketServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly sockets: WebSocketServer;
  private readonly settings: SessionSettings;
  private readonly handshakes: Limiter;
  private readonly isTrusted: IsTrustedProxy;
  private readonly writes = new HeldWrites();
  private isDraining = false;
  private clockTimer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: GatewayConfig,
    @Inject(HttpAdapterHost) private readonly http: HttpAdapterHost,
    @Inject(SocketGateway) private readonly gateway: SocketGateway,
    @Inject(RateLimiter) private readonly limiter: RateLimiter,
    @Inject(AppendBatcher) private readonly appends: AppendBatcher,
    @Inject(AcknowledgeMerger) private readonly acknowledgements: AcknowledgeMerger,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM_BYTES) private readonly randomBytes: RandomBytes,
    @Inject(EventLog) private readonly log: EventLog,
    @Inject(SocketMetrics) private readonly metrics: SocketMetrics,
  ) {
    const { sendsPerSecond, handshakesPerMinute, serviceInstance } = config;
    this.sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      // Ciphertext does not compress.
      perMessageDeflate: false,
      maxPayload: bounds.maxReadBytes,
      handleProtocols: chooseSubprotocol,
    });
    this.settings = {
      gateway: serviceInstance,
      sends: { perSecond: sendsPerSecond, burst: sendsPerSecond * burstSeconds },
      frames: {
        perSecond: sendsPerSecond * framesPerSend,
        burst: sendsPerSecond * framesPerSend * burstSeconds,
      },
    };
    this.isTrusted = proxyTrust(config.trustedProxies);
    this.handshakes = {
      name: 'socket.handshakes',
      burst: handshakesPerMinute,
      perMinute: handshakesPerMinute,
      whenRedisFails: 'open',
      per: 'address',
    };
  }

  onApplicationBootstrap(): void {
    const server = this.http.httpAdapter.getHttpServer() as Server;
    server.on(
      'upgrade',
      (request: IncomingMessage, socket: Duplex, head: Buffer) => void this.upgrade(request, socket, head),
    );
    this.clockTimer = setInterval(() => this.tick(), bounds.clockMs);
  }

  /** Stops accepting, asks the clients to go elsewhere, a batch at a time, and waits until they have. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isDraining = true;
    const { drainWindowMs } = this.config;
    const all = [...this.gateway.all()];
    const steps = Math.max(1, Math.floor(drainWindowMs / 2 / bounds.drainStepMs));
    const batchSize = Math.max(1, Math.ceil(all.length / steps));
    for (let start = 0; start < all.length; start += batchSize) {
      // Each has the second half of the window for itself.
      for (const connection of all.slice(start, start + batchSize))
        connection.handle({
          kind: 'drain',
          withinMs: Math.floor(drainWindowMs / 2),
          atMs: this.clock.nowMs(),
        });
      if (start + batchSize < all.length) await wait(bounds.drainStepMs);
    }
    while (this.gateway.size > 0) await wait(bounds.drainStepMs);
    clearInterval(this.clockTimer);
    await this.appends.drained();
    await this.acknowledgements.flush();
    this.log.event('gateway.drained', { count: all.length });
  }

  private tick(): void {
    const nowMs = this.clock.nowMs();
    for (const connection of [...this.gateway.all()]) connection.clock(nowMs);
    this.gateway.deliveries.clock(nowMs);
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy()); // until `ws` takes over
    const { origin, host } = request.headers;
    const verdict = judgeHandshake({
      path: (request.url ?? '').split('?')[0] ?? '',
      socketPath,
      origin,
      host,
      allowedOrigins: this.config.allowedOrigins,
      isDraining: this.isDraining,
      openSockets: this.gateway.size,
      maxSockets: this.config.maxSockets,
    });
    if (verdict.kind === 'refuse') {
      this.refuse(socket, { status: verdict.status, retryAfterS: 1 });
      return;
    }
    const waitMs = await this.limiter.take(this.handshakes, { address: this.addressOf(request) });
    if (waitMs > 0) this.refuse(socket, { status: 429, retryAfterS: Math.ceil(waitMs / 1_000) });
    else if (this.isDraining) this.refuse(socket, { status: 503, retryAfterS: 1 });
    else if (!socket.destroyed)
      this.sockets.handleUpgrade(request, socket, head, (accepted) => this.accept(accepted, socket));
  }

  private accept(socket: WebSocket, stream: Duplex): void {
    const { clock, settings, gateway, writes, metrics } = this;
    metrics.handshake('accepted');
    const connection = new Connection({
      socket,
      hold: () => writes.hold(stream),
      id: Buffer.from(this.randomBytes(socketIdBytes)).toString('hex'),
      acceptedAtMs: clock.nowMs(),
      settings,
      nowMs: () => clock.nowMs(),
      work: gateway,
      metrics,
    });
    gateway.add(connection);
    if (socket.protocol !== subprotocol) connection.refuse();
  }

  private refuse(
    socket: Duplex,
    answer: { readonly status: RefusedStatus; readonly retryAfterS: number },
  ): void {
    this.metrics.handshake(refusals[answer.status].outcome);
    endWith(socket, answer);
  }

  private addressOf(request: IncomingMessage): string {
    const header = request.headers['x-forwarded-for'];
    return clientAddress({
      remoteAddress: request.socket.remoteAddress,
      forwardedFor: Array.isArray(header) ? header.join(',') : header,
      isTrusted: this.isTrusted,
    });
  }
}

function endWith(
  socket: Duplex,
  { status, retryAfterS }: { readonly status: RefusedStatus; readonly retryAfterS: number },
): void {
  const retry = status === 429 || status === 503 ? `Retry-After: ${retryAfterS}\r\n` : '';
  socket.end(
    `HTTP/1.1 ${status} ${refusals[status].phrase}\r\n${retry}Connection: close\r\nContent-Length: 0\r\n\r\n`,
  );
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
