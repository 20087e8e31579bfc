/** The sockets of this process and what they ask of the rest of the system. Holds no delivery state. */
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  decode,
  deviceConnected,
  encode,
  isProblem,
  problem,
  resumeCommand,
  resumeResult,
  signalCommand,
  subjects,
  type DeviceId,
  type ProblemError,
  type UserId,
} from '@cipherchat/protocol';
import {
  AccessTokens,
  CLOCK,
  CONFIG,
  EventLog,
  Nats,
  RateLimiter,
  Revocations,
  type Clock,
  type CurrentDevice,
  type Limiter,
} from '@cipherchat/service-kit';
import { Tracing } from '@cipherchat/telemetry';
import { AcknowledgeMerger } from '../acknowledge/acknowledge-merger.js';
import { AppendBatcher } from '../append/append-batcher.js';
import { beginAppendTrace, endAppendTrace } from '../append/append-trace.js';
import { bounds } from '../bounds.js';
import type { GatewayConfig } from '../config.js';
import { GenerationWatch } from '../generation-watch.js';
import type { Connection, ConnectionWork } from './connection.js';
import { DeviceSockets } from './device-sockets.js';
import type { SessionEffect, SessionEvent } from './session-state.js';
import { SocketMetrics, type SocketLoad } from './socket-metrics.js';
import { TracedDeliveries } from './traced-deliveries.js';
import { UserBudget } from './user-budget.js';
import { UserSubscriptions } from './user-subscriptions.js';

type EffectOf<Kind extends SessionEffect['kind']> = Extract<SessionEffect, { readonly kind: Kind }>;

/** How many devices' worth of sends a user may have: most have one or two in use at a time. */
const activeDevicesPerUser = 3;
const burstMinutes = 1;

@Injectable()
export class SocketGateway implements ConnectionWork, OnApplicationBootstrap {
  readonly deliveries: TracedDeliveries<Connection>;
  private readonly connections = new Set<Connection>();
  private readonly devices = new DeviceSockets<Connection>();
  private readonly subscriptions: UserSubscriptions<Connection>;
  private readonly userBudget: UserBudget;

  constructor(
    @Inject(CONFIG) config: GatewayConfig,
    @Inject(Nats) private readonly nats: Nats,
    @Inject(AccessTokens) private readonly tokens: AccessTokens,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(RateLimiter) limiter: RateLimiter,
    @Inject(AppendBatcher) private readonly appends: AppendBatcher,
    @Inject(AcknowledgeMerger) private readonly acknowledgements: AcknowledgeMerger,
    @Inject(GenerationWatch) private readonly generations: GenerationWatch,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(EventLog) private readonly log: EventLog,
    @Inject(SocketMetrics) private readonly metrics: SocketMetrics,
    @Inject(Tracing) private readonly tracing: Tracing,
  ) {
    this.deliveries = new TracedDeliveries(tracing, bounds);
    this.subscriptions = new UserSubscriptions((subject, listener) => {
      const subscription = nats.subscribe(subject, listener);
      return { unsubscribe: () => subscription.unsubscribe() };
    });
    const perMinute = Math.ceil(
      (config.sendsPerSecond * 60 * activeDevicesPerUser) / bounds.sendsPerUserToken,
    );
    const perUser: Limiter = {
      name: 'socket.sends',
      burst: perMinute * burstMinutes,
      perMinute,
      whenRedisFails: 'open',
      per: 'user',
    };
    this.userBudget = new UserBudget({
      sendsPerToken: bounds.sendsPerUserToken,
      takeToken: (user) => limiter.take(perUser, { address: '', user }),
      limit: (user, waitMs) =>
        this.tellUser(user, { kind: 'user-limited', untilMs: this.clock.nowMs() + waitMs }),
    });
  }

  get size(): number {
    return this.connections.size;
  }

  onApplicationBootstrap(): void {
    this.metrics.watch(() => this.loads());
    this.revocations.onRevoked(({ kind, device, session }) => {
      const connection = this.devices.get(device);
      if (kind === 'device' || connection?.caller?.session === session)
        connection?.handle({ kind: 'revoked' });
    });
    this.nats.subscribe(subjects.deviceConnected('*' as DeviceId), (payload, subject) =>
      this.connectedElsewhere(payload, subject),
    );
    this.nats.onStatus((status) => {
      if (status === 'reconnected') this.tellAll({ kind: 'behind', withinMs: this.spreadMs() });
    });
    this.generations.whenChanged(() =>
      this.tellAll({ kind: 'drain', withinMs: this.spreadMs(), atMs: this.clock.nowMs() }),
    );
  }

  add(connection: Connection): void {
    this.connections.add(connection);
  }

  all(): Iterable<Connection> {
    return this.connections;
  }

  checkToken(connection: Connection, token: string): void {
    void this.tokens.check(token).then((check) => {
      connection.handle({
        kind: 'token-checked',
        check,
        generation: this.generations.generation,
        atMs: this.clock.nowMs(),
      });
    });
  }

  enrol(connection: Connection, { user, device }: CurrentDevice): void {
    this.devices.put(device, connection)?.handle({ kind: 'replaced' });
    this.subscriptions.add(user, connection);
    const { id: socket, acceptedAtMs: atMs } = connection;
    this.nats.publish(subjects.deviceConnected(device), encode(deviceConnected, { socket, atMs }));
  }

  append(connection: Connection, append: EffectOf<'append'>): void {
    const {
      caller: { user, device },
      frame,
    } = append;
    this.userBudget.sent(user);
    const arrivedAt = this.metrics.mark();
    const trace = beginAppendTrace(this.tracing);
    this.appends.add({
      user,
      device,
      frame,
      arrivedAt,
      trace,
      answer: (result) => {
        if (trace === null) this.metrics.appended(result.outcome, arrivedAt);
        else {
          trace.span.within(() => this.metrics.appended(result.outcome, arrivedAt));
          endAppendTrace(trace, result.outcome);
        }
        connection.appended(append, result);
      },
    });
  }

  acknowledge({ caller, positions }: EffectOf<'acknowledge'>): void {
    this.acknowledgements.add(caller, positions);
  }

  signal(
    connection: Connection,
    { caller: { user, device }, signal: { conversation, kind, ciphertext } }: EffectOf<'signal'>,
  ): void {
    this.userBudget.sent(user);
    const body = { user, device, conversation, kind, ciphertext };
    const { signalTimeoutMs: timeoutMs } = bounds;
    const question = { subject: subjects.signal, question: signalCommand, body, timeoutMs };
    this.tracing
      .around('gateway signal', () => this.nats.command(question))
      .catch((error: unknown) =>
        connection.handle({ kind: 'refused', of: 'signal', problem: this.problemOf(error) }),
      );
  }

  resume(connection: Connection, { user, device }: CurrentDevice): void {
    const question = {
      subject: subjects.resume,
      question: resumeCommand,
      answer: resumeResult,
      body: { user, device },
      timeoutMs: bounds.resumeTimeoutMs,
    };
    this.tracing
      .around('gateway resume', () => this.nats.request(question))
      .then(
        ({ generation, conversations }) => {
          connection.handle({ kind: 'resumed', conversations, atMs: this.clock.nowMs() });
          this.generations.saw(generation);
        },
        (error: unknown) =>
          connection.handle({ kind: 'refused', of: 'resume', problem: this.problemOf(error) }),
      );
  }

  gone(connection: Connection): void {
    this.connections.delete(connection);
    this.deliveries.closed(connection);
    const { caller } = connection;
    if (caller === null) return;
    this.devices.remove(caller.device, connection);
    this.subscriptions.remove(caller.user, connection);
    if ([...this.subscriptions.of(caller.user)].length === 0) this.userBudget.forget(caller.user);
  }

  private connectedElsewhere(payload: Uint8Array, subject: string): void {
    const device = subject.slice(subject.lastIndexOf('.') + 1) as DeviceId;
    const { socket: id, atMs: acceptedAtMs } = decode(deviceConnected, payload);
    this.devices.supersededBy(device, { id, acceptedAtMs })?.handle({ kind: 'replaced' });
  }

  private *loads(): Iterable<SocketLoad> {
    for (const connection of this.connections) yield connection.load();
  }

  private tellAll(event: SessionEvent): void {
    for (const connection of [...this.connections]) connection.handle(event);
  }

  private tellUser(user: UserId, event: SessionEvent): void {
    for (const connection of [...this.subscriptions.of(user)]) connection.handle(event);
  }

  /** Over how long all clients have to spread what they do at once. */
  private spreadMs(): number {
    return Math.max(bounds.minResyncMs, Math.ceil((this.connections.size * 1_000) / bounds.resumesPerSecond));
  }

  private problemOf(error: unknown): ProblemError {
    if (isProblem(error)) return error;
    this.log.unexpected(error, { phase: 'command' });
    return problem('service/internal');
  }
}
