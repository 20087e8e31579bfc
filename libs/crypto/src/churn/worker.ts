/**
 * A process that does long runs for `npm run test:crypto`: it takes one task at a time over the channel
 * to its parent. Bundled by libs/crypto-suite, which passes the place of `mls.wasm` as the only argument.
 */
import { readFileSync } from 'node:fs';
import { loadMls } from '@cipherchat/mls-wasm';
import type { CipherSuite } from '../engine.js';
import { createOpenMlsEngine } from '../openmls-engine.js';
import { runMutations, type MutationCounts } from '../scenarios/mutations.js';
import { rareKinds, type Counts, type OperationKind } from './counts.js';
import { runChurn, type ChurnResult } from './run-churn.js';

export type WorkerTask =
  | {
      readonly kind: 'churn';
      readonly suite: CipherSuite;
      readonly seed: number;
      readonly operations: number;
    }
  | {
      readonly kind: 'mutations';
      readonly suite: CipherSuite;
      readonly seed: number;
      readonly count: number;
    }
  /** Which kinds of operation all runs together carried out too seldom. */
  | { readonly kind: 'rare-kinds'; readonly counts: Counts; readonly runs: number };

export type WorkerAnswer =
  | { readonly kind: 'churn'; readonly result: ChurnResult }
  | { readonly kind: 'mutations'; readonly counts: MutationCounts }
  | { readonly kind: 'rare-kinds'; readonly rare: readonly OperationKind[] }
  | { readonly kind: 'failed'; readonly reason: string };

const [wasm] = process.argv.slice(2);
if (wasm === undefined) throw new Error('the worker needs the path of mls.wasm');
const mls = await loadMls(new Uint8Array(readFileSync(wasm)));

function newEngine() {
  mls.restart();
  return createOpenMlsEngine(mls);
}

function answer(task: WorkerTask): WorkerAnswer {
  try {
    switch (task.kind) {
      case 'churn':
        return { kind: 'churn', result: runChurn({ ...task, newEngine }) };
      case 'mutations':
        return { kind: 'mutations', counts: runMutations({ ...task, engine: newEngine() }) };
      case 'rare-kinds':
        return { kind: 'rare-kinds', rare: rareKinds(task) };
    }
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

process.on('message', (task: WorkerTask) => process.send?.(answer(task)));
process.on('disconnect', () => process.exit());
