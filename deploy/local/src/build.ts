import path from 'node:path';
import { createRequire } from 'node:module';
import { ExplainedError, run, type Say } from '@cipherchat/test-kit';
import { generateClients } from './generate-clients.js';
import { root } from './repository.js';

/** What `npm start` runs and what it tells people to try; each with everything that it stands on. */
export const runnablePackages = [
  'apps/auth',
  'apps/key-directory',
  'apps/message-store',
  'apps/gateway',
  'apps/cli',
] as const;

/** Builds what is out of date: the Prisma clients, then the TypeScript of all packages or of some (a second when nothing changed). */
export async function build(say: Say, packages: readonly string[] = []): Promise<void> {
  const generated = await generateClients();
  if (generated.length > 0) say(`Generated Prisma clients: ${generated.join(', ')}.`);
  const compiler = path.join(
    path.dirname(createRequire(import.meta.url).resolve('@typescript/native/package.json')),
    'bin/tsc',
  );
  const { status, stdout, stderr } = await run({
    program: process.execPath,
    args: [compiler, '-b', ...packages],
    cwd: root,
  });
  if (status !== 0) throw new ExplainedError(`The build failed:\n${stdout}${stderr}`);
}
