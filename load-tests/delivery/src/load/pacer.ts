/**
 * Ticks at a constant rate. The event loop's own timers are whole milliseconds, late by up to one: at 1,000 messages a
 * second they send now one and now two at once, which is another load. A thread that sleeps is right to some 0.1 ms.
 */
import { Worker } from 'node:worker_threads';
import type { PacerOrder } from './pacer-thread.js';

const thread = new URL('./pacer-thread.js', import.meta.url);
/** More often costs the load more than it says. */
const minIntervalMs = 0.5;

/** Calls back at the start and then at each interval, a little after it is due; resolves after the last. */
export async function pace(
  params: { readonly startInMs: number; readonly intervalMs: number; readonly durationMs: number },
  onTick: () => void,
): Promise<void> {
  const intervalMs = Math.max(params.intervalMs, minIntervalMs);
  const startMs = Number(process.hrtime.bigint()) / 1_000_000 + params.startInMs;
  const order: PacerOrder = { startMs, intervalMs, endMs: startMs + params.durationMs + intervalMs };
  const worker = new Worker(thread, { workerData: order });
  worker.on('message', onTick);
  await new Promise((resolve, reject) => {
    worker.on('exit', resolve);
    worker.on('error', reject);
  });
}
