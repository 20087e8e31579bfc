/**
 * OpenTelemetry's SDK, put together. It is an instance of each service and registers nothing globally: two services in
 * one process do not mix, and no package can find it by itself and tell what it knows.
 */
import { ROOT_CONTEXT, SpanKind, trace, type SpanContext } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { parseTraceParent } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace';
import { listedSpansOnly } from './listed-spans.js';
import type { Recorder } from './span.js';
import { spanCatalogue } from './span-catalogue.js';
import { hopBytes, type SpanRole } from './span-definition.js';

const traceIdBytes = 16;
const spanIdBytes = 8;
/** Finished spans that wait for the collector: about 4 MB. More are dropped; a collector that is away costs no more. */
const maxQueueSize = 4_096;
/** Turned into JSON in one go, which holds up the event loop: for about a millisecond. */
const maxExportBatchSize = 128;
const scheduledDelayMillis = 1_000;
const exportTimeoutMillis = 5_000;
/** So long the end of a service waits for a collector that does not answer. */
const stopTimeoutMs = 2_000;
/** The other messages of a batch. */
const maxLinks = 32;

const kinds: Readonly<Record<SpanRole, SpanKind>> = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
};

export type RecorderParams = {
  readonly service: string;
  readonly instance: string;
  readonly randomBytes: (lengthBytes: number) => Uint8Array;
  readonly exporter: SpanExporter;
  readonly onExported: (outcome: 'exported' | 'failed', spans: number) => void;
};

/** The base address of a collector; spans go to its `/v1/traces`. Headers for it are read from `OTEL_EXPORTER_OTLP_HEADERS` by the exporter itself. */
export function otlpExporter(endpoint: string): SpanExporter {
  return new OTLPTraceExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    timeoutMillis: exportTimeoutMillis,
  });
}

export function createRecorder(params: RecorderParams): Recorder {
  const { service, instance, randomBytes, exporter, onExported } = params;
  const randomHex = (length: number): string => Buffer.from(randomBytes(length)).toString('hex');
  const contexts = new AsyncLocalStorageContextManager();
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.instance.id': instance }),
    idGenerator: {
      generateTraceId: () => randomHex(traceIdBytes),
      generateSpanId: () => randomHex(spanIdBytes),
    },
    spanLimits: { linkCountLimit: maxLinks },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: listedSpansOnly(exporter, onExported),
        maxQueueSize,
        maxExportBatchSize,
        scheduledDelayMillis,
        exportTimeoutMillis,
      }),
    ],
  });
  const tracer = provider.getTracer('cipherchat');
  return {
    begin: (name, parent) => {
      const kind = kinds[spanCatalogue[name].role];
      if (parent === null) return tracer.startSpan(name, { kind }, ROOT_CONTEXT);
      const context =
        'spanContext' in parent
          ? trace.setSpan(ROOT_CONTEXT, parent)
          : trace.setSpanContext(ROOT_CONTEXT, parent);
      return tracer.startSpan(name, { kind }, context);
    },
    // A timer or loop that was started within a span outlives it; what it does later is none of that span's.
    active: () => {
      const span = trace.getSpan(contexts.active());
      return span?.isRecording() === true ? span : null;
    },
    within: (span, work) => contexts.with(trace.setSpan(ROOT_CONTEXT, span), work),
    parse: recordedParent,
    newHop: () => randomHex(hopBytes),
    stop: async () => {
      const late = new Promise<void>((resolve) => setTimeout(resolve, stopTimeoutMs).unref());
      // What cannot be sent now is lost: nobody can be told.
      await Promise.race([provider.shutdown().catch(() => {}), late]);
    },
  };
}

function recordedParent(traceparent: string): SpanContext | null {
  const parent = parseTraceParent(traceparent);
  return parent === null || (parent.traceFlags & 1) === 0 ? null : { ...parent, isRemote: true };
}
