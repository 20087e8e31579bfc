/** What each image weighs, and how long it takes until it serves: against real Postgres, NATS and Redis of this run. */
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import {
  createServiceRoles,
  ExplainedError,
  prepareDatabase,
  randomFreePort,
  serviceDatabases,
  startNats,
  startPostgres,
  startRedis,
  temporaryFolder,
  type DatabaseService,
} from '@cipherchat/test-kit';
import type { BuildParams } from './build-images.js';
import { answers, runContainer, startupOf, type ContainerParams } from './container.js';
import { tagOf, type ImageName } from './image-list.js';
import { neededTogether, sendThrough } from './send-through.js';
import { environmentOf, writeWebConfig, type ServiceImage, type Stores } from './settings.js';

export type Measured = {
  readonly name: ImageName;
  readonly bytes: number;
  /** The median of some starts, in ms. */
  readonly startMs: number;
  /** What the time is of. */
  readonly until: string;
};

const starts = 3;

/** @throws ExplainedError for one that does not start, or does not do what it is for */
export async function measureImages(params: BuildParams): Promise<readonly Measured[]> {
  const { docker, version, wanted, say } = params;
  const [postgres, nats, redis] = await Promise.all([startPostgres(), startNats(), startRedis()]);
  try {
    const passwords = { auth: secret(), 'key-directory': secret(), 'message-store': secret() };
    await createServiceRoles({ adminUrl: postgres.url, passwords });
    const stores: Stores = { adminUrl: postgres.url, natsUrl: nats.url, redisUrl: redis.url, passwords };
    const containerOf = (name: ImageName): ContainerParams => ({ docker, tag: tagOf(name, version) });
    for (const { service } of serviceDatabases)
      if (wanted.some(({ name }) => name === service))
        await refusesToStart(service, { container: containerOf(service), stores });
    if (!wanted.some(({ name }) => name === 'migrations')) await prepareDatabase(stores);
    const measured: Measured[] = [];
    // Migrations first: services do not start before them.
    const order = wanted.toSorted(
      (one, other) => Number(other.name === 'migrations') - Number(one.name === 'migrations'),
    );
    for (const { name } of order) {
      const bytes = Number(
        await docker.must(['image', 'inspect', '--format={{.Size}}', tagOf(name, version)]),
      );
      measured.push({ name, bytes, ...(await started(name, { container: containerOf(name), stores })) });
    }
    if (neededTogether.every((name) => wanted.some((image) => image.name === name)))
      say(await sendThrough({ containerOf, stores }));
    return wanted.flatMap(({ name }) => measured.filter((each) => each.name === name));
  } finally {
    await Promise.all([nats, redis].map((server) => server.stop()));
    await postgres.stop();
  }
}

async function started(
  name: ImageName,
  { container, stores }: Surroundings,
): Promise<Pick<Measured, 'startMs' | 'until'>> {
  switch (name) {
    case 'auth':
    case 'key-directory':
    case 'gateway':
    case 'message-store':
      return {
        startMs: await median(() => serviceStart(name, { container, stores })),
        until: 'is ready',
      };
    case 'web':
      return { startMs: await median(() => webStart(container)), until: 'serves the app' };
    case 'migrations':
      return {
        startMs: await migrationTime({ container, stores }),
        until: 'has brought a database up to date',
      };
    case 'cli':
      return {
        startMs: await median(() => timed({ ...container, args: ['--help'] }, /Usage: cipherchat/)),
        until: 'has said its help',
      };
    case 'k6':
      return {
        startMs: await median(() =>
          // A port where nobody is: everything but the load itself.
          timed(
            { ...container, args: ['steady-chat', '--target', 'http://127.0.0.1:9'] },
            /No CipherChat at/,
          ),
        ),
        until: 'has asked its target',
      };
  }
}

type Surroundings = { readonly container: ContainerParams; readonly stores: Stores };

async function serviceStart(name: ServiceImage, { container, stores }: Surroundings): Promise<number> {
  const port = await randomFreePort();
  const isReady = (): Promise<boolean> => answers(`http://127.0.0.1:${port}/healthz/ready`);
  return startupOf({ ...container, environment: environmentOf(name, { stores, port }), isReady });
}

/** Before its migrations ran. @throws ExplainedError when it does start, or says another reason */
async function refusesToStart(name: DatabaseService, { container, stores }: Surroundings): Promise<void> {
  const environment = environmentOf(name, { stores, port: await randomFreePort() });
  await timed(
    { ...container, environment },
    /"event":"service.start-failed","errorName":"SchemaBehindError"/,
  );
}

/** The first run of each applies them, on an empty database. A second one must find nothing to do. */
async function migrationTime({ container, stores }: Surroundings): Promise<number> {
  const environment = { DATABASE_URL: stores.adminUrl };
  const times: number[] = [];
  for (const { service } of serviceDatabases) {
    times.push(await timed({ ...container, environment, args: [service] }, /: applied /));
    await timed({ ...container, environment, args: [service] }, /: up to date/);
  }
  return middleOf(times);
}

async function webStart(container: ContainerParams): Promise<number> {
  const folder = temporaryFolder('web');
  try {
    const port = await randomFreePort();
    const nowhere = '127.0.0.1:9';
    const services = { auth: nowhere, keyDirectory: nowhere, messageStore: nowhere, gateways: [nowhere] };
    writeWebConfig(folder.path, { port, ...services });
    return await startupOf({
      ...container,
      mounts: { '/etc/nginx/cipherchat': path.resolve(folder.path) },
      isReady: () => answers(`http://127.0.0.1:${port}/`),
    });
  } finally {
    folder.remove();
  }
}

/** Of a program that ends by itself. @throws ExplainedError when it does not say what it should */
async function timed(container: ContainerParams, expected: RegExp): Promise<number> {
  const startedAt = performance.now();
  const { stdout, stderr } = await runContainer(container);
  if (!expected.test(`${stdout}${stderr}`))
    throw new ExplainedError(`${container.tag} ${container.args?.join(' ')} said:\n${stdout}${stderr}`);
  return performance.now() - startedAt;
}

async function median(measure: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let time = 0; time < starts; time++) times.push(await measure());
  return middleOf(times);
}

function middleOf(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0;
}

function secret(): string {
  return randomBytes(24).toString('base64url');
}
