/**
 * What must hold. `ratio`: compared with a floor of the same run, or independent of the machine: missed, the
 * benchmark fails. `quiet`: an absolute figure that other work on the machine spoils: it fails with `--strict` only.
 */
import { insertRelayName, ourName, relayName, type Results, type TargetResults } from './results.js';

export type Check = {
  readonly name: string;
  readonly figure: number;
  readonly must: string;
  readonly holds: boolean;
  readonly kind: 'ratio' | 'quiet';
};

const kib = 1024;

/** Those of the parts that were run. */
export function checks(results: Results): readonly Check[] {
  const target = (name: string): TargetResults | undefined =>
    results.targets.find((each) => each.name === name);
  const [ours, relay, insertRelay] = [target(ourName), target(relayName), target(insertRelayName)];
  const at = (of: TargetResults | undefined, perSecond: number) =>
    of?.delivery.find((run) => run.perSecond === perSecond);
  const fanOut = (of: TargetResults | undefined) => of?.fanOut.find(({ online }) => online === 100);
  const [slow, fast] = [at(ours, 1_000), at(ours, 4_000)];
  const floor = at(insertRelay, 1_000);
  const [kneeOfOurs, kneeOfFloor] = [ours?.knee?.perSecond, insertRelay?.knee?.perSecond];
  return [
    atMost(
      'delivery at 1,000/s, p50 to the floor with an insert',
      divide(slow?.sendToReceive.p50, floor?.sendToReceive.p50),
      2.5,
      'ratio',
    ),
    atMost(
      'delivery at 1,000/s, p99 to the floor with an insert',
      divide(slow?.sendToReceive.p99, floor?.sendToReceive.p99),
      2.5,
      'ratio',
    ),
    atLeast('knee to that of the floor with an insert', divide(kneeOfOurs, kneeOfFloor), 2, 'ratio'),
    atLeast('knee, messages/s', kneeOfOurs, 8_000, 'quiet'),
    atMost('server CPU at 4,000/s, µs per message', fast?.cpuMicrosPerMessageOfAll, 200, 'quiet'),
    atMost(
      'server CPU per message at 4,000/s to that at 1,000/s',
      divide(fast?.cpuMicrosPerMessageOfAll, slow?.cpuMicrosPerMessageOfAll),
      1,
      'quiet',
    ),
    atMost(
      'last of 100 online members, p99 to the bare relay',
      divide(fanOut(ours)?.sendToReceive.p99, fanOut(relay)?.sendToReceive.p99),
      2,
      'ratio',
    ),
    atMost('catch-up of 1,000 messages, ms', results.catchUp?.medianMs, 100, 'quiet'),
    atMost('memory per idle socket, KB', divide(results.connections?.bytesPerSocket, kib), 20, 'ratio'),
    atLeast('sockets ready per second', results.connections?.readyPerSecond, 500, 'quiet'),
    atMost('lost, twice or out of order', faults(ours) + (results.catchUp?.lost ?? 0), 0, 'ratio'),
  ].filter((check) => check !== null);
}

/**
 * Past the knee messages are late, not lost, and what is sent again after a refusal overtakes: of its probes only
 * what was shown twice counts.
 */
function faults(ours: TargetResults | undefined): number {
  if (ours === undefined) return 0;
  return (
    [...ours.delivery, ...ours.fanOut].reduce(
      (sum, run) => sum + run.lost + run.twice + run.outOfOrder + run.refused + run.closed,
      0,
    ) + (ours.knee?.probes ?? []).reduce((sum, { twice }) => sum + twice, 0)
  );
}

function atMost(name: string, figure: number | undefined, most: number, kind: Check['kind']): Check | null {
  if (figure === undefined) return null;
  return { name, figure, must: `≤ ${most}`, holds: figure <= most, kind };
}

function atLeast(name: string, figure: number | undefined, least: number, kind: Check['kind']): Check | null {
  if (figure === undefined) return null;
  return { name, figure, must: `≥ ${least}`, holds: figure >= least, kind };
}

function divide(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one / other;
}
