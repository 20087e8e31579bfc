/**
 * NATS as the services see it: publishes that may be lost, late, repeated and out of order, and requests to one of a
 * queue group. Each process has a connection, which may be cut off and come back, as in production.
 */
import {
  decode,
  decodeServerFrame,
  encode,
  encodeServerFrame,
  problem,
  serverFrames,
  subjects,
  type Schema,
  type UserId,
} from '@cipherchat/protocol';
import type { VirtualClock } from '@cipherchat/client-sdk/testing';
import type { Chance } from './chance.js';

/** Each a probability from 0 to 1. */
export type BusFaults = {
  readonly lose: number;
  readonly repeat: number;
  /** Comes late, and behind what was published after it. */
  readonly delay: number;
  /** A live message whose bytes are not what the store holds: whoever owns NATS can do so. */
  readonly alter: number;
};
export const quietBus: BusFaults = { lose: 0, repeat: 0, delay: 0, alter: 0 };

type Listener = (payload: Uint8Array, subject: string) => void;
type Subscription = { readonly subject: string; readonly listener: Listener };
type Handler = (payload: Uint8Array) => Promise<Uint8Array>;
type Status = 'disconnected' | 'reconnected';

const liveSubjects = subjects.live('' as UserId);
const latencyMs = 1;
const maxLateMs = 400;
const requestTimeoutMs = 5_000;
const retryAfterMs = 1_000;

export class Bus {
  faults: BusFaults = quietBus;
  readonly connections = new Set<BusConnection>();

  constructor(
    readonly clock: VirtualClock,
    readonly chance: Chance,
  ) {}

  connect(): BusConnection {
    const connection = new BusConnection(this);
    this.connections.add(connection);
    return connection;
  }

  /** What comes of a publish: what was published, or something else. */
  perhapsAltered(subject: string, payload: Uint8Array): Uint8Array {
    const isMessage = subject.startsWith(liveSubjects) && payload[0] === serverFrames.deliver.code;
    return isMessage && this.chance.happens(this.faults.alter) ? altered(payload) : payload;
  }

  /** Hands something over some time later, or loses it; in order unless it is delayed. */
  carry(deliver: () => void): void {
    const { chance, clock, faults } = this;
    if (chance.happens(faults.lose)) return;
    const copies = chance.happens(faults.repeat) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++)
      clock.setTimer(deliver, copy > 0 || chance.happens(faults.delay) ? chance.below(maxLateMs) : latencyMs);
  }
}

/** One process's connection; what of `Nats` (libs/service-kit) the services use. */
export class BusConnection {
  private isUp = true;
  private isOpen = true;
  private readonly subscriptions = new Set<Subscription>();
  private readonly handlers = new Map<string, Handler>();
  private readonly statusListeners = new Set<(status: Status) => void>();

  constructor(private readonly bus: Bus) {}

  get connected(): boolean {
    return this.isUp && this.isOpen;
  }

  onStatus(listener: (status: Status) => void): () => void {
    this.statusListeners.add(listener);
    return () => this.statusListeners.delete(listener);
  }

  publish(subject: string, payload: Uint8Array): void {
    if (!this.connected) return;
    for (const connection of this.bus.connections)
      for (const subscription of connection.subscriptions)
        if (matches(subscription.subject, subject)) {
          const received = this.bus.perhapsAltered(subject, payload);
          this.bus.carry(() => {
            if (connection.connected && connection.subscriptions.has(subscription))
              subscription.listener(received, subject);
          });
        }
  }

  subscribe(subject: string, listener: Listener): { readonly unsubscribe: () => void } {
    const subscription = { subject, listener };
    this.subscriptions.add(subscription);
    return { unsubscribe: () => this.subscriptions.delete(subscription) };
  }

  /** Answers requests to the subject, as one of its queue group. */
  serve(subject: string, handler: Handler): void {
    this.handlers.set(subject, handler);
  }

  /** @throws ProblemError `service/unavailable` when nobody answered in time */
  async request<Question, Answer>(params: {
    readonly subject: string;
    readonly question: Schema<Question>;
    readonly answer: Schema<Answer>;
    readonly body: Question;
  }): Promise<Answer> {
    const { subject, question, answer, body } = params;
    return decode(answer, await this.exchange(subject, encode(question, body)));
  }

  private exchange(subject: string, payload: Uint8Array): Promise<Uint8Array> {
    const { bus } = this;
    return new Promise((resolve, reject) => {
      const unavailable = (): void => reject(problem('service/unavailable', { retryAfterMs }));
      const back = (settle: () => void): void =>
        bus.carry(() => {
          if (!this.connected) return;
          cancel();
          settle();
        });
      const group = [...bus.connections].filter(
        (connection) => connection.connected && connection.handlers.has(subject),
      );
      if (!this.connected || group.length === 0) return unavailable();
      const chosen = bus.chance.pick(group);
      const cancel = bus.clock.setTimer(unavailable, requestTimeoutMs);
      bus.carry(() => {
        if (!chosen.connected) return;
        void chosen.handlers
          .get(subject)?.(payload)
          .then(
            (reply) => back(() => resolve(reply)),
            (error: Error) => back(() => reject(error)),
          );
      });
    });
  }

  /** The network between the process and NATS is gone: what is published meanwhile is lost on both sides. */
  cut(): void {
    if (!this.isUp) return;
    this.isUp = false;
    for (const listener of this.statusListeners) listener('disconnected');
  }

  restore(): void {
    if (this.isUp) return;
    this.isUp = true;
    if (this.isOpen) for (const listener of this.statusListeners) listener('reconnected');
  }

  /** The process is gone. */
  close(): void {
    this.isOpen = false;
    this.bus.connections.delete(this);
  }
}

function matches(pattern: string, subject: string): boolean {
  return pattern.endsWith('*') ? subject.startsWith(pattern.slice(0, -1)) : pattern === subject;
}

function altered(payload: Uint8Array): Uint8Array {
  const frame = decodeServerFrame(payload);
  return frame.type === 'deliver' ? encodeServerFrame({ ...frame, ciphertext: Uint8Array.of(7) }) : payload;
}
