/**
 * Images of Postgres, NATS and Redis made of this machine's own programs, for tests where none can be pulled. They have names of their
 * own, so that nobody takes them for upstream's. What the chart and Compose count on of upstream's is there: users, paths, the first
 * start.
 */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  ExplainedError,
  findProgram,
  natsServerProgram,
  redisServerProgram,
  run,
  type Say,
} from '@cipherchat/test-kit';
import { copyProgram, writeOwnImage, type OwnImageSettings } from './own-image.js';

export const storeImages = {
  postgres: 'cipherchat-test/postgres:own',
  nats: 'cipherchat-test/nats:own',
  redis: 'cipherchat-test/valkey:own',
} as const;

/** As upstream's image does it: only the first start listens to nobody, makes the database and runs what is mounted. */
const firstStart = `#!/bin/sh
set -eu
owner="\${POSTGRES_USER:-postgres}"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA"
  initdb --pgdata "$PGDATA" --username "$owner" --pwfile "$POSTGRES_PASSWORD_FILE" --encoding UTF8 --locale C \\
    --auth-host scram-sha-256 --auth-local trust
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  pg_ctl --pgdata "$PGDATA" --wait -o "-c listen_addresses= -c unix_socket_directories=/var/run/postgresql" start
  psql --host /var/run/postgresql --username "$owner" --dbname postgres -c "create database \\"$POSTGRES_DB\\""
  for file in /docker-entrypoint-initdb.d/*.sql; do
    psql --host /var/run/postgresql --username "$owner" --dbname "$POSTGRES_DB" -v ON_ERROR_STOP=1 -f "$file"
  done
  pg_ctl --pgdata "$PGDATA" --wait --mode fast stop
fi
exec "$@" -c "listen_addresses=*"
`;

const shellPrograms = ['sh', 'mkdir', 'sleep', 'cat', 'chown', 'chmod', 'rm', 'id'];
const postgresPrograms = ['postgres', 'initdb', 'pg_ctl', 'pg_isready', 'psql', 'pg_dump', 'pg_restore'];

/** Archives of the three in `folder`. @throws ExplainedError when a program is missing */
export async function writeStoreImages(params: {
  readonly folder: string;
  readonly say: Say;
}): Promise<readonly string[]> {
  const { folder, say } = params;
  mkdirSync(folder, { recursive: true });
  const nats = await natsServerProgram(say);
  const redis = await redisServerProgram(say);
  const write = (
    name: keyof typeof storeImages,
    settings: OwnImageSettings,
    fill: (files: string) => Promise<void>,
  ): Promise<string> =>
    writeOwnImage({ name: storeImages[name], settings, fill, archive: path.join(folder, `${name}.tar`) });
  const plain = { entrypoint: [], stopSignal: 'SIGTERM' } as const;
  return [
    await write('nats', { ...plain, command: ['nats-server'] }, (files) =>
      copyProgram({ files, from: nats, to: '/usr/bin/nats-server' }),
    ),
    await write('redis', { ...plain, command: ['valkey-server'] }, (files) =>
      copyProgram({ files, from: redis, to: '/usr/bin/valkey-server' }),
    ),
    await write(
      'postgres',
      {
        entrypoint: ['/usr/bin/first-start'],
        command: ['postgres'],
        environment: { PGDATA: '/var/lib/postgresql/18/docker' },
        stopSignal: 'SIGINT', // SIGTERM would wait until every client has gone
      },
      fillPostgres,
    ),
  ];
}

async function fillPostgres(files: string): Promise<void> {
  // What is mounted there, a new volume as well as memory, takes this mode.
  for (const folder of ['var/lib/postgresql', 'var/run/postgresql']) {
    mkdirSync(path.join(files, folder), { recursive: true });
    chmodSync(path.join(files, folder), 0o1777);
  }
  const bin = postgresFolder();
  const { stdout } = await run({ program: path.join(bin, 'pg_config'), args: ['--sharedir', '--pkglibdir'] });
  const [share = '', lib = ''] = stdout.trim().split('\n');
  for (const program of postgresPrograms)
    await copyProgram({ files, from: path.join(bin, program), to: path.join(bin, program) });
  for (const program of shellPrograms) {
    const from = findProgram(program);
    if (from === undefined) throw new ExplainedError(`${program} is missing on this machine.`);
    await copyProgram({ files, from, to: `/bin/${program}` });
  }
  cpSync(share, path.join(files, share), { recursive: true });
  // Without the compiler of LLVM, which would bring 100 MB, Postgres interprets.
  const withoutCompiler = (from: string): boolean => !/llvmjit|bitcode/.test(from);
  cpSync(lib, path.join(files, lib), { recursive: true, filter: withoutCompiler });
  cpSync('/usr/share/zoneinfo', path.join(files, 'usr/share/zoneinfo'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  mkdirSync(path.join(files, 'etc'), { recursive: true });
  writeFileSync(path.join(files, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\npostgres:x:999:999::/tmp:/bin/sh\n');
  const script = path.join(files, 'usr/bin/first-start');
  mkdirSync(path.dirname(script), { recursive: true });
  writeFileSync(script, firstStart.replace('set -eu', `set -eu\nPATH=${bin}:$PATH`));
  chmodSync(script, 0o755);
  linkPrograms({ files, bin });
}

/** The chart calls them by name, whatever the folder is that this distribution keeps them in. */
function linkPrograms({ files, bin }: { readonly files: string; readonly bin: string }): void {
  mkdirSync(path.join(files, 'usr/local/bin'), { recursive: true });
  for (const program of postgresPrograms) {
    const link = path.join(files, 'usr/local/bin', program);
    writeFileSync(link, `#!/bin/sh\nexec ${path.join(bin, program)} "$@"\n`);
    chmodSync(link, 0o755);
  }
}

/** Debian keeps them out of PATH, a folder for each version: the newest. */
function postgresFolder(): string {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  const newest = versions.toSorted((one, other) => Number(other) - Number(one))[0];
  const pgConfig = newest === undefined ? undefined : path.join(debian, newest, 'bin');
  if (pgConfig === undefined || !existsSync(path.join(pgConfig, 'initdb')))
    throw new ExplainedError('Postgres is missing. To get it: apt-get install postgresql.');
  return pgConfig;
}
