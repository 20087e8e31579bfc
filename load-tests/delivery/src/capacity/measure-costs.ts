/** The coefficients of the model, measured on the whole system as shipped; and a run that none of them comes from. */
import { cpus } from 'node:os';
import { residentBytes, type NamedProcess } from '@cipherchat/test-kit';
import { start, type CipherChat } from '../drivers/cipherchat.js';
import { measureConnections } from '../parts/connections.js';
import { measure, type Measured, type Run } from '../parts/measure.js';
import { diskCosts, readDisk } from './disk.js';
import { measureRequests } from './measure-requests.js';
import { costFrom, processKinds, type Coefficients, type Cost, type ProcessKind } from './model.js';

export type MeasuredCosts = {
  readonly measuredAt: string;
  readonly version: string;
  readonly machine: { readonly cpus: number; readonly model: string; readonly node: string };
  readonly coefficients: Coefficients;
};

/** Where most deployments are most of the time. Higher rates cost less for each message, since more go together. */
const perSecond = 400;
const seconds = 15;
const warmUp = { perSecond: 1_000, seconds: 20, rooms: 100, members: 2 };
const pairs = { rooms: 100, members: 2 };
/** Large, so that what deliveries cost stands out from what a run differs from the next. */
const groups = { rooms: 10, members: 20 };
/** Another rate, another size. */
const other = { rooms: 40, members: 5, perSecond: 250 };
const sockets = 2_000;

type Ours = Measured & CipherChat;

async function withSystem<Result>(use: (target: Ours) => Promise<Result>): Promise<Result> {
  const system = await start();
  try {
    const driver = new URL('../drivers/cipherchat.js', import.meta.url).href;
    return await use({ ...system, driver, kind: 'ours' });
  } finally {
    await system.stop();
  }
}

export function measureCosts(params: {
  readonly version: string;
  readonly nowMs: number;
  readonly say: (line: string) => void;
}): Promise<MeasuredCosts> {
  const { say } = params;
  return withSystem(async (target) => {
    say('warming up');
    await measure({ target, senders: 'all', ...warmUp });
    const before = await readDisk(target.databaseUrl);
    say(`pairs at ${perSecond}/s`);
    const few = await measure({ target, senders: 'all', perSecond, seconds, ...pairs });
    const after = await readDisk(target.databaseUrl);
    say(`groups of ${groups.members} at ${perSecond}/s`);
    const many = await measure({ target, senders: 'all', perSecond, seconds, ...groups });
    const memoryBytes = memoryOf(target.processes);
    say(`${sockets} idle sockets`);
    const { bytesPerSocket } = await measureConnections(target, sockets);
    const { requests, bytesPerKeyPackage } = await measureRequests(target, say);
    return {
      measuredAt: new Date(params.nowMs).toISOString().slice(0, 10),
      version: params.version,
      machine: { cpus: cpus().length, model: cpus()[0]?.model ?? '', node: process.version },
      coefficients: {
        cpu: cpuCosts(few, many),
        memoryBytes,
        bytesPerSocket,
        requests,
        bytesPerKeyPackage,
        postgres: diskCosts(before, after),
      },
    };
  });
}

export type Comparison = {
  readonly kind: ProcessKind;
  readonly predictedMicros: number;
  readonly measuredMicros: number;
};

/** CPU time of each kind of process for a message of a run that is neither of those that the costs come from. */
export function compareWithRun(
  known: Coefficients,
  say: (line: string) => void,
): Promise<readonly Comparison[]> {
  return withSystem(async (target) => {
    say('warming up');
    await measure({ target, senders: 'all', ...warmUp });
    say(`groups of ${other.members} at ${other.perSecond}/s`);
    const run = await measure({ target, senders: 'all', seconds, ...other });
    return processKinds.map((kind) => ({
      kind,
      predictedMicros: predicted(known.cpu[kind], other.members - 1),
      measuredMicros: microsOf(run, kind),
    }));
  });
}

function predicted({ perMessage, perDelivery }: Cost, receivers: number): number {
  return perMessage + perDelivery * receivers;
}

function cpuCosts(few: Run, many: Run): Coefficients['cpu'] {
  const costOf = (kind: ProcessKind): Cost =>
    costFrom(
      { receivers: pairs.members - 1, microsPerMessage: microsOf(few, kind) },
      { receivers: groups.members - 1, microsPerMessage: microsOf(many, kind) },
    );
  return Object.fromEntries(processKinds.map((kind) => [kind, costOf(kind)])) as Coefficients['cpu'];
}

/** Instances are named after their service: `gateway-1`. */
function microsOf(run: Run, kind: ProcessKind): number {
  return Object.entries(run.cpuMicrosPerMessage)
    .filter(([name]) => name.replace(/-\d+$/, '') === kind)
    .reduce((sum, [, micros]) => sum + micros, 0);
}

/** The largest of each kind. Postgres: its first process, since what its others show is mostly shared with it. */
function memoryOf(processes: readonly NamedProcess[]): Coefficients['memoryBytes'] {
  const kinds = [...processKinds, 'auth', 'key-directory'] as const;
  const largest = (kind: string): number =>
    Math.max(
      0,
      ...processes
        .filter(({ name }) => name.replace(/-\d+$/, '') === kind)
        .map(({ pid }) => residentBytes(pid)),
    );
  return Object.fromEntries(kinds.map((kind) => [kind, largest(kind)])) as Coefficients['memoryBytes'];
}
