import { ExplainedError, logTail, type ServerExit } from '@cipherchat/test-kit';
import { announcement } from './announcement.js';
import { build, runnablePackages } from './build.js';
import {
  adminUrl,
  migrateLocal,
  natsUrl,
  serverPrograms,
  startLocalNats,
  startLocalNginx,
  startLocalPostgres,
  startLocalRedis,
  type LocalServer,
} from './infrastructure.js';
import { choosePorts, serverPortNames, servicePortNames, takenPorts } from './local-ports.js';
import { noteNginx, removeRunFile, writeRunFile } from './run-file.js';
import { secretFile } from './secrets.js';
import { startServiceProcess, type ServiceProcess } from './service-process.js';
import { backendServices, gatewayServices, serverUrl, type Surroundings } from './services.js';
import { tlsFiles } from './tls.js';
import { buildWeb } from './web-build.js';

export type StartOptions = { readonly transport: 'plain' | 'tls'; readonly registration: 'open' | 'invite' };

/** Of a part that is started again when it ends. One that ends so often has a cause that a person must see. */
const maxStarts = 5;

/**
 * The servers and services of one `npm start`. They start in the order of what needs what, and stop in the
 * opposite one: gateways drain while the store still answers, and Postgres goes last.
 */
export class LocalSystem {
  private readonly running: LocalServer[] = [];
  private phase: 'starting' | 'running' | 'stopping' = 'starting';
  private reportFailure: (error: Error) => void = () => {};
  private readonly failure = new Promise<never>((_, reject) => (this.reportFailure = reject));

  constructor(private readonly options: StartOptions) {
    this.failure.catch(() => {}); // nobody may be waiting yet
  }

  /** Resolves when everything is ready and has been announced. */
  async start(): Promise<void> {
    await Promise.race([this.bringUp(), this.failure]);
  }

  /** Rejects when a part of the running system ends by itself; it never resolves. */
  failed(): Promise<never> {
    return this.failure;
  }

  /** Ends everything that was started, also while `start` is under way. */
  async stop(): Promise<void> {
    this.phase = 'stopping';
    removeRunFile();
    const ended = [...this.running].reverse();
    const isGateway = (server: LocalServer): boolean => 'service' in server;
    // Services drain together; the servers below them stop after the last one, Postgres at the end.
    await Promise.all(ended.filter(isGateway).map((server) => server.stop()));
    for (const server of ended.filter((each) => !isGateway(each))) await server.stop();
  }

  private async bringUp(): Promise<void> {
    const tls = this.options.transport === 'tls' ? await tlsFiles(new Date()) : undefined;
    await build(say, runnablePackages);
    await buildWeb(say);
    const programs = await serverPrograms(say);
    const serverPorts = await choosePorts(serverPortNames);
    sayTaken(serverPorts);
    say('Starting Postgres, NATS and Redis.');
    const postgres = await this.watch(startLocalPostgres(serverPorts));
    const nats = await this.watch(startLocalNats(serverPorts, programs.nats));
    const redis = await this.watch(startLocalRedis(serverPorts, programs.redis));
    const applied = await migrateLocal(postgres);
    if (applied.length > 0) say(`Applied migrations: ${applied.join(', ')}.`);
    this.continueOrThrow();
    const ports = await choosePorts(servicePortNames);
    sayTaken(ports);
    const surroundings: Surroundings = {
      ports,
      postgres,
      nats,
      redis,
      tls,
      registration: this.options.registration,
    };
    say('Starting auth, key-directory, message-store, two gateways and nginx.');
    const backends = await Promise.all(
      backendServices(surroundings).map((service) => this.watch(startServiceProcess(service))),
    );
    const gateways = await Promise.all(
      gatewayServices(surroundings).map((service) => this.watch(startServiceProcess(service))),
    );
    const nginx = await this.keepUp(() => startLocalNginx({ ports, program: programs.nginx, tls }));
    this.continueOrThrow();
    this.phase = 'running';
    this.announce({ surroundings, services: [...backends, ...gateways], nginx });
  }

  /** Keeps what has started for `stop`, and makes its end by itself a failure of the whole. */
  private async watch<Server extends LocalServer>(starting: Promise<Server>): Promise<Server> {
    const server = await starting;
    if (this.phase === 'stopping') await server.stop();
    this.continueOrThrow();
    this.running.push(server);
    void server.exited.then(({ code, signal }) => {
      if (this.phase === 'stopping') return;
      this.reportFailure(
        new ExplainedError(
          `${server.name} ended by itself (${how({ code, signal })}). The end of ${server.logFile}:\n${logTail(server.logFile)}`,
        ),
      );
    });
    return server;
  }

  /** For what holds nothing, such as nginx: its end costs clients a reconnect, and not the whole system its life. */
  private async keepUp(launch: () => Promise<LocalServer>, starts = 1): Promise<LocalServer> {
    if (starts >= maxStarts) return this.watch(launch());
    const server = await launch();
    if (this.phase === 'stopping') await server.stop();
    this.continueOrThrow();
    this.running.push(server);
    void server.exited.then(async (exit) => {
      if (this.phase === 'stopping') return;
      say(`${server.name} ended by itself (${how(exit)}); starting it again.`);
      await server.stop(); // what it left behind
      this.running.splice(this.running.indexOf(server), 1);
      try {
        noteNginx((await this.keepUp(launch, starts + 1)).pid);
      } catch (error) {
        this.reportFailure(error as Error);
      }
    });
    return server;
  }

  private continueOrThrow(): void {
    if (this.phase === 'stopping') throw new ExplainedError('Stopped while starting.');
  }

  private announce(params: {
    readonly surroundings: Surroundings;
    readonly services: readonly ServiceProcess[];
    readonly nginx: LocalServer;
  }): void {
    const { surroundings, services, nginx } = params;
    const { postgres, nats, redis, tls, registration } = surroundings;
    const url = serverUrl(surroundings);
    writeRunFile({
      startedAt: new Date().toISOString(),
      pid: process.pid,
      serverUrl: url,
      caFile: tls?.caFile ?? null,
      registration,
      bootstrapTokenFile: secretFile('bootstrap-token'),
      services: services.map(({ service, pid, logFile }) => ({
        service: service.service,
        instance: service.instance,
        url: service.url,
        pid,
        logFile,
      })),
      servers: {
        postgres: { adminUrl: adminUrl(postgres), pid: postgres.pid },
        nats: { observerUrl: natsUrl(nats, 'observer'), pid: nats.pid },
        redis: { url: redis.url, pid: redis.pid },
        nginx: { pid: nginx.pid },
      },
    });
    for (const line of announcement({ surroundings, services, nginx })) say(line);
  }
}

function how({ code, signal }: ServerExit): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}

function sayTaken(ports: Parameters<typeof takenPorts>[0]): void {
  const taken = takenPorts(ports);
  if (taken.length > 0)
    say(`Other programs have these ports; taking the next free ones: ${taken.join(', ')}.`);
}

function say(line: string): void {
  console.log(line);
}
