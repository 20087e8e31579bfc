export { goModule, helmProgram, kubeconformProgram, type HelmMajor } from './chart-programs.js';
export { composeCommand, composeReaderProgram } from './compose-program.js';
export { inheritedEnvironment } from './config.js';
export { findProgram, programCache, run, type Finished } from './find-program.js';
export { isPortFree, nextFreePort, randomFreePort } from './free-port.js';
export { ExplainedError } from './explained-error.js';
export {
  chromiumProgram,
  dockerPrograms,
  installDebianPackages,
  k6Program,
  natsServerProgram,
  nginxProgram,
  prometheusPrograms,
  redisServerProgram,
  type Say,
} from './install-program.js';
export {
  startIsolatedSystem,
  type IsolatedService,
  type IsolatedSystem,
  type IsolatedSystemParams,
} from './isolated-system.js';
export { startNats, type NatsParams } from './nats-server.js';
export { startNginx, writeNginxConfig, type NginxParams } from './nginx-server.js';
export { backUpPostgres, restorePostgres } from './postgres-backup.js';
export { startPostgres, type PostgresParams, type PostgresServer } from './postgres-server.js';
export { ScrapedMetrics, scrapedOnce } from './scraped-metrics.js';
export { startRedis, type RedisParams } from './redis-server.js';
export { cpuMicroseconds, residentBytes, type NamedProcess } from './process-cost.js';
export type { RestartableServer } from './restartable-server.js';
export {
  logTail,
  startProcess,
  waitUntilReady,
  type RunningServer,
  type ServerCommand,
  type ServerExit,
  type ServerProcess,
} from './server-process.js';
export { serviceArguments } from './service-arguments.js';
// The other half of a database: programs that start one bring its tables forward, too.
export {
  createMigration,
  createServiceRoles,
  MigrationError,
  migrationNames,
  prepareDatabase,
  prepareService,
  serviceDatabases,
  serviceUrl,
  withClient,
  type DatabaseService,
} from '@cipherchat/migrations';
export { runServiceProgram, type ServiceProgram } from './service-program.js';
export {
  freshDatabase,
  freshRedisUrl,
  natsUrl,
  sharedServers,
  startSharedServers,
  type FreshDatabase,
  type SharedServers,
} from './shared-servers.js';
export { temporaryFolder, type TemporaryFolder } from './temporary-folder.js';
export { startTraceCollector, type CollectedSpan, type TraceCollector } from './trace-collector.js';
export { guardProcess, releaseProcess } from './watchdog.js';
