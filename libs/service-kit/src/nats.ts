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
  MalformedError,
  problem,
  problemFrom,
  type ProblemError,
  type Schema,
} from '@cipherchat/protocol';
import { isDependencyFailure } from './dependency-failure.js';
import type { EventLog } from './event-log.js';
import { headersOf, isUnanswered, parseData, refusalOf, refuse } from './nats-refusal.js';
import { currentTrace, traceHeader, withinTrace } from './trace-context.js';

/** A command is a few milliseconds of work; a caller's own client waits about twice this long. */
const defaultRequestTimeoutMs = 5_000;
const defaultMaxConcurrent = 256;
const retryAfterMs = 1_000;
const stopServingPollMs = 10;

export type NatsStatus = 'disconnected' | 'reconnected';

type Responder = { readonly subscription: Subscription; readonly inFlight: () => number };

export class Nats implements BeforeApplicationShutdown, OnApplicationShutdown {
  private isConnected = true;
  private readonly responders: Responder[] = [];
  private readonly statusListeners = new Set<(status: NatsStatus) => void>();

  constructor(
    /** For the hot path, which codes its own payloads. */
    readonly connection: NatsConnection,
    private readonly log: EventLog,
  ) {
    void this.followStatus();
  }

  get connected(): boolean {
    return this.isConnected;
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
    const reply = await this.exchange({ ...params, payload: encode(params.question, params.body) });
    const refusal = refusalOf(reply);
    if (refusal !== undefined) throw refusal;
    return decode(params.answer, reply.data);
  }

  /** A request without data in its answer: `commandResult`. @throws ProblemError as `request` */
  async command<Question>(params: {
    readonly subject: string;
    readonly question: Schema<Question>;
    readonly body: Question;
    readonly timeoutMs?: number;
  }): Promise<void> {
    const result = await this.request({ ...params, answer: commandResult });
    if (result.problem !== '') throw problemFrom(result.problem, parseData(result.detail));
  }

  /** Answers requests, as one of a queue group. More than `maxConcurrent` at once are refused with `service/unavailable`. */
  serve<Question, Answer>(params: {
    readonly subject: string;
    readonly queue: string;
    readonly question: Schema<Question>;
    readonly answer: Schema<Answer>;
    readonly maxConcurrent?: number;
    readonly handle: (body: Question) => Promise<Answer> | Answer;
  }): void {
    const handled = async (body: Question): Promise<Answer> => params.handle(body);
    this.serveInOneWrite({
      ...params,
      handle: (body, answer, fail) => {
        void handled(body).then(answer, fail);
      },
    });
  }

  /**
   * As `serve`, for a handler that calls back: what it publishes in the turn in which it answers leaves in one write
   * with the answer, in this order. A promise would come too late for that, and the second write costs both ends
   * of the connection, and the asker, one more turn each.
   */
  serveInOneWrite<Question, Answer>(params: {
    readonly subject: string;
    readonly queue: string;
    readonly question: Schema<Question>;
    readonly answer: Schema<Answer>;
    readonly maxConcurrent?: number;
    readonly handle: (
      body: Question,
      answer: (answer: Answer) => void,
      fail: (error: unknown) => void,
    ) => void;
  }): void {
    const { subject, queue, maxConcurrent = defaultMaxConcurrent } = params;
    let inFlight = 0;
    const handle = (message: Msg): void => {
      if (inFlight >= maxConcurrent) {
        this.log.event('nats.handler-busy', { subject });
        refuse(message, problem('service/unavailable', { retryAfterMs }));
        return;
      }
      inFlight++;
      const settle = (respond: () => void): void => {
        inFlight--;
        try {
          respond();
        } catch (error) {
          this.log.unexpected(error, { subject }); // the connection is closed: there is nobody to tell
        }
      };
      const fail = (error: unknown): void => settle(() => refuse(message, this.problemOf(error, subject)));
      try {
        const body = decode(params.question, message.data);
        params.handle(body, (answer) => settle(() => message.respond(encode(params.answer, answer))), fail);
      } catch (error) {
        fail(error);
      }
    };
    const subscription = this.connection.subscribe(subject, {
      queue,
      callback: (error, message) => {
        if (error === null) withinTrace(message.headers?.get(traceHeader), () => handle(message));
        else this.log.unexpected(error, { subject });
      },
    });
    this.responders.push({ subscription, inFlight: () => inFlight });
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
      handle: async (body) => {
        try {
          await params.handle(body);
          return { problem: '', retryAfterMs: 0, detail: '' };
        } catch (error) {
          if (!isProblem(error)) throw error;
          return {
            problem: error.code,
            retryAfterMs: error.retryAfterMs,
            detail: JSON.stringify(error.data),
          };
        }
      },
    });
  }

  /** At most once, in order. While disconnected it is dropped: the client would queue it without a bound. */
  publish(subject: string, payload: Uint8Array): void {
    if (!this.isConnected || this.connection.isClosed() || this.connection.isDraining()) return;
    const trace = currentTrace();
    this.connection.publish(
      subject,
      payload,
      trace === undefined ? {} : { headers: headersOf({ [traceHeader]: trace }) },
    );
  }

  /** Every message of a subject. Malformed bodies are the listener's to refuse, with `decode`. */
  subscribe(subject: string, listener: (payload: Uint8Array, subject: string) => void): Subscription {
    return this.connection.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) {
          this.log.unexpected(error, { phase: 'subscription' });
          return;
        }
        withinTrace(message.headers?.get(traceHeader), () => {
          try {
            listener(message.data, message.subject);
          } catch (thrown) {
            this.log.unexpected(thrown, { phase: 'subscription' });
          }
        });
      },
    });
  }

  /** Stop taking commands, and wait for those in hand. HTTP requests may still need the connection. */
  async beforeApplicationShutdown(): Promise<void> {
    if (this.connection.isClosed()) return;
    // Without a server there is nobody to tell.
    if (this.isConnected) await Promise.all(this.responders.map(({ subscription }) => subscription.drain()));
    while (this.responders.some(({ inFlight }) => inFlight() > 0))
      await new Promise((resolve) => setTimeout(resolve, stopServingPollMs));
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.connection.isClosed()) return;
    // Draining flushes; without a server there is nobody to flush to.
    if (this.isConnected) await this.connection.drain();
    else await this.connection.close();
  }

  private async exchange(params: {
    readonly subject: string;
    readonly payload: Uint8Array;
    readonly timeoutMs?: number;
  }): Promise<Msg> {
    if (!this.isConnected) throw problem('service/unavailable', { retryAfterMs });
    const trace = currentTrace();
    try {
      return await this.connection.request(params.subject, params.payload, {
        timeout: params.timeoutMs ?? defaultRequestTimeoutMs,
        ...(trace === undefined ? {} : { headers: headersOf({ [traceHeader]: trace }) }),
      });
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      this.log.event('dependency.unavailable', { dependency: 'nats-responder', subject: params.subject });
      throw problem('service/unavailable', { retryAfterMs });
    }
  }

  private problemOf(error: unknown, subject: string): ProblemError {
    if (isProblem(error)) return error;
    if (error instanceof MalformedError)
      return problem('request/malformed', { at: error.path.slice(0, 200) });
    if (isDependencyFailure(error)) {
      this.log.event('dependency.unavailable', { subject });
      return problem('service/unavailable', { retryAfterMs });
    }
    this.log.unexpected(error, { subject });
    return problem('service/internal');
  }

  private async followStatus(): Promise<void> {
    for await (const status of this.connection.status()) {
      switch (status.type) {
        case 'disconnect':
          this.isConnected = false;
          this.log.event('nats.disconnected');
          this.tell('disconnected');
          break;
        case 'reconnect':
          this.isConnected = true;
          this.log.event('nats.reconnected');
          this.tell('reconnected');
          break;
        case 'error':
          this.log.event('dependency.unavailable', {
            dependency: 'nats',
            errorName: status.error.constructor.name,
          });
          break;
        default:
          break;
      }
    }
    this.isConnected = false;
    this.log.event('nats.closed');
  }

  private tell(status: NatsStatus): void {
    for (const listener of this.statusListeners) listener(status);
  }
}
