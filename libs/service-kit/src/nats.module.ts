import { Global, Module } from '@nestjs/common';
import { connect } from '@nats-io/transport-node';
import { Metrics, Tracing } from '@cipherchat/telemetry';
import { CONFIG } from './config.js';
import { EventLog } from './event-log.js';
import { NatsMetrics } from './measured-nats.js';
import { natsAddress } from './nats-address.js';
import { Nats } from './nats.js';
import { Readiness } from './readiness.js';
import type { BaseConfig, NatsConfig } from './variables.js';

const reconnectWaitMs = 250;
/** Spreads the replicas after a restart of NATS. */
const reconnectJitterMs = 500;
/** A half-open connection is noticed after two of these. */
const pingIntervalMs = 5_000;
const maxUnansweredPings = 2;

async function connectNats(
  config: BaseConfig & NatsConfig,
  log: EventLog,
  readiness: Readiness,
  metrics: Metrics,
  tracing: Tracing,
): Promise<Nats> {
  const connection = await connect({
    ...natsAddress(config.natsUrl),
    name: config.serviceInstance,
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    // A NATS that restarts may refuse credentials for a moment; giving up would need a person.
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: reconnectWaitMs,
    reconnectJitter: reconnectJitterMs,
    reconnectJitterTLS: reconnectJitterMs,
    pingInterval: pingIntervalMs,
    maxPingOut: maxUnansweredPings,
  });
  log.event('nats.connected');
  const nats = new Nats(connection, { log, metrics: new NatsMetrics(metrics), tracing });
  readiness.add({ name: 'nats', check: async () => (nats.connected ? 'up' : 'down') });
  return nats;
}

/** Gives `Nats`. The start waits until NATS is there. */
@Global()
@Module({
  providers: [
    { provide: Nats, useFactory: connectNats, inject: [CONFIG, EventLog, Readiness, Metrics, Tracing] },
  ],
  exports: [Nats],
})
export class NatsModule {}
