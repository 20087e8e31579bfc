/** The results as a table, and whether they hold. */
import type { FaultResult } from './run-fault.js';

export type Demands = { readonly injections: number; readonly perSecond: number };

/** What does not hold; empty when all does. */
export function failuresOf(result: FaultResult, demands: Demands): readonly string[] {
  const { name, lost, twice, outOfOrder, unequalRooms } = result;
  const bad = [
    lost > 0 ? `${lost} lost` : '',
    twice > 0 ? `${twice} shown twice` : '',
    outOfOrder > 0 ? `${outOfOrder} out of order` : '',
    unequalRooms > 0 ? `${unequalRooms} rooms differ` : '',
    result.acknowledged === 0 ? 'nothing was acknowledged' : '',
    result.injections < demands.injections ? `${result.injections} injections of ${demands.injections}` : '',
    result.offeredPerSecond < demands.perSecond
      ? `${result.offeredPerSecond.toFixed(0)} messages/s of ${demands.perSecond}`
      : '',
    ...result.wrongs,
  ];
  return bad.filter((text) => text !== '').map((text) => `${name}: ${text}`);
}

const columns = [
  { title: 'fault', width: 20, of: ({ name }: FaultResult) => name },
  { title: 'injections', width: 10, of: ({ injections }: FaultResult) => String(injections) },
  {
    title: 'offered/s',
    width: 9,
    of: ({ offeredPerSecond }: FaultResult) => offeredPerSecond.toFixed(0),
  },
  { title: 'acknowledged', width: 12, of: ({ acknowledged }: FaultResult) => String(acknowledged) },
  { title: 'lost', width: 5, of: ({ lost }: FaultResult) => String(lost) },
  { title: 'twice', width: 5, of: ({ twice }: FaultResult) => String(twice) },
  { title: 'disorder', width: 8, of: ({ outOfOrder }: FaultResult) => String(outOfOrder) },
  { title: 'unequal', width: 7, of: ({ unequalRooms }: FaultResult) => String(unequalRooms) },
  { title: 'told to wait', width: 12, of: ({ toldToWait }: FaultResult) => String(toldToWait) },
  {
    title: 'recovered p50/max s',
    width: 19,
    of: ({ recoveriesMs }: FaultResult) =>
      `${seconds(median(recoveriesMs))} / ${seconds(greatest(recoveriesMs))}`,
  },
  {
    title: 'outage p50/max s',
    width: 16,
    of: ({ outagesMs }: FaultResult) => `${seconds(median(outagesMs))} / ${seconds(greatest(outagesMs))}`,
  },
] as const;

export function tableHead(): string {
  return columns.map(({ title, width }, index) => pad(title, { width, index })).join('  ');
}

export function tableRow(result: FaultResult): string {
  return columns.map(({ of, width }, index) => pad(of(result), { width, index })).join('  ');
}

/** One line of figures, to compare runs by. */
export function lastLine(results: readonly FaultResult[], failures: readonly string[]): string {
  const sum = (of: (result: FaultResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  const slowest = greatest(results.flatMap(({ recoveriesMs }) => recoveriesMs));
  const [first = 0, ...others] = results.map(({ offeredPerSecond }) => offeredPerSecond);
  const least = Math.min(first, ...others);
  const figures = [
    `faults=${results.length}`,
    `injections=${sum(({ injections }) => injections)}`,
    `acknowledged=${sum(({ acknowledged }) => acknowledged)}`,
    `lost=${sum(({ lost }) => lost)}`,
    `twice=${sum(({ twice }) => twice)}`,
    `disorder=${sum(({ outOfOrder }) => outOfOrder)}`,
    `unequal-rooms=${greatest(results.map(({ unequalRooms }) => unequalRooms))}`,
    `least-offered/s=${least.toFixed(0)}`,
    `slowest-recovery-s=${seconds(slowest)}`,
  ];
  return `faults ${failures.length === 0 ? 'held' : 'FAILED'}: ${figures.join(' ')}`;
}

function pad(text: string, { width, index }: { readonly width: number; readonly index: number }): string {
  return index === 0 ? text.padEnd(width) : text.padStart(width);
}

function median(values: readonly number[]): number {
  const ascending = values.toSorted((one, other) => one - other);
  return ascending[Math.ceil(ascending.length / 2) - 1] ?? 0;
}

function greatest(values: readonly number[]): number {
  return Math.max(0, ...values);
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
