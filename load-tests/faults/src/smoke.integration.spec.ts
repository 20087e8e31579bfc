/**
 * The programs of `npm run test:faults` and `npm run test:restore`, each once and small, on real processes of their
 * own, so that neither rots unnoticed. What they show at full size, they show when they are run.
 */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { inheritedEnvironment, run } from '@cipherchat/test-kit';

/**
 * A whole system, its clients with real cryptography, and a fault: half a minute on a machine that is free, many times
 * that on one that other tests load. The programs give up by themselves, and say where everybody stood.
 */
const withinMs = 900_000;

async function lastLineOf(program: string, ...args: readonly string[]) {
  const file = fileURLToPath(new URL(`../dist/${program}.js`, import.meta.url));
  const { status, stdout, stderr } = await run({
    program: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', file, ...args],
    env: inheritedEnvironment(),
  });
  return { status, line: stdout.trim().split('\n').at(-1) ?? '', stderr };
}

describe('in small', () => {
  it(
    'faults hold: the store is killed under load, and nothing is lost or shown twice',
    async () => {
      const ended = await lastLineOf(
        'main',
        ...['--faults', 'kill-message-store', '--injections', '1', '--per-second', '50'],
      );
      expect(ended).toMatchObject({ status: 0, stderr: '' });
      expect(ended.line).toMatch(/^faults held: faults=1 injections=1 acknowledged=[1-9]\d* lost=0 twice=0 /);
    },
    withinMs,
  );

  it(
    'a restore holds: the database is put back, and nothing that a device holds is lost or shown twice',
    async () => {
      const ended = await lastLineOf('restore/main', '--rounds', '1');
      expect(ended).toMatchObject({ status: 0, stderr: '' });
      expect(ended.line).toMatch(/^restore held: rounds=1 entries-the-server-lost=[1-9]\d* /);
    },
    withinMs,
  );
});
