/** A run's outcome as lines for a terminal. */
import { figures, type FigureName } from '../figures.js';
import type { Outcome, Times } from './outcome.js';
import { generatorLines, megabytes, ms, seconds } from './units.js';

const columns = ['p50', 'p90', 'p95', 'p99', 'max'] as const;
const nameWidth = 28;
const numberWidth = 9;

export function textOf(outcome: Outcome): readonly string[] {
  const { scenario, shape, counts, services, thresholds, faults, machine } = outcome;
  const held = thresholds.filter(({ holds }) => holds).length;
  return [
    `${scenario}: ${shape} (load average before: ${machine.loadBefore.toFixed(1)} on ${machine.cpus} cores)`,
    ...timesTable(outcome, 'system'),
    '',
    ...rowsOf(counts, 'system').map(
      ([name, value]) => `  ${name.padEnd(nameWidth)} ${String(value).padStart(numberWidth)}`,
    ),
    '',
    'The generator itself:',
    ...timesTable(outcome, 'generator'),
    ...generatorLines(outcome).map((line) => `  ${line}`),
    ...(services.length === 0
      ? []
      : ['', 'The services: CPU, memory of the main process at the start and at the end']),
    ...services.map(
      ({ name, cpuSeconds, firstBytes, lastBytes }) =>
        `  ${name.padEnd(nameWidth)} ${seconds(cpuSeconds).padStart(numberWidth)} ${megabytes(firstBytes).padStart(numberWidth)} ${megabytes(lastBytes).padStart(numberWidth)}`,
    ),
    '',
    `  ${held} of ${thresholds.length} thresholds hold.`,
    ...faults.map((fault) => `  FAILED: ${fault}`),
  ];
}

function timesTable({ times }: Outcome, of: 'system' | 'generator'): readonly string[] {
  const rows = Object.entries(times).filter(([name]) => figures[name as FigureName].of === of);
  if (rows.length === 0) return [];
  const head = [
    `  ${'ms'.padEnd(nameWidth)}`,
    ...columns.map((column) => column.padStart(numberWidth)),
    'count'.padStart(numberWidth),
  ];
  return [head.join(' '), ...rows.map(([name, each]) => timesRow(name, each))];
}

function timesRow(name: string, each: Times): string {
  const cells = columns.map((column) => ms(each[column]).padStart(numberWidth));
  return [`  ${name.padEnd(nameWidth)}`, ...cells, String(each.count).padStart(numberWidth)].join(' ');
}

/** What happened, and what must not happen; of the rest a nought says nothing. */
export function rowsOf(
  counts: Outcome['counts'],
  of: 'system' | 'generator',
): ReadonlyArray<readonly [FigureName, number]> {
  return (Object.entries(counts) as [FigureName, number][]).filter(
    ([name, value]) => figures[name].of === of && (value > 0 || mustBeNought.has(name)),
  );
}

const mustBeNought: ReadonlySet<FigureName> = new Set([
  'messages_lost',
  'messages_twice',
  'messages_out_of_order',
  'messages_unacknowledged',
]);

/** The last line: one figure after the other, to compare runs by. */
export function lastLine(outcomes: readonly Outcome[]): string {
  const parts = outcomes.map(({ scenario, times, counts, faults }) => {
    const verdict = faults.length === 0 ? '' : '!';
    const p95 = times.delivery_ms === undefined ? '–' : ms(times.delivery_ms.p95);
    return `${verdict}${scenario} p95 ${p95} ms, ${counts.messages_received ?? 0} delivered, ${counts.messages_lost ?? 0} lost`;
  });
  return `load ${parts.join(' · ')}`;
}
