/** The one bootstrap of every service. */
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Module, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { TerminusModule } from '@nestjs/terminus';
import { Metrics, startTracing, Tracing, type LogFields } from '@cipherchat/telemetry';
import type { DestinationStream } from 'pino';
import { proxyTrust } from './client-address.js';
import { CLOCK, RANDOM_BYTES, systemChance, systemClock, systemRandomBytes, type Clock } from './clock.js';
import {
  CONFIG,
  ConfigError,
  parseConfig,
  processEnvironment,
  type ConfigOf,
  type Environment,
  type Variables,
} from './config.js';
import { createEventLog, describeError, EventLog } from './event-log.js';
import { FrameworkLog } from './framework-log.js';
import { HealthController } from './health.controller.js';
import { observeHttp } from './http-observer.js';
import { ProblemFilter } from './problem.filter.js';
import { Readiness } from './readiness.js';
import { RouteGuard } from './route.guard.js';
import { RouteInterceptor } from './route.interceptor.js';
import { loggedNames, SchemaBehindError } from './schema-check.js';
import { TraceExports } from './trace-exports.js';
import { baseVariables, type BaseConfig } from './variables.js';

/** After the drain timeout, connections and hooks get this long before the process ends anyway. */
const exitGraceMs = 5_000;
const closeIdleEveryMs = 50;
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 60_000;
/** Longer than the idle timeout of usual load balancers (60 s), so that it is they who close. */
const keepAliveTimeoutMs = 65_000;
const corsMaxAgeS = 600;

export type ServiceDefinition<V extends Variables> = {
  /** Also the name in logs and metrics. */
  readonly name: string;
  /** The service's own variables; the base ones are added. */
  readonly variables: V;
  readonly module: Type;
};

/** For tests: another environment, clock or place for the log. */
export type ServiceSurroundings = {
  readonly environment?: Environment;
  readonly clock?: Clock;
  readonly logDestination?: DestinationStream;
};

export type RunningService = {
  /** Where it listens, e.g. `http://127.0.0.1:3001`. */
  readonly url: string;
  readonly application: NestExpressApplication;
  /** Drains and stops: not ready, no new connections, requests in flight finish, then connections close. */
  readonly stop: () => Promise<void>;
};

/** Gives what everything else stands on: `CONFIG`, `CLOCK`, `RANDOM_BYTES`, `EventLog`, `Metrics`, `Tracing`, `Readiness`, health and metrics routes. */
@Module({})
class ServiceModule {
  static of(params: { readonly module: Type; readonly providers: readonly Provider[] }): DynamicModule {
    return {
      module: ServiceModule,
      global: true,
      imports: [TerminusModule.forRoot({ logger: false }), params.module],
      controllers: [HealthController],
      providers: [
        ...params.providers,
        { provide: APP_GUARD, useClass: RouteGuard },
        { provide: APP_INTERCEPTOR, useClass: RouteInterceptor },
      ],
      exports: [CONFIG, CLOCK, RANDOM_BYTES, EventLog, Metrics, Tracing, Readiness],
    };
  }
}

/** Starts a service in this process, without touching signals. @throws ConfigError */
export async function createService<V extends Variables>(
  definition: ServiceDefinition<V>,
  surroundings: ServiceSurroundings = {},
): Promise<RunningService> {
  const config = parseConfig(
    { ...baseVariables, ...definition.variables },
    surroundings.environment ?? processEnvironment(),
  ) as unknown as BaseConfig & ConfigOf<V>;
  const names = { service: definition.name, instance: config.serviceInstance };
  const tracing: Tracing = await startTracing({
    ...names,
    endpoint: config.tracesEndpoint,
    ratio: config.tracesRatio,
    chance: systemChance,
    randomBytes: systemRandomBytes,
    onExported: (outcome, count) => traceExports.done(outcome, count),
  });
  const log = createEventLog({
    ...names,
    level: config.logLevel,
    destination: surroundings.logDestination,
    traceId: () => tracing.active()?.traceId ?? null,
  });
  const traceExports = new TraceExports(log);
  const metrics = new Metrics(definition.name, () => tracing.active());
  log.onEvent((event) => metrics.eventHappened(event));
  const readiness = new Readiness();
  const frameworkLog = new FrameworkLog(log);
  log.event('service.starting');
  const root = ServiceModule.of({
    module: definition.module,
    providers: [
      { provide: CONFIG, useValue: config },
      { provide: CLOCK, useValue: surroundings.clock ?? systemClock },
      { provide: RANDOM_BYTES, useValue: systemRandomBytes },
      { provide: EventLog, useValue: log },
      { provide: Metrics, useValue: metrics },
      { provide: Tracing, useValue: tracing },
      { provide: Readiness, useValue: readiness },
    ],
  });
  const application = await NestFactory.create<NestExpressApplication>(root, {
    logger: frameworkLog,
    // Bodies are read after the guard, by the interceptor.
    bodyParser: false,
    abortOnError: false,
    ...httpsOptions(config),
  });
  configure({ application, config, log, metrics, tracing });
  try {
    await application.listen(config.port, config.host);
  } catch (error) {
    // What is open already would keep the process alive. How closing a half-started service fares is of no interest.
    await application.close().catch(() => {});
    await tracing.stop();
    throw error;
  }
  frameworkLog.started();
  const server = application.getHttpServer();
  const { port } = server.address() as AddressInfo;
  log.event('service.listening', { port });
  const stop = onlyOnce(() =>
    drain({ application, server, readiness, log, tracing, timeoutMs: config.drainTimeoutMs }),
  );
  return { url: `${isTls(config) ? 'https' : 'http'}://${config.host}:${port}`, application, stop };
}

/** What `main.ts` calls: starts the service, stops it on SIGTERM or SIGINT, and ends the process. */
export async function startService<V extends Variables>(definition: ServiceDefinition<V>): Promise<void> {
  const service = await createService(definition).catch((error: unknown) =>
    failStart(definition.name, error),
  );
  const log = service.application.get(EventLog);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.event('service.draining', { signal });
      service.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.unexpected(error, { phase: 'stop' });
          process.exit(1);
        },
      );
    });
  }
  // A bug that escaped everything: the state is unknown, so log what is safe and let the orchestrator restart us.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.unexpected(error, { phase: event });
      process.exit(1);
    });
  }
}

function failStart(name: string, error: unknown): never {
  const log = createEventLog({ service: name, instance: 'unknown', level: 'info' });
  log.event('service.start-failed', whyNot(error));
  process.exit(1);
}

function whyNot(error: unknown): LogFields {
  if (error instanceof ConfigError) return { variables: error.variables };
  if (error instanceof SchemaBehindError)
    return { errorName: error.name, migrations: loggedNames(error.missing) };
  return describeError(error);
}

function configure(params: {
  readonly application: NestExpressApplication;
  readonly config: BaseConfig;
  readonly log: EventLog;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}): void {
  const { application, config, log, metrics, tracing } = params;
  application.disable('x-powered-by');
  application.disable('etag');
  application.set('trust proxy', proxyTrust(config.trustedProxies));
  application.set('query parser', 'simple');
  application.use(observeHttp({ log, metrics, tracing }));
  application.useGlobalFilters(new ProblemFilter(log, metrics));
  if (config.allowedOrigins.length > 0) {
    application.enableCors({
      origin: [...config.allowedOrigins],
      methods: ['GET', 'POST', 'PUT', 'DELETE'],
      maxAge: corsMaxAgeS,
    });
  }
  const server = application.getHttpServer();
  server.headersTimeout = headersTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  server.keepAliveTimeout = keepAliveTimeoutMs;
}

async function drain(params: {
  readonly application: NestExpressApplication;
  readonly server: Server;
  readonly readiness: Readiness;
  readonly log: EventLog;
  readonly tracing: Tracing;
  readonly timeoutMs: number;
}): Promise<void> {
  const { application, server, readiness, log, tracing, timeoutMs } = params;
  readiness.drain();
  const cut = setTimeout(() => {
    log.event('service.drain-timeout');
    server.closeAllConnections();
  }, timeoutMs);
  // A connection kept alive becomes idle only when its last request is answered.
  const closingIdle = setInterval(() => server.closeIdleConnections(), closeIdleEveryMs);
  const late = new Promise<void>((resolve) => setTimeout(resolve, timeoutMs + exitGraceMs).unref());
  // Nest's order: onModuleDestroy, beforeApplicationShutdown (sockets and NATS responders finish), the HTTP server closes, onApplicationShutdown (connections close).
  await Promise.race([application.close(), late]);
  clearTimeout(cut);
  clearInterval(closingIdle);
  await tracing.stop();
  log.event('service.stopped');
}

function isTls(config: BaseConfig): boolean {
  return config.tlsCertFile !== undefined && config.tlsKeyFile !== undefined;
}

function httpsOptions(config: BaseConfig): {
  readonly httpsOptions?: { readonly cert: Buffer; readonly key: Buffer };
} {
  if (config.tlsCertFile === undefined && config.tlsKeyFile === undefined) return {};
  if (config.tlsCertFile === undefined || config.tlsKeyFile === undefined)
    throw new ConfigError(['TLS_CERT_FILE', 'TLS_KEY_FILE']);
  try {
    return { httpsOptions: { cert: readFileSync(config.tlsCertFile), key: readFileSync(config.tlsKeyFile) } };
  } catch {
    throw new ConfigError(['TLS_CERT_FILE', 'TLS_KEY_FILE']);
  }
}

function onlyOnce(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= work());
}
