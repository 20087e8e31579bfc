/**
 * One gateway process. Real: its sockets' sessions, what they ask of the rest of the gateway, the batcher of appends
 * and the merger of acknowledgements. Modelled: the listener, tokens, limits, NATS, and the WebSocket.
 */
import type { VirtualClock } from '@cipherchat/client-sdk/testing';
import {
  AcknowledgeMerger,
  AppendBatcher,
  bounds,
  Connection,
  SocketGateway,
  type ConnectionParams,
  type GatewayConfig,
  type GenerationWatch,
  type SocketMetrics,
} from '@cipherchat/gateway/delivery';
import {
  acknowledgeBatch,
  appendBatch,
  appendResults,
  commandResult,
  problemFrom,
  subjects,
  type MemberDevice,
  type Schema,
  type SessionId,
  type UserId,
} from '@cipherchat/protocol';
import type {
  AccessTokens,
  EventLog,
  Nats,
  RateLimiter,
  Revocations,
  TokenCheck,
} from '@cipherchat/service-kit';
import { Tracing } from '@cipherchat/telemetry';
import type { BusConnection } from './bus.js';
import type { GatewayWork } from './crash-points.js';
import type { Process } from './process.js';
import type { ServerSocket } from './socket-pair.js';

export type GatewayParams = {
  readonly process: Process;
  readonly bus: BusConnection;
  readonly clock: VirtualClock;
  /** The server's time, which may jump. */
  readonly nowMs: () => number;
  readonly generation: number;
  readonly whoHas: (token: string) => MemberDevice | null;
};

type Request = {
  readonly subject: string;
  readonly question: Schema<unknown>;
  readonly body: unknown;
};

/** Sessions look at the clock this often: in production each 250 ms, which is only more exact. */
const clockMs = 5_000;
const tokenLifeMs = 600_000;
const settings = {
  sends: { perSecond: 10_000, burst: 20_000 },
  frames: { perSecond: 100_000, burst: 200_000 },
};
const workOf: Readonly<Record<string, GatewayWork>> = {
  [subjects.resume]: 'resume',
  [subjects.signal]: 'signal',
};

/** The simulation judges what arrives; nobody watches it run. */
const uncounted: SocketMetrics = {
  mark: () => 0,
  watch: () => undefined,
  handshake: () => undefined,
  closed: () => undefined,
  received: () => undefined,
  sent: () => undefined,
  appended: () => undefined,
  acknowledged: () => undefined,
  fellBehind: () => undefined,
  resync: () => undefined,
  failuresReported: () => undefined,
};

export class GatewayProcess {
  private readonly gateway: SocketGateway;
  private accepted = 0;

  constructor(readonly params: GatewayParams) {
    const { bus, process, clock, nowMs, generation } = params;
    const appends = new AppendBatcher({
      request: async (body) => {
        const answer = bus.request({
          subject: subjects.append,
          question: appendBatch,
          answer: appendResults,
          body,
        });
        abandonable(answer);
        await process.at('append', 'passed-on');
        const results = await answer;
        await process.at('append', 'answered');
        return results;
      },
      onFailure: () => undefined,
      schedule: (callback, afterMs) => void clock.setTimer(callback, afterMs),
      bounds,
    });
    const acknowledgements = new AcknowledgeMerger({
      request: async (body) => {
        const answer = this.command({ subject: subjects.acknowledge, question: acknowledgeBatch, body });
        abandonable(answer);
        await process.at('acknowledge', 'passed-on');
        await answer;
        await process.at('acknowledge', 'answered');
      },
      onFailure: () => undefined,
      schedule: (callback, afterMs) => void clock.setTimer(callback, afterMs),
      bounds,
    });
    this.gateway = new SocketGateway(
      { sendsPerSecond: settings.sends.perSecond } as GatewayConfig,
      this.nats() as unknown as Nats,
      { check: (token: string) => Promise.resolve(this.check(token)) } as AccessTokens,
      { onRevoked: () => undefined } as unknown as Revocations,
      { take: () => Promise.resolve(0) } as unknown as RateLimiter,
      appends,
      acknowledgements,
      { generation, whenChanged: () => undefined, saw: () => undefined } as unknown as GenerationWatch,
      { nowMs },
      { event: () => undefined, unexpected: () => undefined } as unknown as EventLog,
      uncounted,
      Tracing.off,
    );
  }

  start(): void {
    this.gateway.onApplicationBootstrap();
    this.tick();
  }

  accept(socket: ServerSocket): void {
    const { process, nowMs } = this.params;
    this.gateway.add(
      new Connection({
        socket: socket as unknown as ConnectionParams['socket'],
        hold: () => undefined,
        id: `${process.name}-${String(++this.accepted).padStart(6, '0')}`,
        acceptedAtMs: nowMs(),
        settings: { gateway: process.name, ...settings },
        nowMs,
        work: this.gateway,
        metrics: uncounted,
      }),
    );
  }

  /** SIGTERM: clients are asked to go elsewhere. */
  drain(withinMs: number): void {
    const atMs = this.params.nowMs();
    for (const connection of [...this.gateway.all()]) connection.handle({ kind: 'drain', withinMs, atMs });
  }

  private tick(): void {
    const { clock, process, nowMs } = this.params;
    clock.setTimer(() => {
      if (!process.isAlive) return;
      for (const connection of [...this.gateway.all()]) connection.clock(nowMs());
      this.tick();
    }, clockMs);
  }

  /** What of the service kit's `Nats` a gateway uses, on the model's bus. */
  private nats() {
    const { bus, process } = this.params;
    return {
      subscribe: (subject: string, listener: (payload: Uint8Array, subject: string) => void) =>
        bus.subscribe(subject, (payload, from) => {
          if (!from.startsWith(subjects.live('' as UserId)) || process.passes('live', 'received'))
            listener(payload, from);
        }),
      publish: (subject: string, payload: Uint8Array) => bus.publish(subject, payload),
      onStatus: (listener: (status: 'disconnected' | 'reconnected') => void) => bus.onStatus(listener),
      request: (request: Request & { readonly answer: Schema<unknown> }) =>
        this.passOn(request, () => bus.request(request)),
      command: (request: Request) => this.passOn(request, () => this.command(request)),
    };
  }

  private async passOn<Answer>({ subject }: Request, ask: () => Promise<Answer>): Promise<Answer> {
    const { process } = this.params;
    const work = workOf[subject] ?? 'resume';
    const answer = ask();
    abandonable(answer);
    await process.at(work, 'passed-on');
    const result = await answer;
    await process.at(work, 'answered');
    return result;
  }

  private async command<Body>(request: {
    readonly subject: string;
    readonly question: Schema<Body>;
    readonly body: Body;
  }): Promise<void> {
    const result = await this.params.bus.request({ ...request, answer: commandResult });
    if (result.problem !== '') throw problemFrom(result.problem, JSON.parse(result.detail));
  }

  private check(token: string): TokenCheck {
    const who = this.params.whoHas(token);
    if (who === null) return { kind: 'invalid' };
    const caller = { ...who, session: who.device as string as SessionId, role: 'member' } as const;
    return { kind: 'valid', caller, expiresAtMs: this.params.nowMs() + tokenLifeMs };
  }
}

/** Its asker may die before it is answered. */
function abandonable(answer: Promise<unknown>): void {
  answer.catch(() => undefined);
}
