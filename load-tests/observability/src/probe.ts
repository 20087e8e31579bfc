/** A real `cipherchat probe`, as an operator runs it. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  inheritedEnvironment,
  randomFreePort,
  startProcess,
  waitUntilReady,
  type RunningServer,
  type ServerCommand,
} from '@cipherchat/test-kit';

const cli = fileURLToPath(new URL('../../../apps/cli/bin/cipherchat.js', import.meta.url));
const everyMs = 250;
const readyTimeoutMs = 120_000;

/** Resolves when its messages arrive. */
export async function startProbe(params: {
  readonly serverUrl: string;
  readonly folder: string;
}): Promise<RunningServer> {
  const { serverUrl, folder } = params;
  const port = await randomFreePort();
  const url = `http://127.0.0.1:${port}`;
  const command: ServerCommand = {
    name: 'probe',
    program: process.execPath,
    args: [
      cli,
      ...['--server', serverUrl, 'probe', '--pairs', '2', '--every', `${everyMs}ms`],
      ...['--metrics', `127.0.0.1:${port}`],
    ],
    env: inheritedEnvironment({ XDG_DATA_HOME: folder, CIPHERCHAT_RUN_FILE: path.join(folder, 'none.json') }),
    stopSignal: 'SIGINT',
    logFile: path.join(folder, 'probe.log'),
  };
  const server = await startProcess(command);
  const delivers = async (): Promise<boolean> => {
    const text = await fetch(`${url}/metrics`).then(
      (answer) => answer.text(),
      () => '',
    );
    return /^cipherchat_probe_messages_total\{outcome="delivered".*\} [1-9]/m.test(text);
  };
  await waitUntilReady({ command, process: server, isReady: delivers, timeoutMs: readyTimeoutMs });
  return { ...server, url, port };
}
