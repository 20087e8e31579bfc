/** How often each kind of operation was carried out; a run that never did one proves nothing about it. */

export const operationKinds = [
  'add',
  'remove',
  'update',
  'external-rejoin',
  'external-join',
  'message',
  'crash',
  'lost-race',
  'last-resort-join',
] as const;
export type OperationKind = (typeof operationKinds)[number];

/** What the checks did, besides. */
export const checkKinds = [
  'agreement',
  'read',
  'replay-refused',
  'removed-refused',
  'stale-commit-refused',
] as const;
export type CheckKind = (typeof checkKinds)[number];

export type Counts = Record<OperationKind | CheckKind, number>;

export function noCounts(): Counts {
  return Object.fromEntries([...operationKinds, ...checkKinds].map((kind) => [kind, 0])) as Counts;
}

export function addCounts(left: Counts, right: Counts): Counts {
  const sum = noCounts();
  for (const kind of [...operationKinds, ...checkKinds]) sum[kind] = left[kind] + right[kind];
  return sum;
}

/** From 200 runs on, each kind must have happened this often. */
const minCount = 1000;
const runsForMinCount = 200;
/** Fewer runs vary more: half of their share will do. */
const shareOfFewRuns = 0.5;

function requiredCount(runs: number): number {
  if (runs >= runsForMinCount) return minCount;
  return Math.floor((minCount / runsForMinCount) * runs * shareOfFewRuns);
}

/** The kinds of operation that were carried out too seldom. */
export function rareKinds(params: {
  readonly counts: Counts;
  readonly runs: number;
}): readonly OperationKind[] {
  return operationKinds.filter((kind) => params.counts[kind] < requiredCount(params.runs));
}
