/** What Playwright found, from the report that it writes as JSON; only what is read here. */
export type StoryReport = {
  readonly suites: readonly StorySuite[];
  readonly stats: {
    readonly expected: number;
    readonly unexpected: number;
    readonly flaky: number;
    readonly skipped: number;
    /** Milliseconds. */
    readonly duration: number;
  };
};

type StorySuite = {
  readonly suites?: readonly StorySuite[];
  readonly specs: readonly {
    readonly title: string;
    readonly tests: readonly {
      readonly annotations: readonly { readonly type: string; readonly description?: string }[];
    }[];
  }[];
};

/**
 * What was measured, and one line of figures at the end. A story that was skipped, did not run within the time, or passed
 * only when it was tried again has not passed.
 */
export function figuresOf(name: string, report: StoryReport): readonly string[] {
  const { expected, unexpected, flaky, skipped, duration } = report.stats;
  const stories = expected + unexpected + flaky + skipped;
  const seconds = Math.round(duration / 1000);
  return [
    ...report.suites.flatMap(measuredIn),
    `${name} stories=${stories} passed=${expected} failed=${stories - expected} seconds=${seconds}`,
  ];
}

/** A story tells what it measured in annotations of this type. */
const figure = 'figure';

function measuredIn({ suites = [], specs }: StorySuite): readonly string[] {
  const own = specs.flatMap(({ title, tests }) =>
    tests
      .flatMap(({ annotations }) => annotations)
      .filter(({ type }) => type === figure)
      .map(({ description = '' }) => `${title}: ${description}`),
  );
  return [...own, ...suites.flatMap(measuredIn)];
}
