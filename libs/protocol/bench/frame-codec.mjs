/**
 * CPU microseconds to encode and decode the two hot frames with 1 KB of ciphertext; needs `npm run build` first.
 * Figures to compare runs on one machine with, not a test. About half of encoding is the allocation of the result.
 *
 *     node libs/protocol/bench/frame-codec.mjs
 */
import {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  idFromRandom,
} from '../dist/index.js';

const random = (length) => globalThis.crypto.getRandomValues(new Uint8Array(length));
const [conversation, envelope] = [idFromRandom(random), idFromRandom(random)];
const ciphertext = random(1024);
const append = { type: 'append', request: 7, conversation, envelope, commitSeq: 41, ciphertext };
const deliver = {
  type: 'deliver',
  conversation,
  seq: 2 ** 40,
  envelope,
  atMs: 1_800_000_000_000,
  ciphertext,
};
const [appendBytes, deliverBytes] = [encodeClientFrame(append), encodeServerFrame(deliver)];

const iterations = 200_000;
const rounds = 5;
let sink = 0;

/** CPU time, the best of some rounds: what the code costs whatever else runs on the machine. */
function microseconds(work) {
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const started = process.cpuUsage();
    for (let index = 0; index < iterations; index++) sink += work();
    const { user, system } = process.cpuUsage(started);
    best = Math.min(best, (user + system) / iterations);
  }
  return best;
}

const measured = {
  'encode append': microseconds(() => encodeClientFrame(append).length),
  'decode append': microseconds(() => decodeClientFrame(appendBytes).request),
  'encode deliver': microseconds(() => encodeServerFrame(deliver).length),
  'decode deliver': microseconds(() => decodeServerFrame(deliverBytes).atMs % 7),
};
for (const [name, us] of Object.entries(measured)) console.log(`${name.padEnd(16)} ${us.toFixed(2)} µs`);
if (sink === 0) throw new Error('the work was optimised away');
