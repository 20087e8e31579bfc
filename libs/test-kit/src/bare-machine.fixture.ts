/** A machine with the programs that a test gives it, and no other. They are shell scripts; nothing is installed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, jest } from '@jest/globals';
import { temporaryFolder, type TemporaryFolder } from './temporary-folder.js';

/** Called once in a describe block: each of its tests finds it empty. */
export function bareMachine() {
  let folder: TemporaryFolder;
  const said: string[] = [];
  beforeEach(() => {
    folder = temporaryFolder('machine');
    said.length = 0;
    jest.replaceProperty(process, 'env', {
      PATH: path.join(folder.path, 'bin'),
      CIPHERCHAT_ONLY_PATH: '1',
      XDG_CACHE_HOME: path.join(folder.path, 'cache'),
    });
  });
  afterEach(() => {
    folder.remove();
    jest.restoreAllMocks();
  });
  return {
    get path(): string {
      return folder.path;
    },
    said,
    say: (line: string): void => void said.push(line),
    /** Returns the file of the program. */
    has: (name: string, script: string): string => {
      const file = path.join(folder.path, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      return file;
    },
  };
}
