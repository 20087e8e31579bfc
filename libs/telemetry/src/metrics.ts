/** What a service counts and measures. One for each service instance, so that two in one process do not mix. */
import { Registry } from 'prom-client';
import type { LogEventName } from './log-events.js';
import { metricCatalogue, type MetricName } from './metric-catalogue.js';
import { isShownBy, type LabelSets, type LabelsOf, type MetricDefinition } from './metric-definition.js';
import { showNodeMetrics } from './node-metrics.js';
import { Distributions, Values, type Labels, type MetricsRegistry, type Trace } from './series.js';

type Catalogue = typeof metricCatalogue;
type NameOf<Type extends MetricDefinition['type']> = {
  [Name in MetricName]: Catalogue[Name]['type'] extends Type ? Name : never;
}[MetricName];
/** Without labels it takes the amount alone. */
type Report<
  Name extends MetricName,
  Amount extends readonly unknown[],
> = Catalogue[Name]['labels'] extends infer L extends LabelSets
  ? keyof L extends never
    ? (...amount: Amount) => void
    : (labels: LabelsOf<L>, ...amount: Amount) => void
  : never;

/** Counts one, or as many as it is told. */
export type Counter<Name extends NameOf<'counter'>> = Report<Name, [by?: number]>;
export type Gauge<Name extends NameOf<'gauge'>> = Report<Name, [value: number]>;
export type Histogram<Name extends NameOf<'histogram'>> = Report<Name, [value: number]>;

/** The trace that is recorded where this is called; `null` where none is. */
export type ExemplarSource = () => Trace | null;

export class Metrics {
  private readonly registry: MetricsRegistry = new Registry();
  private readonly values = new Map<MetricName, Values>();
  private readonly distributions = new Map<MetricName, Distributions>();
  private readonly countEvent: Counter<'cipherchat_events_total'>;
  private readonly observeRequest: Histogram<'cipherchat_http_request_duration_seconds'>;

  constructor(
    private readonly service: string,
    private readonly exemplar: ExemplarSource = () => null,
  ) {
    this.registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    this.registry.setDefaultLabels({ service });
    showNodeMetrics(this.registry);
    this.countEvent = this.counter('cipherchat_events_total');
    this.observeRequest = this.histogram('cipherchat_http_request_duration_seconds');
  }

  /** @throws RangeError for a metric that the catalogue does not give to this service */
  counter<Name extends NameOf<'counter'>>(name: Name): Counter<Name> {
    const values = this.valuesOf(name);
    return reporter<number>(name, (labels, by = 1) => values.report(labels, by)) as Counter<Name>;
  }

  /** @throws RangeError for a metric that the catalogue does not give to this service */
  gauge<Name extends NameOf<'gauge'>>(name: Name): Gauge<Name> {
    const values = this.valuesOf(name);
    return reporter<number>(name, (labels, value = 0) => values.report(labels, value)) as Gauge<Name>;
  }

  /**
   * Asks for the value whenever somebody looks, which costs nothing in between. A counter asks something that only grows.
   * @throws RangeError for a metric that the catalogue does not give to this service
   */
  sampled<Name extends NameOf<'counter' | 'gauge'>>(name: Name): Report<Name, [read: () => number]> {
    const values = this.valuesOf(name);
    return reporter<() => number>(name, (labels, read = () => 0) => values.sample(labels, read)) as Report<
      Name,
      [read: () => number]
    >;
  }

  /** @throws RangeError for a metric that the catalogue does not give to this service */
  histogram<Name extends NameOf<'histogram'>>(name: Name): Histogram<Name> {
    const distributions = this.distributionsOf(name);
    return reporter<number>(name, (labels, value = 0) =>
      distributions.report(labels, value, this.exemplar()),
    ) as Histogram<Name>;
  }

  /** `route` is a template of ours; what matched none is `unmatched`, whatever was asked for. */
  answered(params: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly durationMs: number;
  }): void {
    const { method, route, status, durationMs } = params;
    const { labels } = metricCatalogue.cipherchat_http_request_duration_seconds;
    this.observeRequest(
      {
        method: labels.method.find((known) => known === method) ?? 'other',
        route: labels.route.includes(route) ? route : 'unmatched',
        status: labels.status[Math.floor(status / 100) - 1] ?? '5xx',
      },
      durationMs / 1_000,
    );
  }

  eventHappened(event: LogEventName): void {
    this.countEvent({ event });
  }

  /** What `/metrics` answers, whoever asks: prom-client loses the suffix of counters for other formats after this one. */
  async exposition(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.registry.contentType, text: await this.registry.metrics() };
  }

  private valuesOf(name: NameOf<'counter' | 'gauge'>): Values {
    return remembered(this.values, name, () => new Values(this.named(name)));
  }

  private distributionsOf(name: NameOf<'histogram'>): Distributions {
    const { bounds } = metricCatalogue[name].buckets;
    return remembered(this.distributions, name, () => new Distributions(this.named(name), bounds));
  }

  private named(name: MetricName) {
    const definition: MetricDefinition = metricCatalogue[name];
    if (!isShownBy(definition, this.service))
      throw new RangeError(`the catalogue gives no ${name} to ${this.service}`);
    return { name, definition, registry: this.registry };
  }
}

/** A metric is shown from when it is first asked for; who asks again reports to the same. */
function remembered<Kept>(known: Map<MetricName, Kept>, name: MetricName, make: () => Kept): Kept {
  const kept = known.get(name) ?? make();
  known.set(name, kept);
  return kept;
}

/** It throws a RangeError for a value outside the closed set: a bug, found by the first test that reaches it. */
function reporter<Amount>(
  name: MetricName,
  report: (labels: Labels, amount: Amount | undefined) => void,
): ((amount?: Amount) => void) | ((labels: Labels, amount?: Amount) => void) {
  const sets = Object.entries<readonly string[]>(metricCatalogue[name].labels).map(
    ([label, values]) => [label, new Set(values)] as const,
  );
  if (sets.length === 0) return (amount?: Amount) => report(unlabelled, amount);
  return (labels: Labels, amount?: Amount) => {
    for (const [label, values] of sets)
      if (!values.has(labels[label] ?? ''))
        throw new RangeError(`label ${label} of ${name} has a value outside its set`);
    report(labels, amount);
  };
}

const unlabelled: Labels = {};
