import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ExplainedError, inheritedEnvironment, run, serviceDatabases } from '@cipherchat/test-kit';
import { inRoot } from './repository.js';

const require = createRequire(import.meta.url);

/** Generates the Prisma client of each service whose schema has changed since; returns the services generated for. */
export async function generateClients(): Promise<readonly string[]> {
  const generated: string[] = [];
  for (const { service, schemaPath } of serviceDatabases) {
    if (existsSync(schemaPath) && (await generateClient({ service, schemaPath }))) generated.push(service);
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

/** Content, not time: a checkout gives every file a new time. */
function fingerprint(schemaPath: string): string {
  const { version } = require('prisma/package.json') as { readonly version: string };
  return createHash('sha256').update(version).update('\0').update(readFileSync(schemaPath)).digest('hex');
}
