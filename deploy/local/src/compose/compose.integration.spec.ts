/** deploy/compose.yaml with what `npm run compose` writes, by the programs that read both. No container is started. */
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  composeReaderProgram,
  natsServerProgram,
  nginxProgram,
  prepareService,
  run,
  serviceDatabases,
  startPostgres,
  temporaryFolder,
  withClient,
} from '@cipherchat/test-kit';
import { parse } from 'yaml';
import { inRoot, versionOfProject } from '../repository.js';
import { tlsFilesIn } from '../tls.js';
import { writeComposeFiles, type ComposeOptions } from './compose-files.js';

type Service = {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly user?: string;
  readonly networks?: Readonly<Record<string, { readonly ipv4_address?: string } | null>>;
  readonly ports?: readonly { readonly published: string; readonly target: number }[];
  readonly secrets?: readonly { readonly source: string }[];
  readonly volumes?: readonly { readonly type: string; readonly source: string }[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
};
type Project = {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
};

const folder = temporaryFolder('compose');
const text = readFileSync(inRoot('deploy/compose.yaml'), 'utf8');
const written = path.join(folder.path, 'written');
let options: ComposeOptions;
let project: Project;

beforeAll(async () => {
  const { certFile, keyFile } = await tlsFilesIn({ folder: path.join(folder.path, 'ca'), now: new Date() });
  options = {
    folder: written,
    url: new URL('https://chat.example.org:8443'),
    certFile,
    keyFile,
    registration: 'invite',
    version: versionOfProject(),
    subnet: '10.77.7.0/24',
  };
  writeComposeFiles(options);
  const file = path.join(folder.path, 'compose.yaml');
  writeFileSync(file, filledIn());
  const read = await run({
    program: await composeReaderProgram(() => {}),
    args: ['-format', 'json', file],
  });
  if (read.status !== 0) throw new Error(read.stderr);
  project = JSON.parse(read.stdout) as Project;
});
afterAll(() => folder.remove());

const variables = (): ReadonlyMap<string, string> =>
  new Map(
    readFileSync(path.join(written, 'environment'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]),
  );

/** As Compose does it with `--env-file`. */
function filledIn(): string {
  const known = variables();
  return text.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => known.get(name) ?? whole);
}

const ours = (): readonly (readonly [string, Service])[] =>
  Object.entries(project.services).filter(([, { image }]) => image.startsWith('cipherchat/'));

describe('the file', () => {
  it('is filled in by what is written, and by all of it', () => {
    expect(filledIn()).not.toContain('${');
    for (const name of variables().keys()) expect(text).toContain(`\${${name}}`);
  });

  it('holds the version of the project, and the same servers as the chart', () => {
    for (const [name, { image }] of ours())
      expect([name, image.split(':')[1]]).toEqual([name, versionOfProject()]);
    const chart = parse(readFileSync(inRoot('charts/cipherchat/values.yaml'), 'utf8')) as Readonly<
      Record<string, { readonly bundled: { readonly image: string } }>
    >;
    for (const server of ['postgres', 'nats', 'redis'])
      expect(project.services[server]?.image).toBe(chart[server]?.bundled.image);
  });

  it('lets our programs write nothing, and be nobody', () => {
    for (const [name, service] of ours())
      expect([name, service]).toEqual([
        name,
        expect.objectContaining({
          read_only: true,
          cap_drop: ['ALL'],
          security_opt: ['no-new-privileges:true'],
        }),
      ]);
  });

  it('shows one port to the world, that of nginx', () => {
    const shown = Object.entries(project.services).filter(([, { ports }]) => ports !== undefined);
    expect(shown).toEqual([
      [
        'web',
        expect.objectContaining({ ports: [expect.objectContaining({ published: '8443', target: 8443 })] }),
      ],
    ]);
  });

  it('starts no service before its migrations, and nginx after all of them', () => {
    for (const { service } of serviceDatabases)
      expect(project.services[service]?.depends_on?.[`migrations-${service}`]?.condition).toBe(
        'service_completed_successfully',
      );
    expect(Object.keys(project.services['web']?.depends_on ?? {}).toSorted()).toEqual(
      ours()
        .map(([name]) => name)
        .filter((name) => name !== 'web' && !name.startsWith('migrations'))
        .toSorted(),
    );
  });

  it.each(['auth', 'key-directory', 'message-store', 'gateway-1', 'gateway-2'])(
    'tells %s nothing that it does not know, and gives it the secrets that it is told of',
    (name) => {
      const service = project.services[name];
      const known = ['libs/service-kit/src/variables.ts', `apps/${name.replace(/-\d$/, '')}/src/config.ts`]
        .filter((file) => existsSync(inRoot(file)))
        .map((file) => readFileSync(inRoot(file), 'utf8'))
        .join('\n');
      const files: string[] = [];
      for (const [variable, value] of Object.entries(service?.environment ?? {})) {
        expect(known).toContain(`'${variable.replace(/_FILE$/, '')}'`);
        if (variable.endsWith('_FILE')) files.push(value.replace('/run/secrets/', ''));
      }
      expect(service?.secrets?.map(({ source }) => source).toSorted()).toEqual(files.toSorted());
    },
  );
});

describe('what is written', () => {
  it('is every file that is mounted, which containers may read and only the operator can reach', () => {
    const mounted = Object.values(project.services)
      .flatMap(({ volumes = [] }) => volumes)
      .filter(({ type }) => type === 'bind')
      .map(({ source }) => source);
    for (const file of [...mounted, ...Object.values(project.secrets).map((secret) => secret.file)])
      expect([file, statSync(file).mode & 0o004]).toEqual([file, 0o004]);
    expect(statSync(written).mode & 0o777).toBe(0o700);
    expect(statSync(path.join(written, 'tls/tls.key')).mode & 0o004).toBe(0o004);
  });

  it('keeps its secrets, however often it is written', () => {
    const all = (): readonly string[] =>
      Object.values(project.secrets).map(({ file }) => readFileSync(file, 'utf8'));
    const before = all();
    writeComposeFiles({ ...options, registration: 'open' });
    expect(all()).toEqual(before);
    expect(variables().get('CIPHERCHAT_REGISTRATION')).toBe('open');
  });

  it('is a configuration that nginx takes', async () => {
    const at = path.join(folder.path, 'nginx');
    const conf = path.join(at, 'nginx.conf');
    cpSync(path.join(written, 'nginx'), at, { recursive: true });
    for (const file of readdirSync(at)) {
      const content = readFileSync(path.join(at, file), 'utf8')
        .replaceAll('"/tmp', `"${folder.path}`)
        .replaceAll('/etc/nginx/tls', path.join(written, 'tls'))
        .replaceAll('/dev/stdout', path.join(folder.path, 'access.log'));
      writeFileSync(path.join(at, file), content);
    }
    const { status, stderr } = await run({
      program: await nginxProgram(() => {}),
      args: ['-t', '-c', conf],
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('test is successful') });
  });

  it('leads nginx to where the services are', () => {
    const upstreams = readFileSync(path.join(written, 'nginx/upstreams.conf'), 'utf8');
    for (const service of ['auth', 'key-directory', 'message-store', 'gateway-1', 'gateway-2'])
      expect(upstreams).toContain(` ${project.services[service]?.networks?.['inside']?.ipv4_address}:3000 `);
    const { environment } = project.services['auth'] ?? {};
    expect(environment?.['TRUSTED_PROXIES']).toBe(
      project.services['web']?.networks?.['inside']?.ipv4_address,
    );
  });

  it('is a configuration that NATS takes', async () => {
    const { status } = await run({
      program: await natsServerProgram(() => {}),
      args: ['-t', '--config', path.join(written, 'secrets/nats.conf')],
    });
    expect(status).toBe(0);
  });

  it('makes roles that read and write rows of their service, once its migrations ran, and nothing else', async () => {
    const postgres = await startPostgres();
    try {
      await withClient(postgres.url, (client) => client.query('create database cipherchat'));
      const owner = new URL(postgres.url);
      owner.pathname = '/cipherchat';
      await withClient(owner.href, (client) =>
        client.query(readFileSync(path.join(written, 'secrets/roles.sql'), 'utf8')),
      );
      for (const database of serviceDatabases) await prepareService({ databaseUrl: owner.href, database });
      for (const { service, postgresSchema } of serviceDatabases) {
        const url = new URL(readFileSync(path.join(written, `secrets/database-url-${service}`), 'utf8'));
        url.host = owner.host;
        await withClient(url.href, async (client) => {
          const tables = await client.query<{ readonly name: string; readonly writes: boolean }>(
            `select table_schema || '.' || table_name as name, has_table_privilege(format('%I.%I', table_schema, table_name), 'insert') as writes
               from information_schema.tables where table_schema in ('auth', 'directory', 'messages')`,
          );
          expect(tables.rows.length).toBeGreaterThan(1);
          for (const { name, writes } of tables.rows) {
            expect(name.startsWith(`${postgresSchema}.`)).toBe(true);
            // It may see which migrations there were.
            expect([name, writes]).toEqual([name, !name.endsWith('._prisma_migrations')]);
          }
          await expect(client.query('create table mine (id int)')).rejects.toThrow();
        });
      }
    } finally {
      await postgres.stop();
    }
  });
});
