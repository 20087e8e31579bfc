/** Docker: the daemon that runs already, else one of our own with its data in a folder, stopped when we are done. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import {
  dockerPrograms,
  ExplainedError,
  findProgram,
  inheritedEnvironment,
  run,
  startProcess,
  temporaryFolder,
  waitUntilReady,
  type Finished,
  type Say,
  type ServerCommand,
} from '@cipherchat/test-kit';

const readyTimeoutMs = 60_000;

export type Docker = {
  readonly program: string;
  /** For other programs that are to find this daemon. */
  readonly environment: NodeJS.ProcessEnv;
  readonly isStartedByUs: boolean;
  readonly run: (args: readonly string[]) => Promise<Finished>;
  /** @throws ExplainedError with what docker said */
  readonly must: (args: readonly string[]) => Promise<string>;
  /** Runs a command with this on its standard input. @throws ExplainedError */
  readonly feed: (args: readonly string[], input: Readable) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/**
 * What a daemon of ours may do. `none`: steps and containers use the machine's own network, and its firewall is left alone. `full`: what
 * an installed one does, bridges and firewall, for a process that is in a network namespace of its own.
 */
export type DockerNetworks = 'none' | 'full';

export async function connectDocker(params: {
  readonly dataDir: string;
  readonly networks: DockerNetworks;
  readonly say: Say;
}): Promise<Docker> {
  const { dataDir, networks, say } = params;
  const { docker, dockerd } = await dockerPrograms(say);
  const running = clientOf({ program: docker, host: undefined, stop: () => Promise.resolve() });
  if ((await running.run(['info'])).status === 0) return running;
  const unshare = findProgram('unshare');
  if (dockerd === undefined || unshare === undefined || process.getuid?.() !== 0)
    throw new ExplainedError(
      'No Docker daemon answers. Start it; as root on Linux it is started for the run.',
    );
  say('Starting a Docker daemon for this run.');
  return startDaemon({ docker, dockerd, unshare, dataDir, networks });
}

async function startDaemon(params: {
  readonly docker: string;
  readonly dockerd: string;
  readonly unshare: string;
  readonly dataDir: string;
  readonly networks: DockerNetworks;
}): Promise<Docker> {
  const { docker, dockerd, unshare, dataDir, networks } = params;
  // Its socket lies there too, and paths of sockets are short.
  const folder = temporaryFolder('docker');
  const inFolder = (name: string): string => path.join(folder.path, name);
  mkdirSync(dataDir, { recursive: true });
  const host = `unix://${inFolder('docker.sock')}`;
  const command: ServerCommand = {
    name: 'dockerd',
    // Namespaces of its own: what it mounts ends with it.
    program: unshare,
    args: [
      '--mount',
      dockerd,
      `--host=${host}`,
      `--data-root=${dataDir}`,
      `--exec-root=${inFolder('run')}`,
      `--pidfile=${inFolder('docker.pid')}`,
      ...(networks === 'none' ? ['--bridge=none', '--iptables=false', '--ip6tables=false'] : []),
    ],
    stopSignal: 'SIGTERM',
    logFile: inFolder('dockerd.log'),
  };
  const daemon = await startProcess(command);
  const stop = async (): Promise<void> => {
    await daemon.stop();
    // It leaves the network of containers that have none mounted there.
    await run({ program: 'umount', args: [inFolder('run/netns/default')] });
    folder.remove();
  };
  const client = clientOf({ program: docker, host, stop });
  await waitUntilReady({
    command,
    process: daemon,
    isReady: async () => (await client.run(['info'])).status === 0,
    timeoutMs: readyTimeoutMs,
  });
  return client;
}

function clientOf(params: {
  readonly program: string;
  readonly host: string | undefined;
  readonly stop: () => Promise<void>;
}): Docker {
  const { program, host, stop } = params;
  const env = inheritedEnvironment({
    DOCKER_BUILDKIT: '1',
    BUILDKIT_PROGRESS: 'plain',
    ...(host === undefined ? {} : { DOCKER_HOST: host }),
  });
  const attempt: Docker['run'] = (args) => run({ program, args, env });
  return {
    program,
    environment: env,
    isStartedByUs: host !== undefined,
    run: attempt,
    must: async (args) => {
      const { status, stdout, stderr } = await attempt(args);
      if (status !== 0) throw new ExplainedError(`docker ${args[0]} failed:\n${tail(`${stdout}${stderr}`)}`);
      return stdout.trim();
    },
    feed: async (args, input) => {
      const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'], env });
      // When it refuses the input, it says why.
      child.stdin.on('error', () => {});
      input.pipe(child.stdin);
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
      const status = await new Promise<number | null>((resolve) => {
        child.once('error', () => resolve(null));
        child.once('close', resolve);
      });
      if (status !== 0) throw new ExplainedError(`docker ${args[0]} failed:\n${tail(said)}`);
    },
    stop,
  };
}

const tailLines = 40;

function tail(text: string): string {
  return text.trimEnd().split('\n').slice(-tailLines).join('\n');
}
