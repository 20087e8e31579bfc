/** What one scenario's run came to, from k6's summary and the cost of the processes: what is written as JSON. */
import { figureNames, figures, type FigureName } from '../figures.js';
import type { K6Run, ProcessCost } from '../run-k6.js';
import { z } from 'zod';

export type Times = {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
};

export type Threshold = { readonly figure: FigureName; readonly rule: string; readonly holds: boolean };

export type Outcome = {
  readonly scenario: string;
  readonly about: string;
  readonly shape: string;
  readonly startedAt: string;
  /** The whole life of k6, with what it takes to start and to settle. */
  readonly seconds: number;
  readonly target: { readonly kind: string; readonly serverUrl: string; readonly gateways: string };
  readonly machine: {
    readonly cpus: number;
    readonly model: string;
    /** Of the last minute, before the run: above 1 the machine was not quiet. */
    readonly loadBefore: number;
  };
  readonly k6: {
    readonly version: string;
    readonly exitCode: number | null;
    readonly outcome: K6Run['outcome'];
  };
  readonly times: Readonly<Partial<Record<FigureName, Times>>>;
  readonly counts: Readonly<Partial<Record<FigureName, number>>>;
  readonly thresholds: readonly Threshold[];
  readonly generator: ProcessCost | null;
  readonly services: readonly ProcessCost[];
  /** Why it failed; empty when it did not. */
  readonly faults: readonly string[];
};

export type RunKnown = Pick<Outcome, 'scenario' | 'about' | 'shape' | 'startedAt' | 'target' | 'machine'> & {
  readonly k6Version: string;
};

/** As `handleSummary` of k6 is given it. */
const summaryShape = z.object({
  metrics: z.record(
    z.string(),
    z.object({
      values: z.record(z.string(), z.number().nullable()),
      thresholds: z.record(z.string(), z.object({ ok: z.boolean() })).optional(),
    }),
  ),
});

export function outcomeOf(known: RunKnown, run: K6Run): Outcome {
  const { k6Version, ...rest } = known;
  const summary = summaryShape.safeParse(run.summary);
  const metrics = summary.success ? summary.data.metrics : {};
  const times: Partial<Record<FigureName, Times>> = {};
  const counts: Partial<Record<FigureName, number>> = {};
  for (const name of figureNames) {
    const values = metrics[name]?.values ?? {};
    if (figures[name].kind === 'count') counts[name] = values['count'] ?? 0;
    else if ((values['count'] ?? 0) > 0)
      times[name] = {
        count: values['count'] ?? 0,
        p50: values['med'] ?? 0,
        p90: values['p(90)'] ?? 0,
        p95: values['p(95)'] ?? 0,
        p99: values['p(99)'] ?? 0,
        max: values['max'] ?? 0,
      };
  }
  const thresholds = figureNames.flatMap((figure) =>
    Object.entries(metrics[figure]?.thresholds ?? {}).map(([rule, { ok }]) => ({ figure, rule, holds: ok })),
  );
  const measured = {
    ...rest,
    seconds: run.seconds,
    k6: { version: k6Version, exitCode: run.exitCode, outcome: run.outcome },
    times,
    counts,
    thresholds,
    generator: run.generator ?? null,
    services: run.services,
  };
  return { ...measured, faults: faultsOf(measured) };
}

/** A run that measured nothing is no success, whatever k6 says of thresholds on metrics that it never saw. */
function faultsOf(measured: Omit<Outcome, 'faults'>): readonly string[] {
  const { k6, times, counts, thresholds } = measured;
  const faults = thresholds
    .filter(({ holds }) => !holds)
    .map(({ figure, rule }) => `${figure} is not ${rule}`);
  if (k6.outcome === 'cut') faults.push('it was cut at the hard stop');
  if ((times.delivery_ms?.count ?? 0) === 0) faults.push('no delivery was timed');
  if ((counts.messages_received ?? 0) === 0) faults.push('no message was delivered');
  if ((counts.messages_received ?? 0) !== (counts.messages_expected ?? 0))
    faults.push(`${counts.messages_received ?? 0} copies of ${counts.messages_expected ?? 0} arrived`);
  if (k6.exitCode !== 0 && faults.length === 0) faults.push(`k6 ended with ${k6.exitCode ?? 'a signal'}`);
  return faults;
}
