import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ExplainedError, inheritedEnvironment, run, type Say } from '@cipherchat/test-kit';
import { inRoot, root } from './repository.js';

/** The web app as nginx serves it. */
export const webRoot = inRoot('apps/web/dist');

/** Builds the web app, or takes what Nx remembers of the same sources. */
export async function buildWeb(say: Say): Promise<void> {
  if (!existsSync(inRoot('apps/web/vite.config.ts'))) return;
  say('Building the web app.');
  const { status, stdout, stderr } = await run({
    program: process.execPath,
    args: [createRequire(import.meta.url).resolve('nx/bin/nx.js'), 'run', '@cipherchat/web:bundle'],
    cwd: root,
    env: inheritedEnvironment({ NX_DAEMON: 'false', NX_TUI: 'false', NX_ISOLATE_PLUGINS: 'false' }),
  });
  if (status !== 0) throw new ExplainedError(`The web app could not be built:\n${stdout}${stderr}`);
}
