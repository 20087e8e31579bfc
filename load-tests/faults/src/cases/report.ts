/** The table, and its last line. */
import type { Outcome } from './case.js';

export type Result = Outcome & { readonly name: string; readonly tookMs: number };

const columns = [
  { title: 'case', width: 34, of: ({ name }: Result) => name },
  { title: 'took s', width: 6, of: ({ tookMs }: Result) => seconds(tookMs) },
  { title: 'sent', width: 6, of: ({ load }: Result) => count(load?.acknowledged) },
  { title: 'lost', width: 4, of: ({ load }: Result) => count(load?.lost) },
  { title: 'twice', width: 5, of: ({ load }: Result) => count(load?.twice) },
  {
    title: 'slowest s',
    width: 9,
    of: ({ load }: Result) => (load === undefined ? '' : seconds(load.slowestMs)),
  },
  { title: 'holds', width: 7, of: verdictOf },
  { title: 'what', width: 0, of: ({ figures }: Result) => figures },
] as const;

export function tableHead(): string {
  return line(({ title }) => title);
}

export function tableRow(result: Result): string {
  return line(({ of }) => of(result));
}

export function countsOf(results: readonly Result[]): {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
} {
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  const skipped = results.filter(({ isSkipped }) => isSkipped).length;
  return { passed: results.length - failed - skipped, failed, skipped };
}

/** `of`: what the cases were done to. */
export function lastLine(of: string, results: readonly Result[]): string {
  const sum = (figure: (result: Result) => number): number =>
    results.reduce((total, result) => total + figure(result), 0);
  const { failed, skipped } = countsOf(results);
  const figures = [
    `cases=${results.length}`,
    `failed=${failed}`,
    `skipped=${skipped}`,
    `sent=${sum(({ load }) => load?.acknowledged ?? 0)}`,
    `lost=${sum(({ load }) => load?.lost ?? 0)}`,
    `twice=${sum(({ load }) => load?.twice ?? 0)}`,
    `slowest-s=${seconds(Math.max(0, ...results.map(({ load }) => load?.slowestMs ?? 0)))}`,
    `took-s=${seconds(sum(({ tookMs }) => tookMs))}`,
  ];
  return `${of} ${failed === 0 ? 'held' : 'FAILED'}: ${figures.join(' ')}`;
}

function verdictOf({ failures, isSkipped }: Result): string {
  if (isSkipped) return 'SKIPPED';
  return failures.length === 0 ? 'yes' : 'FAILED';
}

type Column = (typeof columns)[number];

function line(text: (column: Column) => string): string {
  const cells = columns.map((column, index) => {
    const isText = index === 0 || index === columns.length - 1;
    return isText ? text(column).padEnd(column.width) : text(column).padStart(column.width);
  });
  return cells.join('  ').trimEnd();
}

function count(value: number | undefined): string {
  return value === undefined ? '' : String(value);
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
