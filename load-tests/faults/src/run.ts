/** Runs faults one after the other, each on the surroundings that it wants. */
import { FaultSystem, type FaultSystemParams } from './fault-system.js';
import type { Fault } from './fault.js';
import { mountSmallDisk, smallDiskSettings } from './faults/disk.js';
import { nothingYet, runFault, type FaultResult } from './run-fault.js';

export type RunParams = {
  readonly faults: readonly Fault[];
  readonly injections: number;
  readonly load: Pick<FaultSystemParams, 'lightRooms' | 'lightPerSecond' | 'sdkPerSecond'>;
  readonly say: (line: string) => void;
  readonly finished: (result: FaultResult) => void;
};

/** @throws Error when a system does not come back: what follows would tell nothing */
export async function runFaults(params: RunParams): Promise<void> {
  const of = (surroundings: Fault['surroundings']): readonly Fault[] =>
    params.faults.filter((fault) => fault.surroundings === surroundings);
  if (of('ordinary').length > 0) await runOn({ ...params, faults: of('ordinary') }, {});
  if (of('small-disk').length === 0) return;
  const disk = await mountSmallDisk();
  try {
    const postgres = { postgresDataDir: disk.dataDir, postgresSettings: smallDiskSettings };
    await runOn({ ...params, faults: of('small-disk') }, postgres);
  } finally {
    disk.close();
  }
}

async function runOn(
  { faults, injections, load, say, finished }: RunParams,
  postgres: Pick<FaultSystemParams, 'postgresDataDir' | 'postgresSettings'>,
): Promise<void> {
  const faulty = await FaultSystem.start({ ...load, ...postgres });
  say(`The system runs, ${faulty.network.name}.`);
  try {
    let before = nothingYet;
    for (const fault of faults) {
      const { result, after } = await runFault({ faulty, fault, injections, before });
      before = after;
      finished(result);
    }
  } catch (error) {
    say(`Logs: ${await faulty.keepLogs()}`);
    throw error;
  } finally {
    await faulty.stop();
  }
}
