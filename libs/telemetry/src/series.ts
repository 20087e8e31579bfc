/** The series of one metric. prom-client keeps and writes them; which there can be, the catalogue says. */
import { Counter, Gauge, Histogram, type OpenMetricsContentType, type Registry } from 'prom-client';
import type { LabelSets, MetricDefinition } from './metric-definition.js';

/** More are shown only from when they happen: a rate is right from the first scrape, and a scrape stays small. */
const maxShownFromStart = 64;

export type Labels = Readonly<Record<string, string>>;
export type Trace = { readonly traceId: string };
export type MetricsRegistry = Registry<OpenMetricsContentType>;

type Named = {
  readonly name: string;
  readonly definition: MetricDefinition;
  readonly registry: MetricsRegistry;
};

/** Of a counter, which counts by the amount, or of a gauge, which is set to it. */
export class Values {
  /** What is asked at each scrape; where there is any, it is all that is shown. */
  private readonly readings = new Map<string, { readonly labels: Labels; readonly read: () => number }>();
  private readonly metric: Counter | Gauge;

  constructor(private readonly named: Named) {
    const config = { ...configOf(named), collect: () => this.collect() };
    this.metric = named.definition.type === 'counter' ? new Counter(config) : new Gauge(config);
    this.showZeros();
  }

  report(labels: Labels, amount: number): void {
    if (this.metric instanceof Gauge) return this.metric.set(labels, amount);
    // prom-client counts by what is not a number, and is none from then on.
    if (!(amount >= 0)) throw new RangeError(`${this.named.name} cannot count by ${amount}`);
    this.metric.inc(labels, amount);
  }

  sample(labels: Labels, read: () => number): void {
    this.readings.set(JSON.stringify(labels), { labels, read });
  }

  /** A counter of prom-client cannot be set: it starts again at what is read. */
  private collect(): void {
    if (this.readings.size === 0) return;
    this.metric.reset();
    this.showZeros();
    for (const { labels, read } of this.readings.values()) this.report(labels, read());
  }

  private showZeros(): void {
    for (const labels of shownFromStart(this.named.definition)) this.report(labels, 0);
  }
}

/** Of a histogram. */
export class Distributions {
  private readonly metric: Histogram;

  constructor(named: Named, bounds: readonly number[]) {
    this.metric = new Histogram({ ...configOf(named), buckets: [...bounds], enableExemplars: true });
    for (const labels of shownFromStart(named.definition)) this.metric.zero(labels);
  }

  /** @throws TypeError for what is not a number */
  report(labels: Labels, value: number, trace: Trace | null): void {
    if (trace === null) this.metric.observe({ labels, value });
    else this.metric.observe({ labels, value, exemplarLabels: { trace_id: trace.traceId } });
  }
}

function configOf({ name, definition, registry }: Named) {
  return {
    name,
    help: definition.help,
    labelNames: Object.keys(definition.labels),
    registers: [registry],
  };
}

function shownFromStart({ labels: sets }: MetricDefinition): readonly Labels[] {
  const count = Object.values(sets).reduce((product, values) => product * values.length, 1);
  return count <= maxShownFromStart ? combinations(sets) : [];
}

function combinations(sets: LabelSets): readonly Labels[] {
  return Object.entries(sets).reduce<readonly Labels[]>(
    (sofar, [name, values]) =>
      sofar.flatMap((labels) => values.map((value) => ({ ...labels, [name]: value }))),
    [{}],
  );
}
