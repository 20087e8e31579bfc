import type { Target } from '../driver.js';
import { LoadClient } from '../load/load-client.js';
import type { RunOutcome } from '../load/load-messages.js';
import { cpuMicroseconds } from '@cipherchat/test-kit';

/** A target and the module by which load processes reach it. */
export type Measured = Target & { readonly driver: string; readonly kind: 'ours' | 'floor' | 'rival' };

export type MeasureParams = {
  readonly target: Measured;
  readonly perSecond: number;
  readonly seconds: number;
  readonly rooms: number;
  readonly members: number;
  readonly senders: 'all' | 'first';
};

/** `cpuMicrosPerMessage` by process, of the time that was measured. */
export type Run = RunOutcome & {
  readonly perSecond: number;
  readonly cpuMicrosPerMessage: Readonly<Record<string, number>>;
  readonly cpuMicrosPerMessageOfAll: number;
};

export const payloadBytes = 1_024;
const warmUpSeconds = 2;
const patienceMs = 10_000;
const connectionsAtOnce = 16;

/** A new set of members on new connections, one run, and its account. */
export async function measure(params: MeasureParams): Promise<Run> {
  const { target, perSecond, seconds, senders } = params;
  const rooms = await target.rooms({ count: params.rooms, members: params.members });
  const load = LoadClient.start();
  try {
    await load.open({ driver: target.driver, rooms, concurrency: connectionsAtOnce });
    let before = cpuMicroseconds(target.processes);
    let after = before;
    const outcome = await load.run(
      { perSecond, seconds, senders, warmUpSeconds, payloadBytes, patienceMs },
      {
        onMeasuring: () => (before = cpuMicroseconds(target.processes)),
        onMeasured: () => (after = cpuMicroseconds(target.processes)),
      },
    );
    await load.close();
    const messages = perSecond * seconds;
    const costs = target.processes.map(
      ({ name }) => [name, ((after.get(name) ?? 0) - (before.get(name) ?? 0)) / messages] as const,
    );
    return {
      ...outcome,
      perSecond,
      cpuMicrosPerMessage: Object.fromEntries(costs),
      cpuMicrosPerMessageOfAll: costs.reduce((sum, [, cost]) => sum + cost, 0),
    };
  } finally {
    load.end();
  }
}
