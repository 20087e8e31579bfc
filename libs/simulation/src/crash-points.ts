/**
 * Every place where a process may crash: between a point and the next one of the same process. What is listed here and
 * was never crashed at makes a survey fail, so a new step of the client is covered or noticed.
 */
import { stepNames, stepPoints } from '@cipherchat/client-sdk';

export type ProcessKind = 'client' | 'gateway' | 'store';
/** `store append@committed`: which process, what it does, how far it is. */
export type CrashPoint = `${ProcessKind} ${string}@${string}`;

/** The database has done it; nothing was published; something was published; the answer was sent. */
const storePoints = ['received', 'committed', 'published', 'answered'] as const;
const storeWork = ['append', 'acknowledge', 'create', 'commit', 'leave', 'signal'] as const;
/** By what a gateway does: from the client, to the store, from the store, to the client. */
const gatewayWork = {
  authenticate: ['received', 'forwarded'],
  append: ['received', 'passed-on', 'answered', 'forwarded'],
  acknowledge: ['received', 'passed-on', 'answered'],
  resume: ['received', 'passed-on', 'answered', 'forwarded'],
  signal: ['received', 'passed-on', 'answered'],
  live: ['received', 'forwarded'],
} as const;
/** Frames and requests that a client has just handed over, and answers that have just come. */
const clientFrames = ['authenticate', 'resume', 'append', 'acknowledge', 'signal'] as const;
const clientRequests = [
  'create',
  'commit',
  'readPage',
  'readGroupInfo',
  'leave',
  'claimKeyPackages',
  'uploadKeyPackages',
  'register',
  'signIn',
] as const;

export type StoreWork = (typeof storeWork)[number];
export type GatewayWork = keyof typeof gatewayWork;

export const crashPoints: readonly CrashPoint[] = [
  ...stepNames.flatMap((step) => stepPoints.map((point): CrashPoint => `client ${step}@${point}`)),
  ...clientFrames.map((frame): CrashPoint => `client ${frame}@sent`),
  ...clientRequests.flatMap((request): CrashPoint[] => [
    `client ${request}@asked`,
    `client ${request}@answered`,
  ]),
  ...Object.entries(gatewayWork).flatMap(([work, points]) =>
    points.map((point): CrashPoint => `gateway ${work}@${point}`),
  ),
  ...storeWork.flatMap((work) => storePoints.map((point): CrashPoint => `store ${work}@${point}`)),
];

export const kindOf = (point: CrashPoint): ProcessKind => point.slice(0, point.indexOf(' ')) as ProcessKind;

/** How often runs crashed at each point. */
export type CrashCounts = Readonly<Record<string, number>>;

export function addCounts(one: CrashCounts, other: CrashCounts): CrashCounts {
  const sum: Record<string, number> = { ...one };
  for (const [point, count] of Object.entries(other)) sum[point] = (sum[point] ?? 0) + count;
  return sum;
}

export function neverCrashedAt(counts: CrashCounts): readonly CrashPoint[] {
  return crashPoints.filter((point) => (counts[point] ?? 0) === 0);
}
