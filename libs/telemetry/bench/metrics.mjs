/**
 * What one observation costs the process that makes it, in CPU time (the best of some rounds); needs `npm run build`
 * first:
 *
 *     node libs/telemetry/bench/metrics.mjs
 */
import { Metrics } from '../dist/index.js';

const observations = 500_000;
const rounds = 7;

const traceId = 'a'.repeat(32);
const untraced = new Metrics('gateway');
const traced = new Metrics('gateway', () => ({ traceId }));

function cases() {
  const frames = untraced.counter('cipherchat_frames_received_total');
  const fellBehind = untraced.counter('cipherchat_sockets_fell_behind_total');
  const wait = untraced.histogram('cipherchat_append_wait_seconds');
  const command = untraced.histogram('cipherchat_command_duration_seconds');
  const tracedCommand = traced.histogram('cipherchat_command_duration_seconds');
  return {
    'counter without labels': () => fellBehind(),
    'counter with a label': () => frames({ type: 'append' }),
    'histogram without labels': () => wait(0.003),
    'histogram with two labels': () => command({ command: 'append', outcome: 'done' }, 0.003),
    'histogram with two labels and an exemplar': () =>
      tracedCommand({ command: 'append', outcome: 'done' }, 0.003),
  };
}

function nanoseconds(observe) {
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const started = process.cpuUsage();
    for (let index = 0; index < observations; index++) observe();
    const { user, system } = process.cpuUsage(started);
    best = Math.min(best, ((user + system) * 1_000) / observations);
  }
  return best;
}

for (const [name, observe] of Object.entries(cases()))
  console.log(`${name.padEnd(42)} ${nanoseconds(observe).toFixed(0).padStart(5)} ns of CPU`);
process.exit();
