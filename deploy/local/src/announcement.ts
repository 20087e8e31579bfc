import path from 'node:path';
import type { LocalServer } from './infrastructure.js';
import type { ServiceProcess } from './service-process.js';
import { root, inData } from './repository.js';
import { serverUrl, type Surroundings } from './services.js';

/** What a person reads when everything is ready: where things listen, what to try, and the line that scripts wait for. */
export function announcement(params: {
  readonly surroundings: Surroundings;
  readonly services: readonly ServiceProcess[];
  readonly nginx: LocalServer;
}): readonly string[] {
  const { surroundings, services, nginx } = params;
  const { postgres, nats, redis, tls } = surroundings;
  const url = serverUrl(surroundings);
  const rows = [
    ...services.map(({ name, url: address, logFile }) => [name, address, logFile] as const),
    ...[nginx, postgres, nats, redis].map(
      ({ name, port, logFile }) => [name, `127.0.0.1:${port}`, logFile] as const,
    ),
  ];
  const trust = tls === undefined ? '' : `NODE_EXTRA_CA_CERTS=${relative(tls.caFile)} `;
  return [
    '',
    `Open ${url} in a browser.`,
    '',
    ...rows.map(
      ([name, address, logFile]) => `  ${name.padEnd(18)} ${address.padEnd(26)} ${relative(logFile)}`,
    ),
    '',
    'To try next, in another terminal:',
    `  ${trust}npm run demo                     two people on two gateways, a long text, a group`,
    `  ${trust}npm run cli -- --help            the command line; register, chat, send, listen`,
    `  Addresses and process ids for programs: ${relative(inData('run.json'))}`,
    'Ctrl-C stops everything; the data stays in .data.',
    '',
    `CipherChat is ready at ${url}`,
  ];
}

function relative(file: string): string {
  return path.relative(root, file);
}
