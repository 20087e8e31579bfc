import type { Span as RecordedSpan, SpanContext } from '@opentelemetry/api';
import { errorTypeOf } from './error-type.js';
import type { SpanAttributes, SpanName } from './span-catalogue.js';

/** What records spans: `recorder.ts`, which is loaded only where traces are asked for. */
export type Recorder = {
  /** A new trace where there is no parent. */
  readonly begin: (name: SpanName, parent: RecordedSpan | SpanContext | null) => RecordedSpan;
  readonly active: () => RecordedSpan | null;
  readonly within: <Result>(span: RecordedSpan, work: () => Result) => Result;
  /** Null for what is no `traceparent`, or is of a trace that is not recorded. */
  readonly parse: (traceparent: string) => SpanContext | null;
  readonly newHop: () => string;
  /** Sends what is finished, and waits for it a moment. */
  readonly stop: () => Promise<void>;
};

/** OpenTelemetry's SpanStatusCode.ERROR, which is not worth loading its API for where nothing is recorded. */
const failed = 2;

/** A span that is recorded. Where nothing is, there is none: `null`. */
export class Span<Name extends SpanName = SpanName> {
  constructor(
    private readonly recorder: Recorder,
    private readonly recorded: RecordedSpan,
  ) {}

  get traceId(): string {
    return this.recorded.spanContext().traceId;
  }

  /** The W3C header by which another process of ours continues here. */
  get traceparent(): string {
    const { traceId, spanId } = this.recorded.spanContext();
    return `00-${traceId}-${spanId}-01`;
  }

  set(attributes: SpanAttributes<Name>): void {
    this.recorded.setAttributes(attributes);
  }

  /** For a value that only the list can tell; one that is not on it is dropped on its way out. */
  setIfListed(attribute: keyof SpanAttributes<Name> & string, value: string): void {
    this.recorded.setAttribute(attribute, value);
  }

  child<Child extends SpanName>(name: Child): Span<Child> {
    return new Span(this.recorder, this.recorder.begin(name, this.recorded));
  }

  /** The work of another trace was done together with this. At most as many as `recorder.ts` says are kept. */
  link(other: AnySpan): void {
    this.recorded.addLink({ context: other.recordedContext() });
  }

  /** A random name for one message, which joins its two traces and stands nowhere else. */
  newHop(): string {
    return this.recorder.newHop();
  }

  /** What `work` begins is a child of this, also after it has waited for something. */
  within<Result>(work: () => Result): Result {
    return this.recorder.within(this.recorded, work);
  }

  /** Ends when the work does, and says so when it fails. */
  async around<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await this.within(work);
    } catch (error) {
      this.fail(error);
      throw error;
    } finally {
      this.end();
    }
  }

  /** Of the error only its class or code, if that is on the list. */
  fail(error: unknown): void {
    this.recorded.setAttribute('error.type', errorTypeOf(error));
    this.recorded.setStatus({ code: failed });
  }

  end(): void {
    this.recorded.end();
  }

  recordedContext(): SpanContext {
    return this.recorded.spanContext();
  }
}

/** Of whatever name. */
export type AnySpan = Omit<Span, 'set' | 'setIfListed'>;
