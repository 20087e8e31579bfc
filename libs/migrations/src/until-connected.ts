/**
 * Waits for a database that cannot be reached yet: one that is being installed beside us; and any, for the first moments of a pod,
 * since network policies learn a pod's address only after it has one. What it answers, also a refusal, ends the waiting.
 */
const notReachedYet: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  '57P03', // Postgres starts, or recovers
]);
const againAfterMs = 1_000;

export type Patience = {
  readonly withinMs: number;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
};

/** @throws what `connect` throws, when that is no lack of a connection, or when it still lacks one in the end */
export async function untilConnected(connect: () => Promise<void>, patience: Patience): Promise<void> {
  const { withinMs, nowMs, sleep } = patience;
  const deadlineMs = nowMs() + withinMs;
  for (;;) {
    try {
      return await connect();
    } catch (error) {
      if (!isNotReachedYet(error) || nowMs() >= deadlineMs) throw error;
    }
    await sleep(againAfterMs);
  }
}

function isNotReachedYet(error: unknown): boolean {
  // One for each address that a name has.
  if (error instanceof AggregateError) return error.errors.every(isNotReachedYet);
  if (!(error instanceof Error)) return false;
  return 'code' in error && typeof error.code === 'string' && notReachedYet.has(error.code);
}
