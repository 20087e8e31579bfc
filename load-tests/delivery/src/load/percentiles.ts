/** Milliseconds. */
export type Latency = {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  readonly count: number;
};

/** Exact: all samples are kept and sorted. Not-a-number stands for "never happened" and is left out. */
export function latencyOf(samples: Float64Array): Latency {
  const sorted = samples.filter((sample) => !Number.isNaN(sample)).sort();
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1), count: sorted.length };
}
