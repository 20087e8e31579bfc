/** Spans that a careless author, or a package, filled with everything there is: made with the SDK itself, past our own types. */
import { SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { SimpleSpanProcessor, TracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { listedSpansOnly } from './listed-spans.js';
import { spanCatalogue } from './span-catalogue.js';
import type { SpanDefinition } from './span-definition.js';

const canary = 'canary-7f3a9c';
const uuid = '0123abcd-4567-4000-8000-0123456789ab';
const names = Object.keys(spanCatalogue);
const attributeNames = [
  ...new Set(
    Object.values<SpanDefinition>(spanCatalogue).flatMap(({ attributes }) => Object.keys(attributes)),
  ),
];

/** Both sides of the gate. */
function gate() {
  const before: ReadableSpan[] = [];
  const after: ReadableSpan[] = [];
  const outcomes: string[] = [];
  const exporter = listedSpansOnly(
    {
      export: (spans, done) => {
        after.push(...spans);
        done({ code: 0 });
      },
      shutdown: async () => {},
    },
    (outcome, spans) => void outcomes.push(`${outcome} ${spans}`),
  );
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'gateway' }),
    spanProcessors: [
      new SimpleSpanProcessor({
        exporter: {
          ...exporter,
          export: (spans, done) => {
            before.push(...spans);
            exporter.export(spans, done);
          },
        },
      }),
    ],
  });
  return { tracer: provider.getTracer('test'), before, after, outcomes, flush: () => provider.forceFlush() };
}

const bytesOf = (spans: readonly ReadableSpan[]): string =>
  Buffer.from(JsonTraceSerializer.serializeRequest([...spans]) ?? []).toString();

describe('what leaves the process', () => {
  it('is of a span what the catalogue lists, wherever else something stands', async () => {
    const { tracer, before, after, outcomes, flush } = gate();
    const foreign = {
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      traceFlags: TraceFlags.SAMPLED,
      traceState: new TraceState(`who=${canary}`),
    };
    const span = tracer.startSpan('gateway append', {
      attributes: {
        'cipherchat.hop': '0123456789abcdef',
        'cipherchat.outcome': 'accepted',
        'enduser.id': canary,
        'db.query.text': `select '${canary}'`,
        'url.full': `https://chat.example/${canary}`,
        'client.address': '203.0.113.7',
      },
      links: [{ context: foreign, attributes: { who: canary } }],
    });
    span.addEvent(canary, { who: canary });
    span.recordException(new Error(`no row for ${canary}`));
    span.setStatus({ code: SpanStatusCode.ERROR, message: `no row for ${canary}` });
    span.end();
    tracer.startSpan(`append for ${canary}`).end();
    await flush();
    expect(bytesOf(before)).toContain(canary);
    expect(bytesOf(before)).toContain('203.0.113.7');
    expect(bytesOf(after)).not.toContain(canary);
    expect(bytesOf(after)).not.toContain('203.0.113.7');
    expect(after).toHaveLength(1);
    expect(after[0]?.attributes).toEqual({
      'cipherchat.hop': '0123456789abcdef',
      'cipherchat.outcome': 'accepted',
    });
    expect(after[0]?.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(after[0]?.links).toEqual([
      { context: { traceId: foreign.traceId, spanId: foreign.spanId, traceFlags: TraceFlags.SAMPLED } },
    ]);
    expect(outcomes).toEqual(['exported 1', 'exported 0']);
  });

  it('has no id and no text of anybody in any attribute, whatever it is set to', async () => {
    const anyName = fc.oneof(fc.constantFrom(...attributeNames), fc.string({ minLength: 1, maxLength: 20 }));
    const text = fc
      .tuple(fc.string({ maxLength: 8 }), fc.constantFrom(uuid, canary), fc.string({ maxLength: 8 }))
      .map((parts) => parts.join(''));
    const value = fc.oneof(
      text,
      text.map((one) => [one]),
      fc.constant(Number.parseInt(uuid, 16)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.dictionary(anyName, value, { maxKeys: 8 }),
        async (name, attributes) => {
          const { tracer, after, flush } = gate();
          tracer.startSpan(name, { attributes }).end();
          await flush();
          expect(after[0]?.attributes).toEqual({});
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    ['a hop of another length', 'gateway append', { 'cipherchat.hop': 'a'.repeat(32) }],
    ['an id in place of a hop', 'gateway append', { 'cipherchat.hop': uuid }],
    ['a word outside its set', 'gateway append', { 'cipherchat.outcome': 'alice' }],
    ['a count that may be a time or a place', 'nats request', { 'cipherchat.items': 1_800_000_000 }],
    ['a count with a fraction', 'nats request', { 'cipherchat.items': 0.123 }],
    ['a list where a word stands', 'gateway append', { 'cipherchat.outcome': ['accepted'] }],
    ['what another span may have', 'redis command', { 'cipherchat.hop': '0123456789abcdef' }],
    ['what every object has', 'redis command', { constructor: 'get', toString: 'get' }],
    ['a subject with an id in it', 'nats request', { 'messaging.destination.name': `live.user.${uuid}` }],
    ['a path with an id in it', 'http request', { 'http.route': `/v1/auth/devices/${uuid}` }],
  ])('has no %s', async (_name, span, attributes) => {
    const { tracer, after, flush } = gate();
    tracer.startSpan(span, { attributes }).end();
    await flush();
    expect(after[0]?.attributes).toEqual({});
  });
});
