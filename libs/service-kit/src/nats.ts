/**
 * NATS as our services use it: requests with typed bodies, queue-group responders, publishes that may
 * be lost. A refusal travels as the code of a problem in a header, so that `request` throws the same
 * `ProblemError` that the handler threw.
 */
import type { BeforeApplicationShutdown, OnApplicationShutdown } from '@nestjs/common';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import {
  commandResult,
  decode,
  encode,
  isProblem,
  problem,
  problemFrom,
  type Schema,
} from '@cipherchat/protocol';
import type { AnySpan } from '@cipherchat/telemetry';
import type { CommandOutcome } from './measured-nats.js';
import { isUnanswered, parseData, refusalOf, traceHeader, traceHeaders } from './nats-headers.js';
import { NatsResponder, type NatsSurroundings, type ServeParams } from './nats-responder.js';

/** A command is a few milliseconds of work; a caller's own client waits about twice this long. */
const defaultRequestTimeoutMs = 5_000;
const retryAfterMs = 1_000;
const stopServingPollMs = 10;

export type NatsStatus = 'disconnected' | 'reconnected';

type Exchange = {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly timeoutMs?: number;
};
export class Nats implements BeforeApplicationShutdown, OnApplicationShutdown {
  private isConnected = true;
  private readonly responders: { readonly subscription: Subscription; readonly inFlight: number }[] = [];
  private readonly statusListeners = new Set<(status: NatsStatus) => void>();

  constructor(
    /** For the hot path, which codes its own payloads. */
    readonly connection: NatsConnection,
    private readonly surroundings: NatsSurroundings,
  ) {
    surroundings.metrics.watch(connection, () => this.isConnected);
    void this.followStatus();
  }

  get connected(): boolean {
    return this.isConnected;
  }

  /** Resolves when the server knows of every subscription that was made until now. */
  flush(): Promise<void> {
    return this.connection.flush();
  }

  /** `reconnected` means that anything may have been missed meanwhile. Returns how to stop listening. */
  onStatus(listener: (status: NatsStatus) => void): () => void {
    this.statusListeners.add(listener);
    return () => this.statusListeners.delete(listener);
  }

  /** @throws ProblemError the responder's, or `service/unavailable` when nobody answered in time */
  async request<Question, Answer>(params: {
    readonly subject: string;
    readonly question: Schema<Question>;
    readonly answer: Schema<Answer>;
    readonly body: Question;
    readonly timeoutMs?: number;
  }): Promise<Answer> {
    return this.timed(params.subject, async () => {
      const reply = await this.exchange({ ...params, payload: encode(params.question, params.body) });
      return decode(params.answer, reply.data);
    });
  }

  /** Counts a request that is made in another way, and how long it took. */
  async timed<Answer>(subject: string, ask: () => Promise<Answer>): Promise<Answer> {
    const ended = this.surroundings.metrics.ask(subject);
    try {
      const answer = await ask();
      ended('answered');
      return answer;
    } catch (error) {
      ended(isProblem(error) && !error.is('service/unavailable') ? 'refused' : 'unanswered');
      throw error;
    }
  }

  /** A request without data in its answer: `commandResult`. @throws ProblemError as `request` */
  async command<Question>(params: {
    readonly subject: string;
    readonly question: Schema<Question>;
    readonly body: Question;
    readonly timeoutMs?: number;
  }): Promise<void> {
    return this.timed(params.subject, async () => {
      const reply = await this.exchange({ ...params, payload: encode(params.question, params.body) });
      const result = decode(commandResult, reply.data);
      if (result.problem !== '') throw problemFrom(result.problem, parseData(result.detail));
    });
  }

  /** Answers requests, as one of a queue group. More than `maxConcurrent` at once are refused with `service/unavailable`. */
  serve<Question, Answer>(params: {
    readonly subject: string;
    readonly queue: string;
    readonly question: Schema<Question>;
    readonly answer: Schema<Answer>;
    readonly maxConcurrent?: number;
    readonly outcomeOf?: (answer: Answer) => CommandOutcome;
    readonly handle: (body: Question) => Promise<Answer> | Answer;
  }): void {
    const handled = async (body: Question): Promise<Answer> => params.handle(body);
    this.serveInOneWrite({
      ...params,
      handle: ({ body, span }, answer, fail) => {
        const work = (): Promise<Answer> => handled(body);
        void (span === null ? work() : span.within(work)).then(answer, fail);
      },
    });
  }

  /**
   * As `serve`, for a handler that calls back: what it publishes in the turn in which it answers leaves in one write
   * with the answer, in this order. A promise would come too late for that, and the second write costs both ends
   * of the connection, and the asker, one more turn each. It does not run within its span: what it starts may serve
   * others, too.
   */
  serveInOneWrite<Question, Answer>(params: ServeParams<Question, Answer>): void {
    this.responders.push(new NatsResponder(this.connection, this.surroundings, params));
  }

  /** Answers commands with `commandResult`; a thrown problem becomes its code and data. */
  serveCommand<Question>(params: {
    readonly subject: string;
    readonly queue: string;
    readonly question: Schema<Question>;
    readonly maxConcurrent?: number;
    readonly handle: (body: Question) => Promise<void> | void;
  }): void {
    this.serve({
      ...params,
      answer: commandResult,
      outcomeOf: (result) => (result.problem === '' ? 'done' : 'refused'),
      handle: async (body) => {
        try {
          await params.handle(body);
          return { problem: '', retryAfterMs: 0, detail: '' };
        } catch (error) {
          if (!isProblem(error)) throw error;
          this.surroundings.metrics.refused(error.code);
          return {
            problem: error.code,
            retryAfterMs: error.retryAfterMs,
            detail: JSON.stringify(error.data),
          };
        }
      },
    });
  }

  /**
   * At most once, in order. While disconnected it is dropped: the client would queue it without a bound. A trace goes on
   * behind it only where one is named: what follows from a request for others is not a part of its trace.
   */
  publish(subject: string, payload: Uint8Array, span: AnySpan | null = null): void {
    if (!this.isConnected || this.connection.isClosed() || this.connection.isDraining()) {
      this.surroundings.metrics.dropped();
      return;
    }
    if (span === null) this.connection.publish(subject, payload);
    else this.connection.publish(subject, payload, { headers: traceHeaders(span) });
  }

  /** Every message of a subject. Malformed bodies are the listener's to refuse, with `decode`. */
  subscribe(
    subject: string,
    listener: (payload: Uint8Array, subject: string, traceparent: string | undefined) => void,
  ): Subscription {
    return this.connection.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) {
          this.surroundings.log.unexpected(error, { phase: 'subscription' });
          return;
        }
        try {
          listener(message.data, message.subject, message.headers?.get(traceHeader));
        } catch (thrown) {
          this.surroundings.log.unexpected(thrown, { phase: 'subscription' });
        }
      },
    });
  }

  /** Stop taking commands, and wait for those in hand. HTTP requests may still need the connection. */
  async beforeApplicationShutdown(): Promise<void> {
    if (this.connection.isClosed()) return;
    // Without a server there is nobody to tell.
    if (this.isConnected) await Promise.all(this.responders.map(({ subscription }) => subscription.drain()));
    while (this.responders.some(({ inFlight }) => inFlight > 0))
      await new Promise((resolve) => setTimeout(resolve, stopServingPollMs));
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.connection.isClosed()) return;
    // Draining flushes; without a server there is nobody to flush to.
    if (this.isConnected) await this.connection.drain();
    else await this.connection.close();
  }

  private exchange(params: Exchange): Promise<Msg> {
    const span = this.surroundings.tracing.child('nats request');
    if (span === null) return this.ask(params, null);
    span.setIfListed('messaging.destination.name', params.subject);
    return span.around(() => this.ask(params, span));
  }

  private async ask({ subject, payload, timeoutMs }: Exchange, span: AnySpan | null): Promise<Msg> {
    if (!this.isConnected) throw problem('service/unavailable', { retryAfterMs });
    const options = {
      timeout: timeoutMs ?? defaultRequestTimeoutMs,
      ...(span === null ? {} : { headers: traceHeaders(span) }),
    };
    const reply = await this.connection.request(subject, payload, options).catch((error: unknown) => {
      if (!isUnanswered(error)) throw error;
      this.surroundings.log.event('dependency.unavailable', { dependency: 'nats-responder', subject });
      throw problem('service/unavailable', { retryAfterMs });
    });
    const refusal = refusalOf(reply);
    if (refusal !== undefined) throw refusal;
    return reply;
  }

  private async followStatus(): Promise<void> {
    for await (const status of this.connection.status()) {
      switch (status.type) {
        case 'disconnect':
          this.isConnected = false;
          this.surroundings.log.event('nats.disconnected');
          this.tell('disconnected');
          break;
        case 'reconnect':
          this.isConnected = true;
          this.surroundings.metrics.reconnected();
          this.surroundings.log.event('nats.reconnected');
          this.tell('reconnected');
          break;
        case 'error':
          this.surroundings.log.event('dependency.unavailable', {
            dependency: 'nats',
            errorName: status.error.constructor.name,
          });
          break;
        default:
          break;
      }
    }
    this.isConnected = false;
    this.surroundings.log.event('nats.closed');
  }

  private tell(status: NatsStatus): void {
    for (const listener of this.statusListeners) listener(status);
  }
}
