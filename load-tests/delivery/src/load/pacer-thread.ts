/** The thread behind `pacer.ts`: sleeps until something is due, says so, and ends with the last. */
import { parentPort, workerData } from 'node:worker_threads';

export type PacerOrder = {
  /** On the clock of `process.hrtime`, which all threads have in common; in milliseconds. */
  readonly startMs: number;
  readonly intervalMs: number;
  readonly endMs: number;
};

const { startMs, intervalMs, endMs } = workerData as PacerOrder;
const nothing = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
const nowMs = (): number => Number(process.hrtime.bigint()) / 1_000_000;

for (let tick = 0; startMs + tick * intervalMs <= endMs; tick++) {
  const leftMs = startMs + tick * intervalMs - nowMs();
  if (leftMs > 0) Atomics.wait(nothing, 0, 0, leftMs);
  parentPort?.postMessage(null);
}
