/** The long runs over all cores: churn by seed, and mutated input. */
import path from 'node:path';
import { temporaryFolder } from '@cipherchat/test-kit';
import { bundleForNode } from './bundle.js';
import {
  addCounts,
  noFigures,
  suiteName,
  total,
  type Counts,
  type Suite,
  type SuiteFigures,
} from './crypto-report.js';
import { mlsWasm } from './repository.js';
import { createWorkerPool } from './worker-pool.js';

const worker = 'libs/crypto/src/churn/worker.ts';
const operationsPerRun = 100;
/** One task of mutations takes about as long as a churn run. */
const mutationsPerTask = 1000;
const progressEvery = 50;

export type LongRuns = {
  /** A survey must have done everything often enough; a repetition of single runs need not. */
  readonly purpose: 'survey' | 'repetition';
  /** Churn runs per suite. */
  readonly seeds: number;
  /** The first seed. */
  readonly first: number;
  readonly suites: readonly Suite[];
  /** Mutated inputs per suite. */
  readonly mutations: number;
  readonly say: (line: string) => void;
};

export type LongRunResult = {
  readonly figures: ReadonlyMap<Suite, SuiteFigures>;
  readonly failures: readonly string[];
};

// The tasks and answers of libs/crypto/src/churn/worker.ts, which is bundled and not imported: crypto's tests are its own.
type ChurnTask = {
  readonly kind: 'churn';
  readonly suite: Suite;
  readonly seed: number;
  readonly operations: number;
};
type MutationTask = {
  readonly kind: 'mutations';
  readonly suite: Suite;
  readonly seed: number;
  readonly count: number;
};
type RareTask = {
  readonly kind: 'rare-kinds';
  readonly suite: Suite;
  readonly counts: Counts;
  readonly runs: number;
};
type Task = ChurnTask | MutationTask | RareTask;
type ChurnResult = { readonly counts: Counts; readonly operations: number; readonly largestGroup: number };
type Answer =
  | { readonly kind: 'churn'; readonly result: ChurnResult }
  | { readonly kind: 'mutations'; readonly counts: Counts }
  | { readonly kind: 'rare-kinds'; readonly rare: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: string };

export async function runLong(params: LongRuns): Promise<LongRunResult> {
  const folder = temporaryFolder('crypto-runs');
  try {
    const script = path.join(folder.path, 'worker.mjs');
    await bundleForNode({ entry: worker, outfile: script });
    const pool = createWorkerPool<Task, Answer>({ script, args: [mlsWasm] });
    const figures = new Map(params.suites.map((suite) => [suite, noFigures] as const));
    const failures: string[] = [];
    const tasks = tasksOf(params);
    let ended = 0;
    await pool.runAll(tasks, (task, answer) => {
      figures.set(task.suite, withAnswer(figures.get(task.suite) ?? noFigures, answer));
      if (answer.kind === 'failed') failures.push(`${answer.reason}; ${repeatHint(task)}`);
      ended += 1;
      if (ended % progressEvery === 0) params.say(`… ${ended} of ${tasks.length} tasks`);
    });
    if (params.purpose === 'survey') {
      await pool.runAll(
        [...figures].map(
          ([suite, { counts, runs }]) => ({ kind: 'rare-kinds', suite, counts, runs }) as const,
        ),
        ({ suite, ...task }, answer) => failures.push(...rareKindFailures({ suite, task, answer })),
      );
    }
    for (const [suite, { mutations }] of figures) {
      if (total(mutations) < params.mutations)
        failures.push(`only ${total(mutations)} mutations on ${suiteName(suite)}`);
    }
    return { figures, failures };
  } finally {
    folder.remove();
  }
}

function repeatHint(task: Task): string {
  return task.kind === 'churn'
    ? `to repeat it: npm run test:crypto -- --first ${task.seed} --suite ${suiteName(task.suite)}`
    : 'seed and number repeat it';
}

function rareKindFailures({
  suite,
  task,
  answer,
}: {
  readonly suite: Suite;
  readonly task: Omit<Task, 'suite'>;
  readonly answer: Answer;
}): readonly string[] {
  if (answer.kind !== 'rare-kinds' || task.kind !== 'rare-kinds')
    return ['the worker did not say which kinds of operation are rare'];
  const { counts, runs } = task as Omit<RareTask, 'suite'>;
  return answer.rare.map(
    (kind) =>
      `churn on ${suiteName(suite)} carried out ${kind} only ${counts[kind] ?? 0} times in ${runs} runs`,
  );
}

function tasksOf({ suites, first, seeds, mutations }: LongRuns): readonly Task[] {
  return suites.flatMap((suite): readonly Task[] => [
    ...Array.from(
      { length: seeds },
      (_, index) => ({ kind: 'churn', suite, seed: first + index, operations: operationsPerRun }) as const,
    ),
    ...Array.from({ length: Math.ceil(mutations / mutationsPerTask) }, (_, index) => ({
      kind: 'mutations' as const,
      suite,
      seed: first + index,
      count: Math.min(mutationsPerTask, mutations - index * mutationsPerTask),
    })),
  ]);
}

function withAnswer(figures: SuiteFigures, answer: Answer): SuiteFigures {
  switch (answer.kind) {
    case 'churn': {
      const { counts, operations, largestGroup } = answer.result;
      return {
        ...figures,
        runs: figures.runs + 1,
        operations: figures.operations + operations,
        largestGroup: Math.max(figures.largestGroup, largestGroup),
        counts: addCounts(figures.counts, counts),
      };
    }
    case 'mutations':
      return { ...figures, mutations: addCounts(figures.mutations, answer.counts) };
    case 'rare-kinds':
    case 'failed':
      return figures;
  }
}
