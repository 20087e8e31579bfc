export { AccessModule } from './access.module.js';
export {
  accessTokenLifetimeMs,
  AccessTokens,
  signAccessToken,
  type Role,
  type TokenCheck,
} from './access-token.js';
export { clientAddress, proxyTrust, type IsTrustedProxy } from './client-address.js';
export {
  CLOCK,
  RANDOM_BYTES,
  systemClock,
  systemMonotonicMs,
  systemRandomBytes,
  type Clock,
  type RandomBytes,
} from './clock.js';
export {
  CONFIG,
  ConfigError,
  parseConfig,
  secret,
  variable,
  type ConfigOf,
  type Environment,
  type Variable,
  type Variables,
} from './config.js';
export { isDependencyFailure } from './dependency-failure.js';
export { describeError, EventLog } from './event-log.js';
export { measurePostgres } from './measured-postgres.js';
export { Nats, type NatsStatus } from './nats.js';
export { traceHeaders } from './nats-headers.js';
export { NatsModule } from './nats.module.js';
export { runOperatorCommand } from './operator-command.js';
export { POSTGRES, PostgresModule, prismaProvider } from './postgres.module.js';
export { RateLimiter, type LimitedBy, type Limiter } from './rate-limiter.js';
export { tracedPool } from './traced-database.js';
export { Readiness, type DependencyState } from './readiness.js';
export { REDIS, RedisModule } from './redis.module.js';
export { Revocations, type CallerState, type RevocationListener } from './revocations.js';
export {
  CurrentDevice,
  RouteOf,
  type QueryOf,
  type RequestOf,
  type ResponseOf,
  type RouteSettings,
} from './route-of.js';
export {
  createService,
  startService,
  type RunningService,
  type ServiceDefinition,
  type ServiceSurroundings,
} from './service.js';
export {
  accessVariables,
  baseVariables,
  natsVariables,
  postgresVariables,
  redisVariables,
  schemas,
  type AccessConfig,
  type BaseConfig,
  type NatsConfig,
  type PostgresConfig,
  type RedisConfig,
} from './variables.js';
