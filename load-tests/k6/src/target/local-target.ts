/** The system of this machine: a running `npm start` as its run file describes it, else one that is started for the run. */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  randomFreePort,
  startIsolatedSystem,
  temporaryFolder,
  type NamedProcess,
} from '@cipherchat/test-kit';
import { z } from 'zod';
import { discover, type Target } from './target.js';
import { fetchFrom } from './source-addresses.js';

/** Of `.data/run.json`, what load needs. */
const runFileShape = z.object({
  serverUrl: z.url(),
  caFile: z.string().nullable(),
  services: z.array(z.object({ service: z.string(), instance: z.string(), pid: z.number() })),
  servers: z.object({
    postgres: z.object({ pid: z.number() }),
    nats: z.object({ pid: z.number() }),
    redis: z.object({ pid: z.number() }),
    nginx: z.object({ pid: z.number() }),
  }),
});

export type StartedTarget = { readonly target: Target; readonly stop: () => Promise<void> };

/** Undefined when nothing has finished starting there. @throws when the file is not one, or its system does not answer */
export async function runningTarget(runFile: string): Promise<Target | undefined> {
  let text: string;
  try {
    text = readFileSync(runFile, 'utf8');
  } catch {
    return undefined;
  }
  const { serverUrl, caFile, services, servers } = runFileShape.parse(JSON.parse(text));
  const trusted = caFile ?? undefined;
  const found = await discover({ serverUrl, allowedOrigins: [], by: fetchFrom(undefined, trusted) });
  return {
    ...found,
    kind: 'npm start',
    gateways: services.filter(({ service }) => service === 'gateway').length > 1 ? 'several' : 'one',
    caFile: trusted,
    processes: [
      ...services.map(({ instance, pid }) => ({ name: instance, pid })),
      ...Object.entries(servers).map(([name, { pid }]) => ({ name, pid })),
    ],
  };
}

/** Where loopback has one address only, the limits per address would be all that is measured. */
const scaledLimits = { RATE_LIMIT_SCALE: '1000' };

/** As `npm start` has it: nginx before two gateways, each commit synced, on Linux all limits as shipped. Gone afterwards. */
export async function startOwnTarget(logDir: string): Promise<StartedTarget> {
  const webRoot = temporaryFolder('load-web'); // nobody looks at the app
  mkdirSync(path.join(webRoot.path, 'assets'));
  const system = await startIsolatedSystem({
    durability: 'fsync',
    logDir,
    ...(process.platform === 'linux' ? {} : { environment: scaledLimits }),
    web: { root: webRoot.path, port: await randomFreePort() },
  });
  const stop = async (): Promise<void> => {
    await system.stop();
    webRoot.remove();
  };
  try {
    const found = await discover({
      serverUrl: system.serverUrl,
      allowedOrigins: [],
      by: fetchFrom(undefined, undefined),
    });
    const processes: readonly NamedProcess[] = [
      ...system.services.map(({ instance, pid }) => ({ name: instance, pid })),
      { name: 'postgres', pid: system.postgres.pid },
      { name: 'nats', pid: system.nats.pid },
      { name: 'redis', pid: system.redis.pid },
      ...(system.web === undefined ? [] : [{ name: 'nginx', pid: system.web.pid }]),
    ];
    return { target: { ...found, kind: 'own', gateways: 'several', caFile: undefined, processes }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
