/** The bundled Postgres, as its administrator: in its own pod. */
import type { Kubectl } from './kubectl.js';
import { fullName } from './release.js';

export const databaseName = 'cipherchat';
const connection = ['--username=postgres', '--host=/var/run/postgresql'];

/** One of Postgres's programs, connected. */
export function inPostgres(kubectl: Kubectl, [program = '', ...args]: readonly string[]): Promise<string> {
  return kubectl.run(['exec', `${fullName}-postgres-0`, '--', program, ...connection, ...args]);
}

/** What the statement answers, bare. */
export async function askDatabase(kubectl: Kubectl, sql: string): Promise<string> {
  const psql = ['psql', `--dbname=${databaseName}`, '--tuples-only', '--no-align', '--quiet'];
  return (await inPostgres(kubectl, [...psql, '-c', sql])).trim();
}
