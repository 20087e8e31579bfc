import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What `npm start` writes for programs into `.data/run.json` of its checkout; of it, what the command line needs. */
export type RunFile = {
  readonly serverUrl: string;
  /** The authority that signed its certificate, with `--tls`. */
  readonly caFile: string | null;
  readonly bootstrapTokenFile: string;
  readonly services: ReadonlyArray<{
    readonly service: string;
    readonly instance: string;
    readonly url: string;
    readonly pid: number;
  }>;
  readonly servers: { readonly postgres: { readonly adminUrl: string } };
};

/** The checkout that this program is part of, from `src/server` as from `dist/server`. */
const defaultFile = fileURLToPath(new URL('../../../../.data/run.json', import.meta.url));

/** `undefined` when nothing runs there, or this is not a checkout. */
export function readRunFile(file: string = defaultFile): RunFile | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunFile;
  } catch {
    return undefined;
  }
}
