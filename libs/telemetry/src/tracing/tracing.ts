/**
 * Spans of a service. Which requests are recorded is decided once, where they come in (`root`), by a coin; everything
 * else is a child of what is there, or nothing. Off, and for what the coin leaves out, each of these calls is a
 * comparison: no object, no async context.
 */
import { Coin } from './coin.js';
import { Span, type AnySpan, type Recorder } from './span.js';
import type { SpanName } from './span-catalogue.js';

export class Tracing {
  /** Records nothing. */
  static readonly off = new Tracing(null, new Coin(0, () => 0));

  constructor(
    private readonly recorder: Recorder | null,
    private readonly coin: Coin,
  ) {}

  get isOn(): boolean {
    return this.recorder !== null;
  }

  /** A new trace, if the coin says so. Nothing from outside can say it: a caller could have itself recorded. */
  root<Name extends SpanName>(name: Name): Span<Name> | null {
    const { recorder } = this;
    if (recorder === null || !this.coin.throw()) return null;
    return new Span(recorder, recorder.begin(name, null));
  }

  /** A new trace for what a coin elsewhere has chosen, apart from the trace in which it did. */
  apart<Name extends SpanName>(name: Name): Span<Name> | null {
    return this.recorder === null ? null : new Span(this.recorder, this.recorder.begin(name, null));
  }

  /** What a process of ours passed on with a `traceparent`, which must not come from anybody else. */
  continued<Name extends SpanName>(name: Name, traceparent: string | undefined): Span<Name> | null {
    if (this.recorder === null || traceparent === undefined || traceparent === '') return null;
    const parent = this.recorder.parse(traceparent);
    return parent === null ? null : new Span(this.recorder, this.recorder.begin(name, parent));
  }

  /** A part of what is being recorded here, if anything is. */
  child<Name extends SpanName>(name: Name): Span<Name> | null {
    const parent = this.recorder?.active() ?? null;
    return this.recorder === null || parent === null
      ? null
      : new Span(this.recorder, this.recorder.begin(name, parent));
  }

  /** Work that begins here, recorded if the coin says so. */
  around<Result>(name: SpanName, work: () => Promise<Result>): Promise<Result> {
    const span = this.root(name);
    return span === null ? work() : span.around(work);
  }

  active(): AnySpan | null {
    const span = this.recorder?.active() ?? null;
    return this.recorder === null || span === null ? null : new Span(this.recorder, span);
  }

  async stop(): Promise<void> {
    await this.recorder?.stop();
  }
}
