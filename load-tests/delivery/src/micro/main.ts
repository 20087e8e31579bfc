/** `npm run bench:micro`, after the codec's own (libs/protocol/bench): figures to compare runs on one machine with. */
import { appendsByBatchSize } from './append-batch.js';
import { fanOutByWay } from './fan-out.js';
import { nestTransport } from './nest-transport.js';

const say = (line: string): void => console.log(line);
const figures = [
  ...(await nestTransport(say)),
  ...(await fanOutByWay(say)),
  ...(await appendsByBatchSize(say)),
];
console.log(`bench:micro ${figures.join(' ')}`);
