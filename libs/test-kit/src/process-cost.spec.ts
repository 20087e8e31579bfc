import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { cpuMicroseconds } from './process-cost.js';

const burnMs = 300;
const burn = `const started = process.cpuUsage().user; while (process.cpuUsage().user - started < ${burnMs}_000);`;
let parent: ChildProcess | undefined;

afterEach(() => void parent?.kill('SIGKILL'));

describe('the CPU time of a process', () => {
  it('has that of a child in it, also once the child has ended', async () => {
    // A shell itself needs none. It says when its child has ended, and stays.
    const script = `"$0" -e '${burn}'; echo ended; read never`;
    parent = spawn('/bin/sh', ['-c', script, process.execPath], { stdio: ['pipe', 'pipe', 'inherit'] });
    const { pid = 0, stdout } = parent;
    if (stdout === null) throw new Error('it says nothing');
    await once(stdout, 'data');
    expect(cpuMicroseconds([{ name: 'shell', pid }]).get('shell')).toBeGreaterThanOrEqual(
      burnMs * 1_000 * 0.9,
    );
  });
});
