/** Real: the whole command, with all its processes; few injections at a low rate. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const runMs = 300_000;

function runCommand(args: readonly string[]) {
  return new Promise<{ readonly code: number | null; readonly said: string }>((resolve) => {
    const child = spawn(process.execPath, ['--enable-source-maps', program, ...args]);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.once('close', (code) => resolve({ code, said }));
  });
}

describe('test:faults', () => {
  it(
    'finds nothing lost, twice or out of order after a killed store, a killed NATS and killed clients',
    async () => {
      const faults = ['kill-message-store', 'restart-nats', 'kill-clients'];
      const args = ['--faults', faults.join(','), '--injections', '1', '--per-second', '50'];
      const { code, said } = await runCommand(args);
      expect(said).toMatch(
        /\nfaults held: faults=3 injections=3 acknowledged=[1-9]\d+ lost=0 twice=0 disorder=0 unequal-rooms=0 /,
      );
      for (const fault of faults) expect(said).toMatch(new RegExp(`\\n${fault} +1 `));
      expect(code).toBe(0);
    },
    runMs,
  );
});
