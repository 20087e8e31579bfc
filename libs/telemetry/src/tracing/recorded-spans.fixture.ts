/** A tracing whose spans come here instead of going to a collector. Ids are counted, and the coin is the test's. */
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { Coin } from './coin.js';
import { createRecorder } from './recorder.js';
import { Tracing } from './tracing.js';

export type RecordedTracing = {
  readonly tracing: Tracing;
  /** What left the process; ends the tracing. */
  readonly spans: () => Promise<readonly ReadableSpan[]>;
};

export function recordedTracing(coin: Coin = new Coin(1, () => 0)): RecordedTracing {
  const spans: ReadableSpan[] = [];
  const exporter: SpanExporter = {
    export: (batch, done) => {
      spans.push(...batch);
      done({ code: 0 });
    },
    shutdown: async () => {},
  };
  let drawn = 0;
  const recorder = createRecorder({
    service: 'gateway',
    instance: 'one',
    exporter,
    onExported: () => {},
    randomBytes: (length) => {
      const bytes = new Uint8Array(length);
      new DataView(bytes.buffer).setUint32(length - 4, ++drawn);
      return bytes;
    },
  });
  const tracing = new Tracing(recorder, coin);
  return {
    tracing,
    spans: async () => {
      await tracing.stop();
      return spans;
    },
  };
}
