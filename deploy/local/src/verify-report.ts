/** What one part of `npm run verify` found. */
export type PartResult = {
  readonly name: string;
  /** The npm script that runs this part alone. */
  readonly script: string;
  readonly outcome: 'passed' | 'failed';
  readonly durationMs: number;
  /** What it printed; empty where that has already been shown. */
  readonly output: string;
};

/** More would push the other failures out of sight; the part run alone shows all. */
const maxLinesPerPart = 120;

/** One line for one part. */
export function summaryLine({ name, outcome, durationMs }: PartResult): string {
  const seconds = `${(durationMs / 1000).toFixed(1)} s`;
  return `${outcome === 'passed' ? 'ok  ' : 'FAIL'}  ${name.padEnd(10)} ${seconds.padStart(8)}`;
}

/** Every failure with what it printed, or undefined where all parts passed. */
export function failuresText(results: readonly PartResult[]): string | undefined {
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  if (failed.length === 0) return undefined;
  const texts = failed.map(({ name, script, output }) => {
    const found = output.trim() === '' ? 'Its output is above.' : shorten(output.trimEnd());
    return `── ${name} (alone: npm run ${script})\n${found}`;
  });
  return `\n${texts.join('\n\n')}\n\n${failed.length} of ${results.length} parts failed: ${failed.map(({ name }) => name).join(', ')}.`;
}

function shorten(output: string): string {
  const lines = output.split('\n');
  if (lines.length <= maxLinesPerPart) return output;
  return [...lines.slice(0, maxLinesPerPart), `… and ${lines.length - maxLinesPerPart} more lines`].join(
    '\n',
  );
}
