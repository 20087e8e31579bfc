/**
 * The series of one metric, found by the values of its labels. They are kept here and not in prom-client's own
 * classes, which sort and join the labels at every single observation.
 */
import type { Family, Sample } from './exposition.js';
import type { LabelSets, MetricDefinition } from './metric-definition.js';

/** More are shown only from when they happen: a rate is right from the first scrape, and a scrape stays small. */
const maxShownFromStart = 64;

export type Labels = Readonly<Record<string, string>>;
export type Cell = { readonly samples: (name: string) => readonly Sample[] };

/** Of a counter or gauge. */
export class Value implements Cell {
  value = 0;
  /** Asked instead, when there is one. */
  read: (() => number) | undefined;

  constructor(private readonly labels: Labels) {}

  samples(name: string): readonly Sample[] {
    return [{ name, labels: this.labels, value: this.read?.() ?? this.value }];
  }
}

/** Of a histogram. */
export class Distribution implements Cell {
  /** How many were at most the bound and more than the one before; the last: more than all. */
  private readonly counts: Float64Array;
  /** The last of each bucket that belonged to a trace. */
  private readonly exemplars: (Sample['exemplar'] | undefined)[];
  private sum = 0;

  constructor(
    private readonly labels: Labels,
    private readonly bounds: readonly number[],
  ) {
    this.counts = new Float64Array(bounds.length + 1);
    this.exemplars = new Array<Sample['exemplar'] | undefined>(bounds.length + 1);
  }

  observe(value: number, trace: { readonly traceId: string } | null): void {
    let bucket = 0;
    // A loop, and not findIndex, which takes five times as long here.
    while (bucket < this.bounds.length && value > (this.bounds[bucket] ?? Infinity)) bucket++;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
    if (trace !== null) this.exemplars[bucket] = { traceId: trace.traceId, value };
  }

  samples(name: string): readonly Sample[] {
    let count = 0;
    const buckets = [...this.bounds, '+Inf'].map((le, bucket) => {
      count += this.counts[bucket] ?? 0;
      const exemplar = this.exemplars[bucket];
      return { name: `${name}_bucket`, labels: { le, ...this.labels }, value: count, exemplar };
    });
    return [
      ...buckets,
      { name: `${name}_sum`, labels: this.labels, value: this.sum },
      { name: `${name}_count`, labels: this.labels, value: count },
    ];
  }
}

export class Series<C extends Cell> {
  private readonly cells = new Map<string, C>();
  private readonly labelNames: readonly string[];

  constructor(
    readonly name: string,
    readonly definition: MetricDefinition,
    private readonly create: (labels: Labels) => C,
  ) {
    this.labelNames = Object.keys(definition.labels);
    const sets = Object.values<readonly string[]>(definition.labels);
    if (sets.reduce((count, values) => count * values.length, 1) <= maxShownFromStart)
      for (const labels of combinations(definition.labels)) this.of(labels);
  }

  get isLabelled(): boolean {
    return this.labelNames.length > 0;
  }

  /** @throws RangeError for a value outside the closed set: a bug, found by the first test that reaches it */
  of(labels: Labels): C {
    const key = this.keyOf(labels);
    const found = this.cells.get(key);
    if (found !== undefined) return found;
    for (const name of this.labelNames)
      if (!this.definition.labels[name]?.includes(labels[name] ?? ''))
        throw new RangeError(`label ${name} of ${this.name} has a value outside its set`);
    const cell = this.create({ ...labels });
    this.cells.set(key, cell);
    return cell;
  }

  family(): Family {
    const { name, definition } = this;
    const samples = [...this.cells.values()].flatMap((cell) => cell.samples(name));
    return { name, help: definition.help, type: definition.type, samples };
  }

  private keyOf(labels: Labels): string {
    const [only, ...others] = this.labelNames;
    if (only === undefined) return '';
    return others.length === 0
      ? (labels[only] ?? '')
      : this.labelNames.map((name) => labels[name]).join('\n');
  }
}

function combinations(sets: LabelSets): readonly Labels[] {
  return Object.entries(sets).reduce<readonly Labels[]>(
    (sofar, [name, values]) =>
      sofar.flatMap((labels) => values.map((value) => ({ ...labels, [name]: value }))),
    [{}],
  );
}
