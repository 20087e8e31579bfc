/** Many seeds, on as many threads as there are cores: each takes the next few seeds when it has done its own. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { EngineName } from './engines.js';
import { addTallies, emptyTally, type Tally } from './runs.js';

/** Few enough that no thread is left alone with the last of them for long. */
const seedsAtOnce = 25;

export type Circumstances = { readonly engine: EngineName };
export type SurveyParams = Circumstances & { readonly first: number; readonly count: number };
export type Portion = { readonly first: number; readonly count: number };
/** `null` once the thread may go. */
export type FromSurvey = Portion | null;
export type FromWorker = { readonly kind: 'ready' } | { readonly kind: 'done'; readonly tally: Tally };

export async function survey(params: SurveyParams, say: (tally: Tally) => void): Promise<Tally> {
  const { engine } = params;
  const end = params.first + params.count;
  let next = params.first;
  let sum = emptyTally;
  const take = (): FromSurvey => {
    if (next >= end) return null;
    const portion = { first: next, count: Math.min(seedsAtOnce, end - next) };
    next += portion.count;
    return portion;
  };
  const threads = Math.min(availableParallelism(), Math.ceil(params.count / seedsAtOnce));
  await Promise.all(
    Array.from({ length: threads }, () =>
      runThread({ engine }, take, (tally) => {
        sum = addTallies(sum, tally);
        say(sum);
      }),
    ),
  );
  return sum;
}

function runThread(
  circumstances: Circumstances,
  take: () => FromSurvey,
  done: (tally: Tally) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./survey-worker.js', import.meta.url), { workerData: circumstances });
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'done') done(message.tally);
      worker.postMessage(take());
    });
    worker.once('error', reject);
    worker.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`a thread of the survey ended with ${code}`)),
    );
  });
}
