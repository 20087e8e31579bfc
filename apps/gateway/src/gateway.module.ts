import { Module } from '@nestjs/common';
import { acknowledgeBatch, subjects } from '@cipherchat/protocol';
import {
  AccessModule,
  describeError,
  EventLog,
  Nats,
  NatsModule,
  RedisModule,
  systemMonotonicMs,
} from '@cipherchat/service-kit';
import { Metrics, Tracing } from '@cipherchat/telemetry';
import { AcknowledgeMerger } from './acknowledge/acknowledge-merger.js';
import { AppendBatcher } from './append/append-batcher.js';
import { AppendRequests } from './append/append-requests.js';
import { bounds } from './bounds.js';
import { GenerationWatch } from './generation-watch.js';
import { SocketGateway } from './socket/socket-gateway.js';
import { SocketMetrics } from './socket/socket-metrics.js';
import { SocketServer } from './socket/socket-server.js';

function appendBatcher(nats: Nats, log: EventLog, metrics: Metrics): AppendBatcher {
  const waited = metrics.histogram('cipherchat_append_wait_seconds');
  const batched = metrics.histogram('cipherchat_append_batch_envelopes');
  const requests = new AppendRequests({
    nats,
    timeoutMs: bounds.appendTimeoutMs,
    retryAfterMs: bounds.busyRetryMs,
  });
  const batcher = new AppendBatcher({
    request: (batch, traces) => nats.timed(subjects.append, () => requests.send(batch, traces)),
    onFailure: (error) => log.event('gateway.store-unavailable', describeError(error)),
    schedule: (callback, afterMs) => void setTimeout(callback, afterMs).unref(),
    onSent: (batch) => {
      const now = systemMonotonicMs();
      for (const { arrivedAt } of batch) waited((now - arrivedAt) / 1_000);
      batched(batch.length);
    },
    bounds,
  });
  metrics.sampled('cipherchat_append_queue_envelopes')(() => batcher.queued);
  return batcher;
}

function acknowledgeMerger(params: {
  readonly nats: Nats;
  readonly log: EventLog;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}): AcknowledgeMerger {
  const { nats, log, metrics, tracing } = params;
  const { acknowledge: subject } = subjects;
  const { acknowledgeTimeoutMs: timeoutMs } = bounds;
  const merger = new AcknowledgeMerger({
    request: (body) =>
      tracing.around('gateway acknowledge', () =>
        nats.command({ subject, question: acknowledgeBatch, body, timeoutMs }),
      ),
    onFailure: (error) => log.event('gateway.store-unavailable', describeError(error)),
    schedule: (callback, afterMs) => void setTimeout(callback, afterMs),
    bounds,
  });
  metrics.sampled('cipherchat_acknowledge_queue_positions')(() => merger.queued);
  return merger;
}

@Module({
  imports: [NatsModule, RedisModule, AccessModule.remote()],
  providers: [
    { provide: AppendBatcher, useFactory: appendBatcher, inject: [Nats, EventLog, Metrics] },
    {
      provide: AcknowledgeMerger,
      useFactory: (nats: Nats, log: EventLog, metrics: Metrics, tracing: Tracing) =>
        acknowledgeMerger({ nats, log, metrics, tracing }),
      inject: [Nats, EventLog, Metrics, Tracing],
    },
    GenerationWatch,
    SocketGateway,
    SocketMetrics,
    SocketServer,
  ],
})
export class GatewayModule {}
