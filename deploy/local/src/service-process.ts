import { existsSync, readFileSync, rmSync } from 'node:fs';
import {
  inheritedEnvironment,
  serviceArguments,
  startProcess,
  waitUntilReady,
  type ServerCommand,
} from '@cipherchat/test-kit';
import { logFileOf, type LocalServer } from './infrastructure.js';
import { root } from './repository.js';
import { programOf, type LocalService } from './services.js';

const readyTimeoutMs = 60_000;
const healthTimeoutMs = 2_000;

/** A service of ours that runs and was ready at least once. */
export type ServiceProcess = LocalServer & { readonly service: LocalService };

/** Starts a service and waits until it says that it is ready. Its log begins anew. */
export async function startServiceProcess(service: LocalService): Promise<ServiceProcess> {
  const logFile = logFileOf(service.instance);
  if (existsSync(logFile)) rmSync(logFile);
  const command: ServerCommand = {
    name: service.instance,
    program: process.execPath,
    args: [...serviceArguments, programOf(service)],
    cwd: root,
    env: { ...passedOn(), TZ: 'UTC', ...service.environment },
    stopSignal: 'SIGTERM',
    logFile,
  };
  const server = await startProcess(command);
  await waitUntilReady({
    command,
    process: server,
    isReady: async () => hasSaidListening(logFile) && (await isReady(service.url)),
    timeoutMs: readyTimeoutMs,
  });
  return { ...server, name: service.instance, url: service.url, port: service.port, logFile, service };
}

/** Another system's service may answer on a port that ours failed to get; only ours writes this log. */
function hasSaidListening(logFile: string): boolean {
  return readFileSync(logFile, 'utf8').includes('"event":"service.listening"');
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/healthz/ready`, {
      signal: AbortSignal.timeout(healthTimeoutMs),
      headers: { connection: 'close' },
    });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch {
    return false; // it does not listen yet
  }
}

/** Of the environment of whoever started us; the rest is none of the services' business. */
function passedOn(): NodeJS.ProcessEnv {
  const given = inheritedEnvironment();
  const names = [
    'PATH',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'OTEL_EXPORTER_OTLP_HEADERS',
    'OTEL_TRACES_SAMPLER_ARG',
  ];
  return Object.fromEntries(names.map((name) => [name, given[name]]));
}
