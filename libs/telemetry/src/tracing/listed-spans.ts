/**
 * The one gate through which spans leave a process. It copies what the catalogue lists and drops the rest: unlisted
 * spans and attributes, values outside their form, events (where OpenTelemetry puts exceptions with their messages and
 * stacks), status messages, trace states and whatever hangs on links. So no mistake elsewhere can send an id out.
 */
import type { Attributes, SpanContext } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { spanCatalogue } from './span-catalogue.js';
import { fits, type SpanDefinition } from './span-definition.js';

const catalogue: ReadonlyMap<string, SpanDefinition> = new Map(Object.entries<SpanDefinition>(spanCatalogue));

/** `onExported` hears of each batch that was taken by the collector, or was not. */
export function listedSpansOnly(
  exporter: SpanExporter,
  onExported: (outcome: 'exported' | 'failed', spans: number) => void,
): SpanExporter {
  return {
    export: (spans, done) => {
      const listed = spans.map(listedSpan).filter((span) => span !== null);
      exporter.export(listed, (result) => {
        // 0 is ExportResultCode.SUCCESS of @opentelemetry/core.
        onExported(result.code === 0 ? 'exported' : 'failed', listed.length);
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}

function listedSpan(span: ReadableSpan): ReadableSpan | null {
  const definition = catalogue.get(span.name);
  if (definition === undefined) return null;
  const context = plainContext(span.spanContext());
  const { name, kind, startTime, endTime, duration, ended, resource, instrumentationScope } = span;
  return {
    name,
    kind,
    spanContext: () => context,
    ...(span.parentSpanContext === undefined
      ? {}
      : { parentSpanContext: plainContext(span.parentSpanContext) }),
    startTime,
    endTime,
    duration,
    ended,
    status: { code: span.status.code },
    attributes: listedAttributes(definition, span.attributes),
    links: span.links.map((link) => ({ context: plainContext(link.context) })),
    events: [],
    resource,
    instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function listedAttributes({ attributes: forms }: SpanDefinition, attributes: Attributes): Attributes {
  const listed: Attributes = {};
  for (const [name, form] of Object.entries(forms)) {
    const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (value !== undefined && fits(form, value)) listed[name] = value;
  }
  return listed;
}

function plainContext({ traceId, spanId, traceFlags, isRemote }: SpanContext): SpanContext {
  return { traceId, spanId, traceFlags, ...(isRemote === undefined ? {} : { isRemote }) };
}
