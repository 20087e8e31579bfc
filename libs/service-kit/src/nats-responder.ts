/** One subject's commands, answered: bounded, typed, refused by a problem's code, and recorded where the asker is. */
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import {
  decode,
  encode,
  isProblem,
  MalformedError,
  problem,
  type ProblemError,
  type Schema,
} from '@cipherchat/protocol';
import type { Span, Tracing } from '@cipherchat/telemetry';
import { isDependencyFailure } from './dependency-failure.js';
import type { EventLog } from './event-log.js';
import type { CommandOutcome, NatsMetrics } from './measured-nats.js';
import { refuse, traceHeader } from './nats-headers.js';

const defaultMaxConcurrent = 256;
const retryAfterMs = 1_000;

type ServeSpan = 'nats serve' | 'message-store append';

/** A command as it came in. */
export type Served<Question> = {
  readonly body: Question;
  /** Ends with the answer. Null where nothing is recorded. */
  readonly span: Span<ServeSpan> | null;
  readonly header: (name: string) => string;
};

export type ServeParams<Question, Answer> = {
  readonly subject: string;
  readonly queue: string;
  readonly question: Schema<Question>;
  readonly answer: Schema<Answer>;
  readonly maxConcurrent?: number;
  readonly spanName?: ServeSpan;
  /** What an answer is counted as, where it may be a refusal. */
  readonly outcomeOf?: (answer: Answer) => CommandOutcome;
  readonly handle: (
    question: Served<Question>,
    answer: (answer: Answer) => void,
    fail: (error: unknown) => void,
  ) => void;
};

export type NatsSurroundings = {
  readonly log: EventLog;
  readonly metrics: NatsMetrics;
  readonly tracing: Tracing;
};

export class NatsResponder<Question, Answer> {
  readonly subscription: Subscription;
  inFlight = 0;
  private readonly maxConcurrent: number;

  constructor(
    connection: NatsConnection,
    private readonly surroundings: NatsSurroundings,
    private readonly params: ServeParams<Question, Answer>,
  ) {
    const { subject, queue, maxConcurrent = defaultMaxConcurrent } = params;
    this.maxConcurrent = maxConcurrent;
    this.subscription = connection.subscribe(subject, {
      queue,
      callback: (error, message) => {
        if (error === null) this.take(message);
        else surroundings.log.unexpected(error, { subject });
      },
    });
  }

  private take(message: Msg): void {
    const { subject, question, answer, handle } = this.params;
    const { spanName = 'nats serve', outcomeOf = (): CommandOutcome => 'done' } = this.params;
    const { log, metrics, tracing } = this.surroundings;
    const ended = metrics.serve(subject);
    if (this.inFlight >= this.maxConcurrent) {
      log.event('nats.handler-busy', { subject });
      refuse(message, this.counted(problem('service/unavailable', { retryAfterMs })));
      ended('failed');
      return;
    }
    this.inFlight++;
    const header = (name: string): string => message.headers?.get(name) ?? '';
    const span = tracing.continued<ServeSpan>(spanName, header(traceHeader));
    span?.setIfListed('messaging.destination.name', subject);
    const settle = (outcome: CommandOutcome, respond: () => void): void => {
      this.inFlight--;
      ended(outcome);
      span?.end();
      try {
        respond();
      } catch (error) {
        log.unexpected(error, { subject }); // the connection is closed: there is nobody to tell
      }
    };
    const fail = (error: unknown): void => {
      span?.fail(error);
      const refusal = this.counted(this.problemOf(error, span?.traceId));
      // A refusal is the caller's doing, a failure ours.
      settle(refusal.status < 500 ? 'refused' : 'failed', () => refuse(message, refusal));
    };
    try {
      const body = decode(question, message.data);
      handle(
        { body, span, header },
        (answered) => settle(outcomeOf(answered), () => message.respond(encode(answer, answered))),
        fail,
      );
    } catch (error) {
      fail(error);
    }
  }

  private counted(refusal: ProblemError): ProblemError {
    this.surroundings.metrics.refused(refusal.code);
    return refusal;
  }

  private problemOf(error: unknown, traceId: string | undefined): ProblemError {
    const { log } = this.surroundings;
    const { subject } = this.params;
    if (isProblem(error)) return error;
    if (error instanceof MalformedError)
      return problem('request/malformed', { at: error.path.slice(0, 200) });
    if (isDependencyFailure(error)) {
      log.event('dependency.unavailable', { subject, traceId });
      return problem('service/unavailable', { retryAfterMs });
    }
    log.unexpected(error, { subject, traceId });
    return problem('service/internal');
  }
}
