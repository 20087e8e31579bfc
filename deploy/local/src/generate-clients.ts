import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import {
  ExplainedError,
  inheritedEnvironment,
  migrationNames,
  run,
  serviceDatabases,
} from '@cipherchat/test-kit';
import { inRoot } from './repository.js';

const require = createRequire(import.meta.url);

/** Writes what each service is built with of its database, and generates the Prisma client where the schema has changed since; returns the services generated for. */
export async function generateClients(): Promise<readonly string[]> {
  const generated: string[] = [];
  for (const { service, schemaPath, migrationsDir } of serviceDatabases) {
    if (!existsSync(schemaPath)) continue;
    if (await generateClient({ service, schemaPath })) generated.push(service);
    writeMigrationNames({ service, migrationsDir });
  }
  return generated;
}

async function generateClient(params: {
  readonly service: string;
  readonly schemaPath: string;
}): Promise<boolean> {
  const { service, schemaPath } = params;
  const appDir = inRoot('apps', service);
  const output = path.join(appDir, 'src/generated/prisma');
  const stampFile = path.join(output, '.made-from');
  const stamp = fingerprint(schemaPath);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return false;
  rmSync(output, { recursive: true, force: true });
  const prisma = path.join(path.dirname(require.resolve('prisma/package.json')), 'build/index.js');
  const { status, stdout, stderr } = await run({
    program: process.execPath,
    args: [prisma, 'generate', '--schema', schemaPath],
    cwd: appDir,
    env: inheritedEnvironment({
      // `generate` wants an engine binary to exist, would download it, and never runs it.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: 'true',
      CHECKPOINT_DISABLE: '1',
    }),
  });
  if (status !== 0) throw new ExplainedError(`prisma generate failed for ${service}:\n${stdout}${stderr}`);
  writeFileSync(stampFile, stamp);
  return true;
}

/** What a service expects of its database: the migrations that were there when it was built. */
function writeMigrationNames(params: { readonly service: string; readonly migrationsDir: string }): void {
  const file = inRoot('apps', params.service, 'src/generated/migrations.ts');
  const names = migrationNames(params.migrationsDir).map((name) => `  '${name}',\n`);
  const text = `export const migrations: readonly string[] = [\n${names.join('')}];\n`;
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

/** Content, not time: a checkout gives every file a new time. */
function fingerprint(schemaPath: string): string {
  const { version } = require('prisma/package.json') as { readonly version: string };
  return createHash('sha256').update(version).update('\0').update(readFileSync(schemaPath)).digest('hex');
}
