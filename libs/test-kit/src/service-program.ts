/** Programs that an operator runs beside a service (`apps/<service>/dist/<program>.js`), with the service's settings. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from './config.js';
import { ExplainedError } from './explained-error.js';
import { run } from './find-program.js';
import type { DatabaseService } from '@cipherchat/migrations';

const appsDir = fileURLToPath(new URL('../../../apps', import.meta.url));

export type ServiceProgram = { readonly service: DatabaseService; readonly program: 'restored' };

/** Runs it from its build. Returns what it said. @throws ExplainedError when it could not do its work */
export async function runServiceProgram(
  params: ServiceProgram & { readonly environment: Readonly<Record<string, string>> },
): Promise<string> {
  const { service, program, environment } = params;
  const { status, stdout, stderr } = await run({
    program: process.execPath,
    args: ['--enable-source-maps', path.join(appsDir, service, 'dist', `${program}.js`)],
    cwd: path.dirname(appsDir),
    env: { PATH: inheritedEnvironment()['PATH'], ...environment },
  });
  if (status !== 0) throw new ExplainedError(`${service}: ${program} failed:\n${stdout}${stderr}`);
  return stdout;
}
