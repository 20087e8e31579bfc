/** The results as lines for a person. */
import type { Check } from './must.js';
import type { Run } from './parts/measure.js';
import type { Latency } from './load/percentiles.js';
import { chainName, insertRelayName, relayName, type Results, type TargetResults } from './results.js';

const times = ({ p50, p90, p99, max }: Latency): string => [p50, p90, p99, max].map(ms).join(' ');

export function runLine(name: string, run: Run): string {
  const { perSecond, toReceive, toAcknowledge, lost, twice, outOfOrder, refused, closed } = run;
  const faults = { lost, twice, 'out of order': outOfOrder, refused, closed };
  const bad = Object.entries(faults)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => ` · ${count} ${what}`);
  const reasons = run.reasons.length > 0 ? ` (${run.reasons.slice(0, 3).join('; ')})` : '';
  return `${name.padEnd(22)} ${String(perSecond).padStart(6)}/s  receive ${times(toReceive)}  ack ${times(toAcknowledge)}  from send ${ms(run.sendToReceive.p50)} ${ms(run.sendToReceive.p99)}  cpu ${run.cpuMicrosPerMessageOfAll.toFixed(0)} µs${bad.join('')}${reasons}`;
}

/** Ours to each floor, at each rate: where one was asked for several times, the second run to the second of the floor. */
export function ratioLines(results: Results, ours: TargetResults): readonly string[] {
  return ours.delivery.flatMap((run, index) => {
    const earlier = atRate(ours.delivery.slice(0, index), run.perSecond).length;
    return [relayName, insertRelayName, chainName].flatMap((name) => {
      const delivery = results.targets.find((target) => target.name === name)?.delivery ?? [];
      const floor = atRate(delivery, run.perSecond)[earlier];
      if (floor === undefined) return [];
      const [p50, p99] = [
        run.sendToReceive.p50 / floor.sendToReceive.p50,
        run.sendToReceive.p99 / floor.sendToReceive.p99,
      ];
      const cpu = run.cpuMicrosPerMessageOfAll / floor.cpuMicrosPerMessageOfAll;
      return [
        `${run.perSecond}/s to ${name}: p50 ${p50.toFixed(2)}×, p99 ${p99.toFixed(2)}×, CPU ${cpu.toFixed(2)}×`,
      ];
    });
  });
}

function atRate(runs: readonly Run[], perSecond: number): readonly Run[] {
  return runs.filter((run) => run.perSecond === perSecond);
}

export function costLines(ours: TargetResults): readonly string[] {
  return ours.delivery.map((run) => {
    const each = Object.entries(run.cpuMicrosPerMessage).map(([name, cost]) => `${name} ${cost.toFixed(0)}`);
    return `CPU ms per 1,000 messages at ${run.perSecond}/s: ${run.cpuMicrosPerMessageOfAll.toFixed(0)} (${each.join(', ')})`;
  });
}

export function checkLine(check: Check): string {
  const verdict = check.holds
    ? 'holds'
    : check.kind === 'quiet'
      ? 'MISSED (wants a quiet machine)'
      : 'MISSED';
  return `${check.name}: ${check.figure.toFixed(2)}, must be ${check.must}: ${verdict}`;
}

/** One line of figures, to compare runs by. */
export function lastLine(checked: readonly Check[]): string {
  return `bench:delivery ${checked.map(({ name, figure, holds }) => `${holds ? '' : '!'}${name} ${figure.toFixed(2)}`).join(' · ')}`;
}

function ms(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(0);
}
