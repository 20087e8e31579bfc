import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '@cipherchat/test-kit';
import { createWorkerPool } from './worker-pool.js';

type Task = { readonly number: number };

describe('the worker pool', () => {
  const folder = temporaryFolder('worker-pool');
  afterAll(() => folder.remove());

  const pool = (body: string) => {
    const script = path.join(folder.path, `${body.length}.mjs`);
    writeFileSync(
      script,
      `process.on('message', ({ number }) => { ${body} });\nprocess.on('disconnect', () => process.exit());`,
    );
    return createWorkerPool<Task, number>({ script, args: [], workers: 2 });
  };
  const tasks = Array.from({ length: 9 }, (_, number) => ({ number }));

  it('has every task done once, by some worker', async () => {
    const answers: number[] = [];
    await pool('process.send(number * 2)').runAll(tasks, ({ number }, answer) => {
      expect(answer).toBe(number * 2);
      answers.push(answer);
    });
    expect(answers.sort((left, right) => left - right)).toEqual(tasks.map(({ number }) => number * 2));
  });

  it('ends with an error that names the task when a worker dies', async () => {
    const run = pool('if (number === 4) process.exit(3); process.send(number)').runAll(
      tasks,
      () => undefined,
    );
    await expect(run).rejects.toThrow('a worker ended (3) during {"number":4}');
  });

  it('has nothing to do for no tasks', async () => {
    await expect(pool('').runAll([], () => undefined)).resolves.toBeUndefined();
  });
});
