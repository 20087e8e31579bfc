/** One fault, injected again and again under load, and its account at the end. */
import type { Fault } from './fault.js';
import type { Account, FaultSystem } from './fault-system.js';

export type FaultResult = {
  readonly name: string;
  readonly injections: number;
  /** Handed to clients, per second of the time under load. */
  readonly offeredPerSecond: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly twice: number;
  readonly outOfOrder: number;
  readonly unequalRooms: number;
  /** How often senders were told to wait. */
  readonly toldToWait: number;
  /** From the end of healing until every client was shown what each other had written after it. */
  readonly recoveriesMs: readonly number[];
  /** The same, from the injection on. */
  readonly outagesMs: readonly number[];
  /** Why it does not hold, beyond what the figures say. */
  readonly wrongs: readonly string[];
  readonly notes: readonly string[];
};

export type RunFaultParams = {
  readonly faulty: FaultSystem;
  readonly fault: Fault;
  readonly injections: number;
  /** The account before this fault: the SDK's counts from the start. */
  readonly before: Account['sdk'];
};

/** So many light clients come back with a new sign-in at each injection, as people do meanwhile. */
const churnShare = 0.03;
/** Generous: it bounds a run that hangs. What matters is printed. */
const recoveredWithinMs = 120_000;
const restMs = 200;
const settledWithinMs = 120_000;

/** Accounts of a system before anything happened. */
export const nothingYet: Account['sdk'] = {
  acknowledged: 0,
  lost: 0,
  twice: 0,
  outOfOrder: 0,
  unequalRooms: 0,
  gaps: 0,
  notes: [],
};

export async function runFault(
  params: RunFaultParams,
): Promise<{ readonly result: FaultResult; readonly after: Account['sdk'] }> {
  const { faulty, fault, injections, before } = params;
  await fault.begin?.(faulty);
  await faulty.recovered(settledWithinMs);
  await faulty.account(); // what came before does not count here
  const startedAtMs = performance.now();
  await faulty.load('on');
  const recoveriesMs: number[] = [];
  const outagesMs: number[] = [];
  for (let injection = 0; injection < injections; injection++) {
    const injectedAtMs = performance.now();
    const churned = faulty.churn(churnShare);
    await fault.inject(faulty, injection);
    await wait(fault.holdMs);
    await fault.heal(faulty, injection);
    await churned;
    const healedAtMs = performance.now();
    await faulty.recovered(recoveredWithinMs);
    recoveriesMs.push(performance.now() - healedAtMs);
    outagesMs.push(performance.now() - injectedAtMs);
    await wait(restMs);
  }
  await faulty.load('off');
  const seconds = (performance.now() - startedAtMs) / 1_000;
  await faulty.recovered(settledWithinMs);
  const account = await faulty.account();
  await fault.end?.(faulty);
  const result: FaultResult = {
    name: fault.name,
    injections: recoveriesMs.length,
    offeredPerSecond: account.offered / seconds,
    ...sumOf(account, before),
    toldToWait: account.light.toldToWait,
    recoveriesMs,
    outagesMs,
    wrongs: wrongsOf(account, fault),
    notes: [...account.light.notes, ...account.sdk.notes],
  };
  return { result, after: account.sdk };
}

function sumOf({ light, sdk }: Account, before: Account['sdk']) {
  const sum = (figure: 'acknowledged' | 'lost' | 'twice' | 'outOfOrder' | 'unequalRooms'): number =>
    light[figure] + sdk[figure] - before[figure];
  return {
    acknowledged: sum('acknowledged'),
    lost: sum('lost'),
    twice: sum('twice'),
    outOfOrder: sum('outOfOrder'),
    // A room that differs stays so: it counts until the end.
    unequalRooms: light.unequalRooms + sdk.unequalRooms,
  };
}

function wrongsOf(account: Account, fault: Fault): readonly string[] {
  const wrongs = [...account.complaints];
  if (account.sdk.gaps > 0) wrongs.push(`${account.sdk.gaps} messages are marked as missing`);
  if (fault.mustTellToWait === true && account.light.toldToWait === 0) wrongs.push('nobody was told to wait');
  return wrongs;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
