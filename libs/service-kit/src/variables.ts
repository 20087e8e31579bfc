/** The environment variables that services share, in groups by what they switch on. */
import { z } from 'zod';
import { parseNetwork } from './client-address.js';
import { secret, variable, type ConfigOf } from './config.js';

const integer = (range: { readonly min: number; readonly max: number }) =>
  z.string().regex(/^\d+$/).transform(Number).pipe(z.number().int().min(range.min).max(range.max));
const withDefault = <Value>(schema: z.ZodType<Value, string>, value: Value) =>
  schema.optional().transform((given) => given ?? value);
const urlOf = (...protocols: readonly string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol));
const httpUrl = urlOf('http:', 'https:');
/** From 0 to 1. */
const ratio = z
  .string()
  .regex(/^(0|1|0?\.\d+|1\.0+)$/)
  .transform(Number);
const network = z.string().refine((text) => parseNetwork(text) !== undefined);
const list = <Value>(item: z.ZodType<Value, string>) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(item));

/** Schema builders for the variables of single services. */
export const schemas = {
  integer,
  withDefault,
  httpUrl,
  list,
} as const;

/** Every service has these. */
export const baseVariables = {
  port: variable('PORT', integer({ min: 0, max: 65_535 })),
  /** Loopback unless said otherwise: a container sets 0.0.0.0. */
  host: variable('HOST', withDefault(z.string(), '127.0.0.1')),
  /** Names this process among its replicas, in logs. */
  serviceInstance: variable('SERVICE_INSTANCE', withDefault(z.string().regex(/^[\w.-]{1,64}$/), 'local')),
  logLevel: variable(
    'LOG_LEVEL',
    withDefault(
      z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']) as unknown as z.ZodType<
        LogLevel,
        string
      >,
      'info',
    ),
  ),
  /** The base address of a collector of traces (OTLP over HTTP). Without it none are recorded. */
  tracesEndpoint: variable('OTEL_EXPORTER_OTLP_ENDPOINT', httpUrl.optional()),
  /** The part of all requests whose trace is recorded, decided by the service where each comes in. */
  tracesRatio: variable('OTEL_TRACES_SAMPLER_ARG', withDefault(ratio, 0.01)),
  /** Requests in flight get this long after SIGTERM; then they are cut. Kubernetes kills after 30 s. */
  drainTimeoutMs: variable('DRAIN_TIMEOUT_MS', withDefault(integer({ min: 0, max: 600_000 }), 20_000)),
  /** Browser origins that may call; empty: none but the same origin. */
  allowedOrigins: variable('ALLOWED_ORIGINS', withDefault(list(httpUrl), [] as string[])),
  /** Addresses and networks of the proxies in front: whose `X-Forwarded-For` is believed. */
  trustedProxies: variable('TRUSTED_PROXIES', withDefault(list(network), [] as string[])),
  /** HTTPS when both are given. */
  tlsCertFile: variable('TLS_CERT_FILE', z.string().optional()),
  tlsKeyFile: variable('TLS_KEY_FILE', z.string().optional()),
} as const;

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export const postgresVariables = {
  databaseUrl: secret('DATABASE_URL', urlOf('postgres:', 'postgresql:')),
  databasePoolSize: variable('DATABASE_POOL_SIZE', withDefault(integer({ min: 1, max: 200 }), 10)),
  /** A statement that runs longer holds locks that others wait for. */
  databaseStatementTimeoutMs: variable(
    'DATABASE_STATEMENT_TIMEOUT_MS',
    withDefault(integer({ min: 100, max: 120_000 }), 10_000),
  ),
  /** How long a start waits for migrations that are under way, where everything is installed at once. */
  databaseSchemaWaitMs: variable(
    'DATABASE_SCHEMA_WAIT_MS',
    withDefault(integer({ min: 0, max: 600_000 }), 0),
  ),
} as const;

export const natsVariables = {
  /** One or several, comma-separated; user and password stand in the first. */
  natsUrl: secret(
    'NATS_URL',
    z
      .string()
      .refine((text) =>
        text
          .split(',')
          .every((part) => URL.canParse(part) && ['nats:', 'tls:'].includes(new URL(part).protocol)),
      ),
  ),
} as const;

export const redisVariables = {
  redisUrl: secret('REDIS_URL', urlOf('redis:', 'rediss:')),
  /**
   * Shared by the replicas, so that limits per network address hold across them while Redis holds no
   * address. Without it each process draws its own at its start.
   */
  addressHashKey: secret('ADDRESS_HASH_KEY', z.string().min(16).optional()),
  /** Multiplies every rate limit: for load tests, and where a whole organisation shares one address. */
  rateLimitScale: variable('RATE_LIMIT_SCALE', withDefault(integer({ min: 1, max: 1_000_000 }), 1)),
} as const;

export const accessVariables = {
  authJwksUrl: variable('AUTH_JWKS_URL', httpUrl),
} as const;

export type BaseConfig = ConfigOf<typeof baseVariables>;
export type PostgresConfig = ConfigOf<typeof postgresVariables>;
export type NatsConfig = ConfigOf<typeof natsVariables>;
export type RedisConfig = ConfigOf<typeof redisVariables>;
export type AccessConfig = ConfigOf<typeof accessVariables>;
