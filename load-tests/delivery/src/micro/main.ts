/** `npm run bench:micro`, after the codec's own (libs/protocol/bench): figures to compare runs on one machine with. */
import { appendsByBatchSize } from './append-batch.js';
import { fanOutByWay } from './fan-out.js';
import { nestTransport } from './nest-transport.js';

await nestTransport((line) => console.log(line));
await fanOutByWay((line) => console.log(line));
await appendsByBatchSize((line) => console.log(line));
