import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

type LabelValues = Readonly<Record<string, readonly string[]>>;
type LabelsOf<L extends LabelValues> = { readonly [Name in keyof L]: L[Name][number] };
type Definition<L extends LabelValues> = {
  /** `cipherchat_` is put before it; the unit stands last. */
  readonly name: string;
  readonly help: string;
  /** Every label with all its values: label sets are closed, so that no id can become one. */
  readonly labels: L;
};

/** From a memory hit to the drain timeout. */
const durationBucketsS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What `/metrics` shows. One registry for each service instance, so that two in one process do not mix. */
/** The default of 10 ms wakes each idle process a hundred times a second, which on a small machine is in the way of messages. */
const eventLoopSampleMs = 100;

export class Metrics {
  readonly registry = new Registry();
  private readonly httpDuration = new Histogram({
    name: 'cipherchat_http_request_duration_seconds',
    help: 'Time to answer an HTTP request, by route template.',
    labelNames: ['method', 'route', 'status'],
    buckets: durationBucketsS,
    registers: [this.registry],
  });
  private readonly events = new Counter({
    name: 'cipherchat_events_total',
    help: 'Events by the name they have in the log.',
    labelNames: ['event'],
    registers: [this.registry],
  });

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: eventLoopSampleMs });
  }

  /** `route` is a template of ours; what matched none is `unmatched`, whatever was asked for. */
  answered(params: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly durationMs: number;
  }): void {
    const { method, route, status, durationMs } = params;
    this.httpDuration.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, durationMs / 1_000);
  }

  eventHappened(event: string): void {
    this.events.inc({ event });
  }

  counter<const L extends LabelValues>(
    definition: Definition<L>,
  ): (labels: LabelsOf<L>, by?: number) => void {
    const counter = new Counter({ ...this.basics(definition), labelNames: Object.keys(definition.labels) });
    return (labels, by = 1) => counter.inc(closed(definition, labels), by);
  }

  gauge<const L extends LabelValues>(
    definition: Definition<L>,
  ): (labels: LabelsOf<L>, value: number) => void {
    const gauge = new Gauge({ ...this.basics(definition), labelNames: Object.keys(definition.labels) });
    return (labels, value) => gauge.set(closed(definition, labels), value);
  }

  histogram<const L extends LabelValues>(
    definition: Definition<L> & { readonly buckets?: readonly number[] },
  ): (labels: LabelsOf<L>, value: number) => void {
    const histogram = new Histogram({
      ...this.basics(definition),
      labelNames: Object.keys(definition.labels),
      buckets: [...(definition.buckets ?? durationBucketsS)],
    });
    return (labels, value) => histogram.observe(closed(definition, labels), value);
  }

  private basics(definition: { readonly name: string; readonly help: string }) {
    return { name: `cipherchat_${definition.name}`, help: definition.help, registers: [this.registry] };
  }
}

/** @throws RangeError for a value outside the closed set: a bug, found by the first test that reaches it */
function closed<L extends LabelValues>(
  definition: Definition<L>,
  labels: LabelsOf<L>,
): Record<string, string> {
  for (const [name, value] of Object.entries(labels)) {
    if (!definition.labels[name]?.includes(value as string))
      throw new RangeError(`label ${name} of ${definition.name} has a value outside its set`);
  }
  return { ...labels };
}
