/** What of a gateway decides how messages travel, for libs/simulation: everything but the listener. */
export { AcknowledgeMerger } from './acknowledge/acknowledge-merger.js';
export { AppendBatcher } from './append/append-batcher.js';
export { bounds } from './bounds.js';
export type { GatewayConfig } from './config.js';
export type { GenerationWatch } from './generation-watch.js';
export { Connection, type ConnectionParams } from './socket/connection.js';
export { SocketGateway } from './socket/socket-gateway.js';
export type { SocketMetrics } from './socket/socket-metrics.js';
