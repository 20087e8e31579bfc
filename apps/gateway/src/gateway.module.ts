import { Module } from '@nestjs/common';
import { acknowledgeBatch, subjects } from '@cipherchat/protocol';
import {
  AccessModule,
  describeError,
  EventLog,
  Nats,
  NatsModule,
  RedisModule,
} from '@cipherchat/service-kit';
import { AcknowledgeMerger } from './acknowledge/acknowledge-merger.js';
import { AppendBatcher } from './append/append-batcher.js';
import { AppendRequests } from './append/append-requests.js';
import { bounds } from './bounds.js';
import { GenerationWatch } from './generation-watch.js';
import { SocketGateway } from './socket/socket-gateway.js';
import { SocketMetrics } from './socket/socket-metrics.js';
import { SocketServer } from './socket/socket-server.js';

function appendBatcher(nats: Nats, log: EventLog): AppendBatcher {
  const requests = new AppendRequests({
    nats,
    timeoutMs: bounds.appendTimeoutMs,
    retryAfterMs: bounds.busyRetryMs,
  });
  return new AppendBatcher({
    request: (batch) => requests.send(batch),
    onFailure: (error) => log.event('gateway.store-unavailable', describeError(error)),
    bounds,
  });
}

function acknowledgeMerger(nats: Nats, log: EventLog): AcknowledgeMerger {
  return new AcknowledgeMerger({
    request: (body) =>
      nats.command({
        subject: subjects.acknowledge,
        question: acknowledgeBatch,
        body,
        timeoutMs: bounds.acknowledgeTimeoutMs,
      }),
    onFailure: (error) => log.event('gateway.store-unavailable', describeError(error)),
    schedule: (callback, afterMs) => void setTimeout(callback, afterMs),
    bounds,
  });
}

@Module({
  imports: [NatsModule, RedisModule, AccessModule.remote()],
  providers: [
    { provide: AppendBatcher, useFactory: appendBatcher, inject: [Nats, EventLog] },
    { provide: AcknowledgeMerger, useFactory: acknowledgeMerger, inject: [Nats, EventLog] },
    GenerationWatch,
    SocketGateway,
    SocketMetrics,
    SocketServer,
  ],
})
export class GatewayModule {}
