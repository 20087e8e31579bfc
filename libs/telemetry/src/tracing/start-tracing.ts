import { Coin, type Chance } from './coin.js';
import { Tracing } from './tracing.js';

export type TracingParams = {
  readonly service: string;
  readonly instance: string;
  /** Of a collector that speaks OTLP over HTTP; without one nothing is recorded, and no SDK is loaded. */
  readonly endpoint: string | undefined;
  /** Which part of what comes in is recorded, from 0 to 1. */
  readonly ratio: number;
  readonly chance: Chance;
  readonly randomBytes: (lengthBytes: number) => Uint8Array;
  /** After each batch of spans. */
  readonly onExported: (outcome: 'exported' | 'failed', spans: number) => void;
};

export async function startTracing(params: TracingParams): Promise<Tracing> {
  const { endpoint, ratio, chance, ...rest } = params;
  if (endpoint === undefined) return Tracing.off;
  const { createRecorder, otlpExporter } = await import('./recorder.js');
  return new Tracing(createRecorder({ ...rest, exporter: otlpExporter(endpoint) }), new Coin(ratio, chance));
}
