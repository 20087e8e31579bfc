/** The system under the check, with a recorder at each of its places. */
import path from 'node:path';
import { serverFrames, clientFrames } from '@cipherchat/protocol';
import {
  startIsolatedSystem,
  startTraceCollector,
  temporaryFolder,
  type IsolatedSystem,
  type TraceCollector,
} from '@cipherchat/test-kit';
import { captureLogs, captureMetrics } from './capture/logs-and-metrics.js';
import { recordNats, type NatsRecording } from './capture/nats.js';
import { capturePostgres, capturePostgresFiles } from './capture/postgres.js';
import { createRecordingProxy, type RecordingProxy } from './capture/recording-proxy.js';
import { captureRedis, keysOfCommands, recordRedisCommands, type RedisRecording } from './capture/redis.js';
import { captureTraces } from './capture/traces.js';
import type { Captured } from './detector/secret.js';
import type { CommentedColumn, SeenThings } from './document/compare.js';
import { withToolReasons } from './document/tool-columns.js';

export type Surroundings = {
  readonly system: IsolatedSystem;
  readonly proxy: RecordingProxy;
  readonly nats: NatsRecording;
  readonly redis: RedisRecording;
  readonly traces: TraceCollector;
  readonly stop: () => Promise<void>;
};

/** Everything that was recorded up to now, and the names of what was seen. */
export type Record = {
  readonly captured: readonly Captured[];
  readonly seen: SeenThings;
  readonly columns: readonly CommentedColumn[];
  /** Log lines that are no JSON. */
  readonly strangeLines: readonly string[];
  /** Metrics that are not as the catalogue has them. */
  readonly strangeMetrics: readonly string[];
};

export async function startSurroundings(): Promise<Surroundings> {
  const folder = temporaryFolder('blind-check');
  const proxy = createRecordingProxy();
  const traces = await startTraceCollector();
  const recorders: { nats?: NatsRecording; redis?: RedisRecording } = {};
  const system = await startIsolatedSystem({
    logDir: path.join(folder.path, 'logs'),
    // As talkative as they can be: what is not logged now is not logged in production either.
    environment: {
      LOG_LEVEL: 'trace',
      OTEL_EXPORTER_OTLP_ENDPOINT: traces.url,
      OTEL_TRACES_SAMPLER_ARG: '1',
    },
    publicOrigin: (origin) => proxy.inFrontOf(origin),
    beforeServices: async (servers) => {
      recorders.nats = await recordNats(servers.natsUrl);
      recorders.redis = await recordRedisCommands(servers.redisUrl);
    },
  });
  const { nats, redis } = recorders;
  if (nats === undefined || redis === undefined) throw new Error('the system started without its recorders');
  const stop = async (): Promise<void> => {
    await proxy.stop();
    await nats.stop();
    redis.stop();
    await system.stop();
    await traces.stop();
    folder.remove();
  };
  return { system, proxy, nats, redis, traces, stop };
}

export async function record(surroundings: Surroundings): Promise<Record> {
  const { system, proxy, nats, redis, traces } = surroundings;
  await nats.flush();
  const commands = redis.commands();
  const postgres = await capturePostgres(system.postgres.adminUrl);
  const redisContent = await captureRedis(system.redis.url);
  const logs = await captureLogs(system.services.map(({ logFile }) => logFile));
  const exported = captureTraces(traces);
  const metrics = await captureMetrics(system.services);
  return {
    captured: [
      ...postgres.captured,
      ...(await capturePostgresFiles(system.postgres.adminUrl)),
      ...redisContent,
      ...commands,
      ...nats.captured(),
      ...logs.captured,
      ...metrics.captured,
      ...exported.captured,
      ...proxy.captured(),
    ],
    seen: {
      columns: postgres.columns.map(({ name }) => name),
      redisKeys: [
        ...new Set([
          ...redisContent.map(({ location }) => location),
          ...(await keysOfCommands({ url: system.redis.url, commands })),
        ]),
      ],
      natsSubjects: nats.subjects(),
      natsHeaders: nats.headers(),
      frameFields: frameFields(),
      logFields: logs.fields,
      metricLabels: metrics.labels,
      spanAttributes: exported.attributes,
    },
    columns: withToolReasons(postgres.columns),
    strangeLines: logs.strangeLines,
    strangeMetrics: metrics.faults,
  };
}

/** `append.commitSeq`: every field of every frame, from the schema that encodes them. */
function frameFields(): readonly string[] {
  const frames = [...Object.entries(clientFrames), ...Object.entries(serverFrames)];
  return frames.flatMap(([name, { body }]) => {
    const { shape } = body;
    return shape.kind === 'record' ? shape.fields.map(([field]) => `${name}.${field}`) : [];
  });
}
