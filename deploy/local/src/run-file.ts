import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { inData } from './repository.js';

/** What `npm start` brought up, for programs: the demo, the blind check, the command line's default server. */
export type RunFile = {
  readonly startedAt: string;
  readonly pid: number;
  /** The one address that a client needs. */
  readonly serverUrl: string;
  /** The authority to trust with `--tls`, e.g. by NODE_EXTRA_CA_CERTS; null without. */
  readonly caFile: string | null;
  readonly registration: 'open' | 'invite';
  /** Made by the first start; it makes the first administrator. */
  readonly bootstrapTokenFile: string;
  readonly services: readonly {
    readonly service: string;
    readonly instance: string;
    readonly url: string;
    readonly pid: number;
    readonly logFile: string;
  }[];
  /** With administrators' passwords, so that a check may look at everything that is stored and passed on. */
  readonly servers: {
    readonly postgres: { readonly adminUrl: string; readonly pid: number };
    readonly nats: { readonly observerUrl: string; readonly pid: number };
    readonly redis: { readonly url: string; readonly pid: number };
    readonly nginx: { readonly pid: number };
  };
};

const runFile = inData('run.json');

/** Readable by its owner only: it holds passwords. */
export function writeRunFile(content: RunFile): void {
  writeFileSync(runFile, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  chmodSync(runFile, 0o600);
}

/** nginx was started again. */
export function noteNginx(pid: number): void {
  const content = readRunFile();
  if (content !== undefined) writeRunFile({ ...content, servers: { ...content.servers, nginx: { pid } } });
}

export function removeRunFile(): void {
  rmSync(runFile, { force: true });
}

/** What runs now; `undefined` when nothing has finished starting. */
export function readRunFile(): RunFile | undefined {
  try {
    return JSON.parse(readFileSync(runFile, 'utf8')) as RunFile;
  } catch {
    return undefined;
  }
}
