import { existsSync, readFileSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
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
import type { TlsFiles } from './tls.js';

const readyTimeoutMs = 60_000;
const healthTimeoutMs = 2_000;

/** A service of ours that runs and was ready at least once. */
export type ServiceProcess = LocalServer & { readonly service: LocalService };

/** Starts a service and waits until it says that it is ready. Its log begins anew. */
export async function startServiceProcess(
  service: LocalService,
  tls: TlsFiles | undefined,
): Promise<ServiceProcess> {
  const logFile = logFileOf(service.instance);
  if (existsSync(logFile)) rmSync(logFile);
  const command: ServerCommand = {
    name: service.instance,
    program: process.execPath,
    args: [...serviceArguments, programOf(service)],
    cwd: root,
    env: { PATH: inheritedEnvironment()['PATH'], TZ: 'UTC', ...service.environment },
    stopSignal: 'SIGTERM',
    logFile,
  };
  const server = await startProcess(command);
  const certificate = tls === undefined ? undefined : readFileSync(tls.caFile, 'utf8');
  await waitUntilReady({
    command,
    process: server,
    isReady: async () => hasSaidListening(logFile) && (await isReady({ url: service.url, certificate })),
    timeoutMs: readyTimeoutMs,
  });
  return { ...server, name: service.instance, url: service.url, port: service.port, logFile, service };
}

/** Another system's service may answer on a port that ours failed to get; only ours writes this log. */
function hasSaidListening(logFile: string): boolean {
  return readFileSync(logFile, 'utf8').includes('"event":"service.listening"');
}

function isReady(params: {
  readonly url: string;
  readonly certificate: string | undefined;
}): Promise<boolean> {
  const { url, certificate } = params;
  return new Promise((resolve) => {
    const send = certificate === undefined ? httpRequest : httpsRequest;
    const request = send(
      `${url}/healthz/ready`,
      { timeout: healthTimeoutMs, ca: certificate, agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
    request.end();
  });
}
