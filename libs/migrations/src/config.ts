/** The environment of the program, read in one place. */
import { readFileSync } from 'node:fs';

/** Itself, or in a file: what a service reads its own from. Undefined when neither is given. */
export function databaseUrl(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { DATABASE_URL: url = '', DATABASE_URL_FILE: file = '' } = env;
  if (url !== '') return url;
  return file === '' ? undefined : readFileSync(file, 'utf8').trim();
}
