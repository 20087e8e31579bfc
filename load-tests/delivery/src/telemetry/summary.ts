/** Several short runs of each variant, as one row each: medians, since a stall of the machine spoils a run and not all. */
import type { Run } from '../parts/measure.js';
import type { Variant } from './variants.js';

export type Figures = {
  /** µs of CPU for one message: of our services, and of all server processes. */
  readonly servicesMicros: number;
  readonly allMicros: number;
  /** From the call of `send` to the receipt, ms. */
  readonly p50: number;
  readonly p99: number;
};

export type Row = {
  readonly name: string;
  readonly beside: string | null;
  readonly figures: Figures;
  /** To the figures of `beside`. */
  readonly ratios: Figures | null;
  readonly lost: number;
};

const ofOthers = new Set(['postgres', 'nats', 'redis']);

export function rowsOf(
  variants: readonly Pick<Variant, 'name' | 'beside'>[],
  runsOf: ReadonlyMap<string, readonly Run[]>,
): readonly Row[] {
  const figures = new Map(variants.map(({ name }) => [name, medians(runsOf.get(name) ?? [])]));
  return variants.map(({ name, beside }) => ({
    name,
    beside,
    figures: known(figures, name),
    ratios: beside === null ? null : ratios(known(figures, name), known(figures, beside)),
    lost: (runsOf.get(name) ?? []).reduce(
      (sum, { lost, twice, outOfOrder }) => sum + lost + twice + outOfOrder,
      0,
    ),
  }));
}

export function rowLine({ name, figures, beside, ratios: to, lost }: Row): string {
  const { servicesMicros, allMicros, p50, p99 } = figures;
  const own = `${name.padEnd(13)} services ${servicesMicros.toFixed(0).padStart(5)} µs, all ${allMicros.toFixed(0).padStart(5)} µs a message; p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(1)} ms`;
  const compared =
    to === null
      ? ''
      : `; to ${beside}: ${to.servicesMicros.toFixed(2)}×, ${to.allMicros.toFixed(2)}×, ${to.p50.toFixed(2)}×, ${to.p99.toFixed(2)}×`;
  return `${own}${compared}${lost > 0 ? ` · ${lost} LOST, TWICE OR OUT OF ORDER` : ''}`;
}

/** One line of figures, to compare runs by. */
export function lastLine(rows: readonly Row[], perSecond: number): string {
  const each = rows.map(({ name, figures, ratios: to, beside }) =>
    to === null
      ? `${name} ${figures.servicesMicros.toFixed(0)} µs p50 ${figures.p50.toFixed(2)} p99 ${figures.p99.toFixed(1)} ms`
      : `${name} CPU ${to.servicesMicros.toFixed(2)}× p50 ${to.p50.toFixed(2)}× p99 ${to.p99.toFixed(2)}× of ${beside}`,
  );
  return `bench:telemetry ${perSecond}/s · ${each.join(' · ')}`;
}

function known(figures: ReadonlyMap<string, Figures>, name: string): Figures {
  const found = figures.get(name);
  if (found === undefined) throw new RangeError(`no variant ${name}`);
  return found;
}

function medians(runs: readonly Run[]): Figures {
  return {
    servicesMicros: median(runs.map(servicesMicros)),
    allMicros: median(runs.map(({ cpuMicrosPerMessageOfAll }) => cpuMicrosPerMessageOfAll)),
    p50: median(runs.map(({ sendToReceive }) => sendToReceive.p50)),
    p99: median(runs.map(({ sendToReceive }) => sendToReceive.p99)),
  };
}

function servicesMicros({ cpuMicrosPerMessage }: Run): number {
  return Object.entries(cpuMicrosPerMessage)
    .filter(([name]) => !ofOthers.has(name))
    .reduce((sum, [, micros]) => sum + micros, 0);
}

function ratios(figures: Figures, to: Figures): Figures {
  return {
    servicesMicros: figures.servicesMicros / to.servicesMicros,
    allMicros: figures.allMicros / to.allMicros,
    p50: figures.p50 / to.p50,
    p99: figures.p99 / to.p99,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? NaN : (low + high) / 2;
}
