/**
 * Traces of the whole path: two gateways and a store on real NATS, Postgres and Redis, and a collector that reads what
 * they export. What is exported is judged by its bytes, too.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { conversationRoutes, type ConversationId, type EnvelopeId } from '@cipherchat/protocol';
import type { RunningService } from '@cipherchat/service-kit';
import { startTraceCollector, type CollectedSpan, type TraceCollector } from '@cipherchat/test-kit';
import { GatewayWorld } from './gateway-world.fixture.js';
import type { SocketClient } from './socket-client.fixture.js';
import { appendFrame, newId, newMember } from './story-values.fixture.js';

const [ana, ben] = [newMember(), newMember()];
let world: GatewayWorld;
let collector: TraceCollector;
let store: RunningService;
let conversation: ConversationId;

beforeAll(async () => {
  [world, collector] = await Promise.all([GatewayWorld.start(), startTraceCollector()]);
  store = await world.store(recordedAt('0'));
  conversation = await world.group(store, [ana, ben]);
}, 30_000);
afterAll(async () => {
  await world.stop();
  await collector.stop();
}, 30_000);

/** Of all services only those where requests come in throw the coin. */
const recordedAt = (ratio: string): Readonly<Record<string, string>> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_TRACES_SAMPLER_ARG: ratio,
});

/** Ana at one gateway, Ben at the other. `stop` sends what the gateways have recorded. */
async function online(ratio: string): Promise<{
  readonly anaOnline: SocketClient;
  readonly benOnline: SocketClient;
  readonly stop: () => Promise<void>;
}> {
  const gateways = await Promise.all(
    ['west', 'east'].map((name) =>
      world.gateway({ ...recordedAt(ratio), SERVICE_INSTANCE: name, SENDS_PER_SECOND: '1000' }),
    ),
  );
  const [west, east] = gateways as [RunningService, RunningService];
  const [anaOnline, benOnline] = await Promise.all([world.online(west, ana), world.online(east, ben)]);
  const stop = async (): Promise<void> => {
    for (const client of [anaOnline, benOnline]) client.socket.close();
    await Promise.all(gateways.map((gateway) => gateway.stop()));
  };
  return { anaOnline, benOnline, stop };
}

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !condition();) {
    if (Date.now() > deadline) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const named = (name: string): readonly CollectedSpan[] =>
  collector.spans().filter((span) => span.name === name);

/** A trace as lines, each span below its parent: `service name attributes`. */
function tree(traceId: string): readonly string[] {
  const spans = collector.spans().filter((span) => span.traceId === traceId);
  const below = (parent: string, indent: string): readonly string[] =>
    spans
      .filter(({ parentSpanId }) => parentSpanId === parent)
      .map(({ spanId, service, name, attributes }) => {
        const values = Object.entries(attributes)
          .filter(([key]) => key !== 'cipherchat.hop')
          .map(([, value]) => ` ${value}`);
        return [`${indent}${service}: ${name}${values.join('')}`, ...below(spanId, `${indent}  `)];
      })
      .toSorted(([one = ''], [other = '']) => one.localeCompare(other))
      .flat();
  return below('', '');
}

/** Secrets, in every form in which a careless attribute would have them. */
const formsOf = (secret: string): readonly string[] => {
  const bytes = Buffer.from(secret.replaceAll('-', ''), 'hex');
  const ofText = Buffer.from(secret);
  return [
    secret,
    secret.replaceAll('-', ''),
    ...[bytes, ofText].flatMap((form) => [form.toString('base64'), form.toString('base64url')]),
  ];
};

describe('a request over HTTP', () => {
  it('shows what Prisma and Postgres did for it', async () => {
    const recording = await world.store(recordedAt('1'));
    await world.group(recording, [ana, ben]);
    await recording.stop();
    const [request] = named('http request');
    expect(request?.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': conversationRoutes.create.path,
      'http.response.status_code': 200,
    });
    const operations = collector
      .spans()
      .filter(({ name, traceId }) => name === 'prisma operation' && traceId === request?.traceId)
      .map(({ attributes }) => `${attributes['db.collection.name']} ${attributes['db.operation.name']}`);
    expect(operations).toEqual(
      expect.arrayContaining(['undefined raw', 'Conversation findUnique', 'Member findMany']),
    );
  });
});

describe('a message', () => {
  it('is two traces, to its answer and to its acknowledgement, which share its hop and nothing else', async () => {
    const { anaOnline, benOnline, stop } = await online('1');
    const frame = appendFrame({ conversation, ciphertext: Buffer.from('canary-of-the-ciphertext') });
    anaOnline.send(frame);
    const { seq } = await anaOnline.take('appended');
    await benOnline.take('deliver');
    for (const client of [anaOnline, benOnline])
      client.send({ type: 'acknowledge', positions: [{ conversation, seq }] });
    anaOnline.send({ type: 'signal', conversation, kind: 'momentary', ciphertext: Buffer.from('typing') });
    await benOnline.take('signal');
    await benOnline.take('delivered');
    await stop();
    await until(() => named('message-store append').length > 0 && named('message-store publish').length > 0);

    const [append] = named('gateway append');
    expect(tree(append?.traceId ?? '')).toEqual([
      'gateway: gateway append accepted',
      '  gateway: nats request command.messages.append 1',
      '    message-store: message-store append command.messages.append 1',
      '      message-store: postgres statement append_envelopes',
      '      message-store: postgres statement rosters',
    ]);
    const [publish] = named('message-store publish');
    expect(tree(publish?.traceId ?? '')).toEqual([
      'message-store: message-store publish',
      '  gateway: gateway deliver acknowledged',
    ]);
    const delivered = named('gateway deliver');
    // The sender's socket has the answer, and nothing that leads from it to the receiver's.
    expect(delivered.map(({ instance }) => instance)).toEqual(['east']);

    const hop = append?.attributes['cipherchat.hop'];
    expect(hop).toMatch(/^[0-9a-f]{16}$/);
    expect(publish?.attributes['cipherchat.hop']).toBe(hop);
    expect(publish?.traceId).not.toBe(append?.traceId);
    const ofTrace = (traceId = ''): string =>
      JSON.stringify(collector.spans().filter((span) => span.traceId === traceId));
    expect(ofTrace(append?.traceId)).not.toContain(publish?.traceId);
    expect(ofTrace(append?.traceId)).not.toContain(publish?.spanId);
    expect(ofTrace(publish?.traceId)).not.toContain(append?.traceId);
    expect(ofTrace(publish?.traceId)).not.toContain(append?.spanId);

    expect(tree(named('gateway signal')[0]?.traceId ?? '')).toEqual([
      'gateway: gateway signal',
      '  gateway: nats request command.messages.signal',
      '    message-store: nats serve command.messages.signal',
      '      message-store: postgres statement signal',
    ]);
    // The store writes what came together as one: it is a part of the first of them.
    expect(named('gateway acknowledge').map(({ traceId }) => tree(traceId))).toContainEqual([
      'gateway: gateway acknowledge',
      '  gateway: nats request command.messages.acknowledge',
      '    message-store: nats serve command.messages.acknowledge',
      '      message-store: postgres statement advance_cursors',
    ]);
    expect(named('gateway resume')).toHaveLength(2);

    const { accessToken } = await world.token(ana);
    const secrets = [ana.user, ana.device, ben.user, ben.device, conversation, frame.envelope];
    const canaries = [
      ...secrets.flatMap(formsOf),
      ...secrets.flatMap((id) => id.split('-').slice(0, 1)),
      accessToken.split('.')[0] ?? '',
      'canary-of-the-ciphertext',
      Buffer.from('canary-of-the-ciphertext').toString('base64').slice(0, 24),
      'typing',
      '127.0.0.1',
    ];
    for (const { bytes } of collector.bodies)
      for (const canary of canaries)
        expect({ canary, found: bytes.includes(canary) }).toEqual({ canary, found: false });
  });

  it('in a batch with others is linked with them, and each has a delivery of its own', async () => {
    const before = {
      appends: named('gateway append').length,
      publishes: named('message-store publish').length,
    };
    const { anaOnline, benOnline, stop } = await online('1');
    const others = await Promise.all([1, 2, 3].map(() => world.group(store, [ana, ben])));
    anaOnline.socket.pause();
    for (const each of others) anaOnline.send(appendFrame({ conversation: each }));
    anaOnline.socket.resume();
    await benOnline.until(() => benOnline.ofType('deliver').length === 3);
    await anaOnline.until(() => anaOnline.ofType('appended').length === 3);
    await stop();
    await until(() => named('message-store publish').length === before.publishes + 3);
    const appends = named('gateway append').slice(before.appends);
    const hops = (spans: readonly CollectedSpan[]): readonly unknown[] =>
      spans.map(({ attributes }) => attributes['cipherchat.hop']).toSorted();
    expect(hops(appends)).toEqual(hops(named('message-store publish').slice(before.publishes)));
    expect(new Set(appends.map(({ traceId }) => traceId)).size).toBe(3);
    // Each is in a request, or linked with the one that carried it.
    const requests = named('nats request').filter(
      ({ attributes }) => attributes['cipherchat.items'] !== undefined,
    );
    for (const { traceId, linkedTraceIds } of appends)
      expect(requests.some((request) => [traceId, ...linkedTraceIds].includes(request.traceId))).toBe(true);
    // Nobody acknowledged.
    const deliveries = named('gateway deliver').filter(
      ({ attributes }) => attributes['cipherchat.outcome'] === 'closed',
    );
    expect(deliveries).toHaveLength(3);
  });

  it('leaves nothing at a collector where nothing is to be recorded', async () => {
    const { anaOnline, benOnline, stop } = await online('0');
    const before = collector.bodies.length;
    for (let message = 0; message < 50; message++)
      anaOnline.send(appendFrame({ conversation, request: message }));
    await benOnline.until(() => benOnline.ofType('deliver').length === 50);
    await stop();
    expect(collector.bodies).toHaveLength(before);
  });

  it.each(['hang', 'refuse'] as const)(
    'is neither lost nor late when the collector answers nothing or refuses (%s)',
    async (manner) => {
      collector.behave(manner);
      const { anaOnline, benOnline, stop } = await online('1');
      // More than the queue of spans holds, in rounds that a socket may leave unacknowledged.
      const slowest: number[] = [];
      for (let round = 0; round < 12; round++) {
        const envelopes = Array.from({ length: 100 }, () => newId<EnvelopeId>());
        const startedAt = performance.now();
        for (const [request, envelope] of envelopes.entries())
          anaOnline.send(appendFrame({ conversation, request, envelope }));
        await benOnline.until(() => benOnline.ofType('deliver').length === envelopes.length);
        slowest.push(performance.now() - startedAt);
        const delivered = benOnline.ofType('deliver');
        expect(delivered.map(({ envelope }) => envelope)).toEqual(envelopes);
        const { seq = 0 } = delivered.at(-1) ?? {};
        for (const client of [anaOnline, benOnline]) {
          client.send({ type: 'acknowledge', positions: [{ conversation, seq }] });
          client.frames.length = 0;
        }
      }
      expect(Math.max(...slowest)).toBeLessThan(3_000);
      collector.behave('take');
      await stop();
    },
    30_000,
  );
});
