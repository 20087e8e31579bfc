/** docs/runbooks/restore.md on a cluster. What people's devices make of it is shown by `npm run test:restore`. */
import type { Case, World } from '../case.js';
import { askDatabase, databaseName, inPostgres } from '../database.js';
import { podsOf, rolledOut } from '../pods.js';
import { fullName } from '../release.js';
import { helmTest } from './helm-test.js';

const withTables = ['auth', 'key-directory', 'message-store'] as const;
/** Gateways end first and start last. */
const services = ['gateway', ...withTables] as const;
const withinS = 120;
const backup = '/tmp/backup';

const generationOf = ({ kubectl }: World): Promise<string> =>
  askDatabase(kubectl, 'select generation from messages.store_state');
const accountsOf = ({ kubectl }: World): Promise<string> =>
  askDatabase(kubectl, 'select count(*) from auth.devices');

export const restore: Case = {
  name: 'restored from a backup',
  isQuick: false,
  run: async (world) => {
    const { kubectl } = world;
    const [generation, accounts] = [await generationOf(world), await accountsOf(world)];
    await inPostgres(kubectl, ['pg_dump', '--format=custom', `--file=${backup}`, databaseName]);
    const failures = [...(await helmTest.run(world)).failures]; // accounts that the backup does not have
    if ((await accountsOf(world)) === accounts) failures.push('nothing was written since the backup');
    await scale(world, 0);
    await inPostgres(kubectl, ['pg_restore', '--clean', '--if-exists', `--dbname=${databaseName}`, backup]);
    for (const service of withTables) await tellRestored(world, service);
    await scale(world, 2);
    const restored = [await generationOf(world), await accountsOf(world)];
    if (Number(restored[0]) <= Number(generation))
      failures.push(`generation ${restored[0]} came after ${generation}`);
    if (restored[1] !== accounts) failures.push(`${restored[1]} devices of ${accounts} are there`);
    const after = await helmTest.run(world);
    return {
      figures: `generation ${generation} to ${restored[0]}; then ${after.figures}`,
      failures: [...failures, ...after.failures],
    };
  },
};

async function scale({ kubectl }: World, replicas: number): Promise<void> {
  const objects = services.map((service) => `deployment/${fullName}-${service}`);
  await kubectl.run(['scale', `--replicas=${replicas}`, ...objects]);
  if (replicas > 0) return rolledOut(kubectl, { objects: objects.toReversed(), withinS });
  const selector = `app.kubernetes.io/component in (${services.join(',')})`;
  if ((await podsOf(kubectl, services)).length === 0) return;
  await kubectl.run(['wait', '--for=delete', 'pod', `--selector=${selector}`, `--timeout=${withinS}s`]);
}

type Template = {
  readonly metadata: unknown;
  readonly spec: { readonly containers: readonly Readonly<Record<string, unknown>>[] };
};

/** A Job of the service's own pod, with another command. */
async function tellRestored({ kubectl }: World, service: string): Promise<void> {
  const deployment = await kubectl.get<{ readonly spec: { readonly template: Template } }>([
    'deployment',
    `${fullName}-${service}`,
  ]);
  const { metadata, spec } = deployment.spec.template;
  const kept = ['name', 'image', 'imagePullPolicy', 'env', 'resources', 'securityContext', 'volumeMounts'];
  const containers = spec.containers.map((container) => ({
    ...Object.fromEntries(Object.entries(container).filter(([field]) => kept.includes(field))),
    args: ['dist/restored.js'],
  }));
  const name = `restored-${service}`;
  const template = { metadata, spec: { ...spec, restartPolicy: 'Never', containers } };
  await kubectl.apply([
    { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { backoffLimit: 2, template } },
  ]);
  await kubectl.run(['wait', '--for=condition=Complete', `job/${name}`, `--timeout=${withinS}s`]);
  await kubectl.run(['delete', 'job', name]);
}
