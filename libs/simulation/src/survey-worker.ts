/** One thread of a survey. */
import { parentPort, workerData } from 'node:worker_threads';
import { Runner, seedsFrom } from './runs.js';
import type { Circumstances, FromSurvey, FromWorker } from './survey.js';

const port = parentPort;
if (port === null) throw new Error('this is a thread of survey.ts');
const send = (message: FromWorker): void => port.postMessage(message);
const { engine } = workerData as Circumstances;
const runner = await Runner.create(engine);

port.on('message', (portion: FromSurvey) => {
  if (portion === null) port.close();
  else
    void runner
      .runAll(seedsFrom(portion.first, portion.count))
      .then((tally) => send({ kind: 'done', tally }));
});
send({ kind: 'ready' });
