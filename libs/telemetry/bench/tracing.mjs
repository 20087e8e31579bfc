/**
 * What tracing costs on the path that every message takes, alone; needs `npm run build` first. Each figure is CPU time
 * (the best of some rounds) and bytes put on the heap, for one message:
 *
 *     node --expose-gc --min-semi-space-size=64 --max-semi-space-size=64 libs/telemetry/bench/tracing.mjs
 *
 * Off, and for what the coin leaves out, it fails when anything is put on the heap: that is a promise of tracing.ts.
 */
import { createRecorder } from '../dist/tracing/recorder.js';
import { Coin } from '../dist/tracing/coin.js';
import { Tracing } from '../dist/tracing/tracing.js';

const messages = 200_000;
const recordedMessages = 5_000;
const rounds = 5;
/** Below: the measurement itself. */
const freeBytes = 1;

const noExport = { export: (_spans, done) => done({ code: 0 }), shutdown: async () => {} };
const recorder = (exporter) =>
  createRecorder({
    service: 'gateway',
    instance: 'bench',
    exporter,
    onExported: () => {},
    randomBytes: (length) => globalThis.crypto.getRandomValues(new Uint8Array(length)),
  });
const on = (ratio) => new Tracing(recorder(noExport), new Coin(ratio, () => 0.5));

/** What a gateway and a store do for one message, of tracing: twice a coin or a header, and three looks at the context. */
function message(tracing) {
  const append = tracing.root('gateway append');
  const served = tracing.continued('message-store append', append?.traceparent);
  const statement = tracing.child('postgres statement');
  const delivered = tracing.continued('gateway deliver', append?.traceparent);
  for (const span of [statement, served, delivered, append]) span?.end();
  return append === null ? 0 : 1;
}

/** The same without the list of spans, which is an object: what is measured is tracing. */
function unrecorded(tracing) {
  if (tracing.root('gateway append') !== null) return 1;
  if (tracing.continued('message-store append', undefined) !== null) return 1;
  if (tracing.child('postgres statement') !== null) return 1;
  return tracing.continued('gateway deliver', undefined) === null ? 0 : 1;
}

async function measured(work, count) {
  let [nanoseconds, bytes] = [Infinity, Infinity];
  for (let round = 0; round < rounds; round++) {
    globalThis.gc();
    const heap = process.memoryUsage().heapUsed;
    const started = process.cpuUsage();
    let sink = 0;
    for (let index = 0; index < count; index++) sink += work();
    const { user, system } = process.cpuUsage(started);
    bytes = Math.min(bytes, (process.memoryUsage().heapUsed - heap) / count);
    nanoseconds = Math.min(nanoseconds, ((user + system) * 1_000) / count);
    if (sink < 0) throw new Error('the work was optimised away');
    await new Promise((resolve) => setTimeout(resolve, 10)); // lets the exporter empty its queue
  }
  return { nanoseconds, bytes };
}

const cases = {
  off: { work: () => unrecorded(Tracing.off), count: messages, isFree: true },
  'on, not recorded': { work: unrecordedOn(on(1e-9)), count: messages, isFree: true },
  'on, recorded': { work: recordedOn(on(1)), count: recordedMessages, isFree: false },
};

function unrecordedOn(tracing) {
  return () => unrecorded(tracing);
}

function recordedOn(tracing) {
  return () => message(tracing);
}

for (const [name, { work, count, isFree }] of Object.entries(cases)) {
  const { nanoseconds, bytes } = await measured(work, count);
  console.log(
    `tracing of one message, ${name.padEnd(16)} ${nanoseconds.toFixed(0).padStart(6)} ns of CPU, ${Math.max(0, bytes).toFixed(1)} bytes`,
  );
  if (isFree && bytes > freeBytes) {
    console.error(`what is not recorded puts ${bytes.toFixed(1)} bytes on the heap`);
    process.exitCode = 1;
  }
}
process.exit();
