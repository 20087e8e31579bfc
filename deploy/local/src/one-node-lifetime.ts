/** A one-node cluster for as long as something runs on it: it ends with us, however we end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bringUp, clusterState, removeCluster } from '@cipherchat/one-node';
import { guardProcess, releaseProcess, type Say } from '@cipherchat/test-kit';
import { takeLock, type ProcessLock } from './process-lock.js';

/** Of all checkouts: the machine has one such cluster at a time. */
export const oneNodeLockFile = '/run/cipherchat-one-node.lock';
/** Longer than quick tests of another checkout take. */
const freeWithinMs = 10 * 60_000;
const pollMs = 2_000;
const asked = ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const;

/** A cluster that was brought up to stay is used, and stays. `held`: by another run, also after a while. */
export async function onOneNode<Result>(
  say: Say,
  use: () => Promise<Result>,
): Promise<
  { readonly kind: 'used'; readonly result: Result } | { readonly kind: 'held'; readonly pid: number }
> {
  const lock = await waitForLock(say);
  if (lock.kind === 'held') return lock;
  try {
    const isKept = (await clusterState()) === 'kept';
    const result = isKept ? await use() : await onNewNode(say, use);
    return { kind: 'used', result };
  } finally {
    lock.release();
  }
}

async function waitForLock(say: Say): Promise<ProcessLock> {
  const deadline = performance.now() + freeWithinMs;
  for (let tries = 0; ; tries++) {
    const lock = await takeLock(oneNodeLockFile);
    if (lock.kind === 'taken' || performance.now() > deadline) return lock;
    if (tries === 0) say(`Waiting for process ${lock.pid}, which uses the one-node cluster.`);
    await sleep(pollMs);
  }
}

async function onNewNode<Result>(say: Say, use: () => Promise<Result>): Promise<Result> {
  let holder: number | undefined;
  const stop = (): void => void removeCluster().finally(() => process.exit(1));
  for (const event of asked) process.once(event, stop);
  try {
    say('Bringing up a one-node cluster.');
    await bringUp({
      say,
      lifetime: 'of-caller',
      onHeld: (pid) => {
        holder = pid;
        guardProcess({ pid, stopSignal: 'SIGKILL' });
      },
    });
    return await use();
  } finally {
    await removeCluster();
    if (holder !== undefined) releaseProcess(holder);
    for (const event of asked) process.off(event, stop);
  }
}
