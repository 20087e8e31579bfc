import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { guardFolder, releaseFolder } from './watchdog.js';

/** A folder that is gone at the latest when this process is, even after SIGKILL. */
export type TemporaryFolder = { readonly path: string; readonly remove: () => void };

export function temporaryFolder(purpose: string): TemporaryFolder {
  const folder = mkdtempSync(path.join(tmpdir(), `cipherchat-${purpose}-`));
  guardFolder(folder);
  return {
    path: folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      releaseFolder(folder);
    },
  };
}
