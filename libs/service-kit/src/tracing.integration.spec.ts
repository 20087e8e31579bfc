/** Two services with real NATS, Postgres and Redis, and a collector that reads what they export. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Controller, Get, Inject, Module } from '@nestjs/common';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { problem, revocationsQuery, revocationsResult, subjects, type Route } from '@cipherchat/protocol';
import {
  freshDatabase,
  freshRedisUrl,
  natsUrl,
  startTraceCollector,
  type CollectedSpan,
  type FreshDatabase,
  type TraceCollector,
} from '@cipherchat/test-kit';
import { EventLog } from './event-log.js';
import { Nats } from './nats.js';
import { NatsModule } from './nats.module.js';
import { POSTGRES, PostgresModule } from './postgres.module.js';
import { REDIS, RedisModule } from './redis.module.js';
import { RouteOf } from './route-of.js';
import { createService, type RunningService } from './service.js';
import { natsVariables, postgresVariables, redisVariables } from './variables.js';

jest.setTimeout(30_000); // a machine that does much else at once

const canary = 'canary-5d1c';
const route = {
  method: 'GET',
  path: '/v1/auth/devices',
  summary: '',
  access: 'public',
  problems: [],
} as const satisfies Route;
const schemas = { question: revocationsQuery, answer: revocationsResult };
const question = { after: 3, sinceMs: 0 };

@Controller()
class TestController {
  constructor(
    @Inject(Nats) private readonly nats: Nats,
    @Inject(POSTGRES) private readonly pool: Pool,
    @Inject(REDIS) private readonly redis: Redis,
  ) {}

  @RouteOf(route)
  async everything(): Promise<void> {
    await this.redis.set(`key:${canary}`, canary);
    await this.redis.get(`key:${canary}`);
    await this.pool.query({ name: 'generation', text: `select '${canary}', $1::text`, values: [canary] });
    await this.pool.query(`select from ${'nowhere'}_${'x'}`).catch(() => {});
    for (const subject of [subjects.revocations, subjects.generation])
      await this.nats.request({ subject, ...schemas, body: question }).catch(() => {});
  }

  @Get('/healthz/other')
  other(): void {}
}

const variables = { ...natsVariables, ...postgresVariables, ...redisVariables };
@Module({
  imports: [NatsModule, PostgresModule.forSchema({ schema: 'auth', migrations: [] }), RedisModule],
  controllers: [TestController],
})
class TestModule {}

const logged: string[] = [];
let collector: TraceCollector;
let database: FreshDatabase;
let redisUrl: string;
const services: RunningService[] = [];

async function start(more: Readonly<Record<string, string>>): Promise<RunningService> {
  const service = await createService(
    { name: 'auth', variables, module: TestModule },
    {
      environment: {
        PORT: '0',
        LOG_LEVEL: 'trace',
        NATS_URL: natsUrl(),
        REDIS_URL: redisUrl,
        DATABASE_URL: database.url('auth'),
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        ...more,
      },
      logDestination: { write: (line) => void logged.push(line) },
    },
  );
  services.push(service);
  return service;
}

beforeAll(async () => {
  collector = await startTraceCollector();
  database = await freshDatabase();
  redisUrl = await freshRedisUrl();
});
afterAll(async () => {
  await Promise.all(services.map((service) => service.stop()));
  await collector.stop();
  await database.drop();
});

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !condition();) {
    if (Date.now() > deadline) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** `name of span < name of its parent`, for all of a trace. */
function shape(spans: readonly CollectedSpan[], traceId: string): readonly string[] {
  const own = spans.filter((span) => span.traceId === traceId);
  const byId = new Map(own.map((span) => [span.spanId, span.name]));
  return own
    .map(({ name, parentSpanId, attributes }) => {
      const of = Object.entries(attributes).map(([key, value]) => `${key}=${value}`);
      return `${name} < ${byId.get(parentSpanId) ?? parentSpanId} ${of.join(' ')}`.trim();
    })
    .toSorted();
}

describe('a request that is recorded', () => {
  it('shows what was asked of Redis, Postgres and other services, by name, and nothing of what', async () => {
    const asking = await start({ OTEL_TRACES_SAMPLER_ARG: '1', SERVICE_INSTANCE: 'asking' });
    const answering = await start({ OTEL_TRACES_SAMPLER_ARG: '0', SERVICE_INSTANCE: 'answering' });
    const responder = answering.application.get(Nats);
    responder.serve({
      subject: subjects.revocations,
      queue: 'test',
      ...schemas,
      handle: async () => {
        await answering.application.get<Pool>(POSTGRES).query('select 1');
        answering.application.get(EventLog).event('auth.cleaned');
        return { revocations: [] };
      },
    });
    responder.serve({
      subject: subjects.generation,
      queue: 'test',
      ...schemas,
      handle: () => {
        throw problem('request/not-found');
      },
    });
    await responder.connection.flush();

    // Whoever calls cannot tie this to a trace of their own.
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    await fetch(`${asking.url}/v1/auth/devices?who=${canary}`, {
      headers: { traceparent, tracestate: 'a=b' },
    });
    await fetch(`${asking.url}/v1/${canary}`, { method: 'PATCH' });
    await fetch(`${asking.url}/healthz/live`);
    await fetch(`${asking.url}/metrics`);
    await Promise.all([asking.stop(), answering.stop()]);

    const spans = collector.spans();
    const roots = spans.filter(({ parentSpanId }) => parentSpanId === '');
    expect(roots.map(({ name, attributes }) => [name, attributes['http.route']])).toEqual([
      ['http request', '/v1/auth/devices'],
      ['http request', 'unmatched'],
    ]);
    const traceId = roots[0]?.traceId ?? '';
    expect(shape(spans, traceId)).toEqual(
      [
        'http request <  http.request.method=GET http.route=/v1/auth/devices http.response.status_code=204',
        'redis command < http request db.operation.name=set',
        'redis command < http request db.operation.name=get',
        'postgres statement < http request db.query.summary=generation',
        'postgres statement < http request db.query.summary=unnamed error.type=other',
        `nats request < http request messaging.destination.name=${subjects.revocations}`,
        `nats serve < nats request messaging.destination.name=${subjects.revocations}`,
        'postgres statement < nats serve db.query.summary=unnamed',
        `nats request < http request messaging.destination.name=${subjects.generation} error.type=request/not-found`,
        `nats serve < nats request messaging.destination.name=${subjects.generation} error.type=request/not-found`,
      ].toSorted(),
    );
    expect(new Set(spans.map(({ instance }) => instance))).toEqual(new Set(['asking', 'answering']));
    for (const { bytes } of collector.bodies)
      for (const secret of [canary, 'PATCH', 'a'.repeat(32), 'nowhere', '127.0.0.1'])
        expect(bytes.includes(secret)).toBe(false);

    // Logs lead to it, from both services.
    const events = logged.map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const event of ['http.answered', 'auth.cleaned'])
      expect(events.some((line) => line['event'] === event && line['traceId'] === traceId)).toBe(true);
  });

  it('is an exemplar of its duration', async () => {
    const service = await start({ OTEL_TRACES_SAMPLER_ARG: '1' });
    await fetch(`${service.url}/v1/auth/devices`);
    const answer = await fetch(`${service.url}/metrics`);
    const exemplar = /route="\/v1\/auth\/devices".*trace_id="([0-9a-f]{32})"/.exec(await answer.text())?.[1];
    await service.stop();
    expect(collector.spans().map(({ traceId }) => traceId)).toContain(exemplar);
  });
});

describe('a collector', () => {
  it('hears nothing when nothing is to be recorded', async () => {
    const service = await start({ OTEL_TRACES_SAMPLER_ARG: '0' });
    const before = collector.bodies.length;
    await fetch(`${service.url}/v1/auth/devices`);
    await service.stop();
    expect(collector.bodies).toHaveLength(before);
  });

  it('that takes nothing holds up nobody, neither at work nor at the end, and is told of once', async () => {
    const unsent = (): number => logged.filter((line) => line.includes('"traces.unsent"')).length;
    const before = unsent();
    collector.behave('hang');
    const service = await start({ OTEL_TRACES_SAMPLER_ARG: '1' });
    for (let request = 0; request < 40; request++) {
      const startedAt = performance.now();
      expect((await fetch(`${service.url}/v1/auth/devices`)).status).toBe(204);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    }
    await until(() => unsent() > before);
    const stoppedAt = performance.now();
    await service.stop();
    expect(performance.now() - stoppedAt).toBeLessThan(5_000);
    collector.behave('take');
    expect(unsent()).toBe(before + 1);
  });
});
