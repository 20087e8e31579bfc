/** The backup of deploy/README.md, and docs/runbooks/restore.md. What people's devices make of it is shown by `npm run test:restore`. */
import path from 'node:path';
import type { ComposeCase, World } from '../world.js';

const withTables = ['auth', 'key-directory', 'message-store'] as const;
const inPostgres = (program: string, ...args: readonly string[]): readonly string[] => [
  'exec',
  '-T',
  'postgres',
  program,
  '--username=cipherchat',
  ...args,
];

export const restore: ComposeCase = {
  name: 'restored from a backup',
  isQuick: true,
  run: async (world) => {
    const { deployment } = world;
    const file = path.join(deployment.params.folder, 'backup');
    const [generation, devices] = [await generationOf(world), await devicesOf(world)];
    await deployment.compose(inPostgres('pg_dump', '--format=custom', 'cipherchat'), `> '${file}'`);
    const failures: string[] = [];
    await probeOnce(world); // accounts that the backup does not have
    if ((await devicesOf(world)) === devices) failures.push('nothing was written since the backup');
    await deployment.compose(['stop', 'web', 'gateway-1', 'gateway-2', ...withTables]);
    const back = inPostgres('pg_restore', '--clean', '--if-exists', '--dbname=cipherchat');
    await deployment.compose(back, `< '${file}'`);
    for (const service of withTables)
      await deployment.compose(['run', '--rm', '-T', service, 'dist/restored.js']);
    await deployment.up();
    const restored = [await generationOf(world), await devicesOf(world)];
    if (Number(restored[0]) <= Number(generation))
      failures.push(`generation ${restored[0]} came after ${generation}`);
    if (restored[1] !== devices) failures.push(`${restored[1]} devices of ${devices} are there`);
    await probeOnce(world);
    return { figures: `generation ${generation} to ${restored[0]}, then the probe`, failures };
  },
};

async function ask({ deployment }: World, sql: string): Promise<string> {
  const bare = ['--dbname=cipherchat', '--tuples-only', '--no-align', '--quiet'];
  return (await deployment.compose(inPostgres('psql', ...bare, '-c', sql))).trim();
}

function generationOf(world: World): Promise<string> {
  return ask(world, 'select generation from messages.store_state');
}

function devicesOf(world: World): Promise<string> {
  return ask(world, 'select count(*) from auth.devices');
}

/** @throws ExplainedError when a message does not arrive */
function probeOnce({ cli }: World): Promise<string> {
  return cli.run(['probe', '--once', '--wait', '60s']);
}
