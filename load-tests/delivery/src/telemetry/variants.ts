/** The systems that `bench:telemetry` compares: one build, told to watch itself more and more. */

export type Variant = {
  readonly name: string;
  /** The variant that it is a ratio to: the one that lacks just this. Null for the first. */
  readonly beside: string | null;
  readonly environment: (collectorUrl: string) => Readonly<Record<string, string>>;
};

const metricsOff = new URL('../../../../libs/telemetry/bench/metrics-off.mjs', import.meta.url).href;
const tracedAt = (ratio: string) => (collectorUrl: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
  OTEL_TRACES_SAMPLER_ARG: ratio,
});

export const variants: readonly Variant[] = [
  { name: 'nothing', beside: null, environment: () => ({ NODE_OPTIONS: `--import=${metricsOff}` }) },
  { name: 'metrics', beside: 'nothing', environment: () => ({}) },
  { name: 'traces 0 %', beside: 'metrics', environment: tracedAt('0') },
  { name: 'traces 1 %', beside: 'metrics', environment: tracedAt('0.01') },
  { name: 'traces 100 %', beside: 'metrics', environment: tracedAt('1') },
];
