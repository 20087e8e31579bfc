import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nginxProgram } from './install-program.js';
import { nginxVariables, renderTemplate, type NginxSettings } from './nginx-config.js';
import { startProcess, waitUntilReady, type RunningServer, type ServerCommand } from './server-process.js';
import { temporaryFolder } from './temporary-folder.js';

const templatesDir = fileURLToPath(new URL('../../../deploy/nginx/templates', import.meta.url));
const templateSuffix = '.template';
const readyTimeoutMs = 10_000;
const answerTimeoutMs = 2_000;

export type NginxParams = Pick<
  NginxSettings,
  | 'transport'
  | 'proxiesInFront'
  | 'perAddress'
  | 'webRoot'
  | 'auth'
  | 'keyDirectory'
  | 'messageStore'
  | 'gateways'
> & {
  readonly port: number;
  /** The address to listen on; loopback unless said. */
  readonly host?: string;
  readonly program?: string;
  readonly logFile?: string;
};

/** Starts a real nginx with the configuration of `deploy/nginx`. Its address is by name: passkeys need a domain. */
export async function startNginx(params: NginxParams): Promise<RunningServer> {
  const { port, host = '127.0.0.1', transport } = params;
  const folder = temporaryFolder('nginx');
  const instance = `nginx-${randomBytes(6).toString('hex')}`; // by which we know it from another server on the port
  const runFolder = path.join(folder.path, 'run');
  mkdirSync(runFolder);
  const configFile = writeNginxConfig(folder.path, {
    ...params,
    listen: `${host}:${port}`,
    runFolder,
    instance,
  });
  const command: ServerCommand = {
    name: 'nginx',
    program: params.program ?? (await nginxProgram(() => {})),
    args: ['-e', 'stderr', '-g', `daemon off;${asRoot()}`, '-c', configFile],
    cwd: '/',
    stopSignal: 'SIGTERM',
    logFile: params.logFile ?? path.join(folder.path, 'nginx.log'),
  };
  const server = await startProcess(command);
  // Its workers outlive a master that was killed, and keep the port.
  void server.exited.then(() => killGroup(server.pid));
  await waitUntilReady({
    command,
    process: server,
    isReady: () => answers({ port, instance, transport: transport.kind }),
    timeoutMs: readyTimeoutMs,
  });
  return {
    ...server,
    url: `${transport.kind === 'tls' ? 'https' : 'http'}://localhost:${port}`,
    port,
    stop: async () => {
      await server.stop();
      folder.remove();
    },
  };
}

/** Renders the templates of `deploy/nginx` into a folder and returns the path of the main file. */
export function writeNginxConfig(folder: string, settings: NginxSettings): string {
  const variables = nginxVariables(settings);
  for (const file of readdirSync(templatesDir).filter((name) => name.endsWith(templateSuffix))) {
    const text = renderTemplate(readFileSync(path.join(templatesDir, file), 'utf8'), variables);
    writeFileSync(path.join(folder, file.slice(0, -templateSuffix.length)), text);
  }
  return path.join(folder, 'nginx.conf');
}

/** Started by root, workers become a user who may not be allowed into a checkout in root's own folder. */
function asRoot(): string {
  return process.getuid?.() === 0 ? ' user root;' : '';
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}

/** It serves when it tells the name that we gave it; another server on the port would not. */
function answers(params: {
  readonly port: number;
  readonly instance: string;
  readonly transport: NginxSettings['transport']['kind'];
}): Promise<boolean> {
  const { port, instance, transport } = params;
  return new Promise((resolve) => {
    const send = transport === 'tls' ? httpsRequest : httpRequest;
    const options = {
      host: '127.0.0.1',
      port,
      path: '/healthz/live',
      agent: false,
      timeout: answerTimeoutMs,
      // Who it is shows in the answer; the certificate is a matter of its clients.
      rejectUnauthorized: false,
    };
    const request = send(options, (response) => {
      let said = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
      response.once('end', () => resolve(said === instance));
      response.once('error', () => resolve(false));
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
    request.end();
  });
}
