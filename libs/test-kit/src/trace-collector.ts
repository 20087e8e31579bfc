/** A collector of traces: OTLP over HTTP, as JSON. Keeps the bytes, and reads the spans in them. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type CollectedSpan = {
  readonly service: string;
  readonly instance: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** The ids of the traces that it is linked with. */
  readonly linkedTraceIds: readonly string[];
  readonly durationMs: number;
};

/** `hang`: takes requests and answers them when it behaves otherwise. `refuse`: 503, come again. */
type Manner = 'take' | 'hang' | 'refuse';

export type TraceCollector = {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  readonly bodies: readonly { readonly path: string; readonly bytes: Buffer }[];
  /** @throws SyntaxError for a body that is no JSON */
  readonly spans: () => readonly CollectedSpan[];
  readonly behave: (manner: Manner) => void;
  readonly stop: () => Promise<void>;
};

export async function startTraceCollector(): Promise<TraceCollector> {
  const bodies: { readonly path: string; readonly bytes: Buffer }[] = [];
  let manner: Manner = 'take';
  const held: ServerResponse[] = [];
  const answer = (response: ServerResponse): void => {
    if (manner === 'take') response.setHeader('content-type', 'application/json').end('{}');
    else if (manner === 'refuse') response.writeHead(503).end();
    else held.push(response);
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push({ path: request.url ?? '', bytes: Buffer.concat(chunks) });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    spans: () => bodies.flatMap(({ bytes }) => spansIn(JSON.parse(bytes.toString()) as OtlpTraces)),
    behave: (next) => {
      manner = next;
      for (const response of held.splice(0)) answer(response);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type OtlpAttribute = {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number };
};
type OtlpSpan = {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly OtlpAttribute[];
  readonly links: readonly { readonly traceId: string }[];
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
};
type OtlpTraces = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
};

function spansIn({ resourceSpans }: OtlpTraces): readonly CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const names = valuesOf(resource.attributes);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        service: String(names['service.name']),
        instance: String(names['service.instance.id']),
        name: span.name,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? '',
        attributes: valuesOf(span.attributes),
        linkedTraceIds: span.links.map(({ traceId }) => traceId),
        durationMs: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
      })),
    );
  });
}

function valuesOf(attributes: readonly OtlpAttribute[]): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? '']),
  );
}
