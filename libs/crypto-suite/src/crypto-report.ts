/** What the long runs found, as lines for a person. */

export const suites = [0x004e, 0x0001] as const;
export type Suite = (typeof suites)[number];
/** Counts by name, as the churn and the mutations give them. */
export type Counts = Readonly<Record<string, number>>;

export type SuiteFigures = {
  readonly runs: number;
  readonly operations: number;
  readonly largestGroup: number;
  readonly counts: Counts;
  readonly mutations: Counts;
};

export const noFigures: SuiteFigures = { runs: 0, operations: 0, largestGroup: 0, counts: {}, mutations: {} };

export function addCounts(left: Counts, right: Counts): Counts {
  const sum: Record<string, number> = { ...left };
  for (const [name, count] of Object.entries(right)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

export function suiteName(suite: Suite): string {
  return `0x${suite.toString(16).toUpperCase().padStart(4, '0')}`;
}

export function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

const nameWidth = 22;
const figureWidth = 10;

/** One row per kind of operation and check, one column per suite. */
export function countTable(figures: ReadonlyMap<Suite, SuiteFigures>): readonly string[] {
  const all = [...figures.values()].reduce((sum, { counts }) => addCounts(sum, counts), {} as Counts);
  const row = (name: string, cells: readonly string[]): string =>
    name.padEnd(nameWidth) + cells.map((cell) => cell.padStart(figureWidth)).join('');
  return [
    row('kind', [...figures.keys()].map(suiteName)),
    ...Object.keys(all).map((name) =>
      row(
        name,
        [...figures.values()].map(({ counts }) => String(counts[name] ?? 0)),
      ),
    ),
  ];
}

/** Outcomes of mutated input: failure codes over all kinds of input. */
export function mutationLine(figures: SuiteFigures): string {
  const codes: Record<string, number> = {};
  for (const [name, count] of Object.entries(figures.mutations)) {
    const code = name.split(': ')[1] ?? name;
    codes[code] = (codes[code] ?? 0) + count;
  }
  return Object.entries(codes)
    .sort(([, left], [, right]) => right - left)
    .map(([code, count]) => `${code} ${count}`)
    .join(', ');
}
