/** What a service counts and measures. One for each service instance, so that two in one process do not mix. */
import { contentTypes, expose, formatFor, type Family } from './exposition.js';
import type { LogEventName } from './log-events.js';
import { metricCatalogue, type MetricName } from './metric-catalogue.js';
import { isShownBy, type LabelSets, type LabelsOf, type MetricDefinition } from './metric-definition.js';
import { nodeMetrics } from './node-metrics.js';
import { Distribution, Series, Value, type Cell, type Labels } from './series.js';

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
export type ExemplarSource = () => { readonly traceId: string } | null;

export class Metrics {
  private readonly ofNode = nodeMetrics();
  private readonly values: Shown<Value>;
  private readonly distributions: Shown<Distribution>;
  private readonly countEvent: Counter<'cipherchat_events_total'>;
  private readonly observeRequest: Histogram<'cipherchat_http_request_duration_seconds'>;

  constructor(
    private readonly service: string,
    private readonly exemplar: ExemplarSource = () => null,
  ) {
    this.values = new Shown(service, () => (labels) => new Value(labels));
    this.distributions = new Shown(service, (definition) => {
      const bounds = definition.type === 'histogram' ? definition.buckets.bounds : [];
      return (labels) => new Distribution(labels, bounds);
    });
    this.countEvent = this.counter('cipherchat_events_total');
    this.observeRequest = this.histogram('cipherchat_http_request_duration_seconds');
  }

  /** @throws RangeError for a metric that the catalogue does not give to this service */
  counter<Name extends NameOf<'counter'>>(name: Name): Counter<Name> {
    const series = this.values.of(name);
    return report<Value, number>(series, (cell, by = 1) => {
      if (!(by >= 0)) throw new RangeError(`${name} cannot count by ${by}`);
      cell.value += by;
    }) as Counter<Name>;
  }

  /** @throws RangeError for a metric that the catalogue does not give to this service */
  gauge<Name extends NameOf<'gauge'>>(name: Name): Gauge<Name> {
    return report<Value, number>(this.values.of(name), (cell, value = 0) => {
      cell.value = value;
    }) as Gauge<Name>;
  }

  /**
   * Asks for the value whenever somebody looks, which costs nothing in between. A counter asks something that only grows.
   * @throws RangeError for a metric that the catalogue does not give to this service
   */
  sampled<Name extends NameOf<'counter' | 'gauge'>>(name: Name): Report<Name, [read: () => number]> {
    return report<Value, () => number>(this.values.of(name), (cell, read) => {
      cell.read = read;
    }) as Report<Name, [read: () => number]>;
  }

  /** @throws RangeError for a metric that the catalogue does not give to this service */
  histogram<Name extends NameOf<'histogram'>>(name: Name): Histogram<Name> {
    return report<Distribution, number>(this.distributions.of(name), (cell, value = 0) => {
      if (Number.isNaN(value)) throw new RangeError(`${name} cannot hold what is not a number`);
      cell.observe(value, this.exemplar());
    }) as Histogram<Name>;
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

  /** What `/metrics` answers to this `Accept` header. */
  async exposition(
    accept: string | undefined,
  ): Promise<{ readonly contentType: string; readonly text: string }> {
    const format = formatFor(accept);
    const families = [...this.values.families(), ...this.distributions.families(), ...(await this.ofNode())];
    return {
      contentType: contentTypes[format],
      text: expose({ families, format, labels: { service: this.service } }),
    };
  }
}

function report<C extends Cell, Amount>(
  series: Series<C>,
  change: (cell: C, amount: Amount | undefined) => void,
): ((amount?: Amount) => void) | ((labels: Labels, amount?: Amount) => void) {
  if (series.isLabelled) return (labels: Labels, amount?: Amount) => change(series.of(labels), amount);
  const only = series.of({});
  return (amount?: Amount) => change(only, amount);
}

/** The metrics of one service that something reports to: a metric is shown from when it is asked for. */
class Shown<C extends Cell> {
  private readonly series = new Map<string, Series<C>>();

  constructor(
    private readonly service: string,
    private readonly cellsOf: (definition: MetricDefinition) => (labels: Labels) => C,
  ) {}

  of(name: MetricName): Series<C> {
    const known = this.series.get(name);
    if (known !== undefined) return known;
    const definition: MetricDefinition = metricCatalogue[name];
    if (!isShownBy(definition, this.service))
      throw new RangeError(`the catalogue gives no ${name} to ${this.service}`);
    const series = new Series(name, definition, this.cellsOf(definition));
    this.series.set(name, series);
    return series;
  }

  families(): readonly Family[] {
    return [...this.series.values()].map((series) => series.family());
  }
}
