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
 * What was measured, and one line of figures at the end, with those that stories put there. A story that was skipped, did
 * not run within the time, or passed only when it was tried again has not passed.
 */
export function figuresOf(name: string, report: StoryReport): readonly string[] {
  const { expected, unexpected, flaky, skipped, duration } = report.stats;
  const stories = expected + unexpected + flaky + skipped;
  const seconds = Math.round(duration / 1000);
  const told = report.suites.flatMap(toldIn);
  return [
    ...told.filter(({ type }) => type === figure).map(({ title, description }) => `${title}: ${description}`),
    [
      `${name} stories=${stories} passed=${expected} failed=${stories - expected} seconds=${seconds}`,
      ...told.filter(({ type }) => type === headline).map(({ description }) => description),
    ].join(' '),
  ];
}

/** A story tells what it measured in annotations: of these types a line of its own, or a part of the last line. */
const figure = 'figure';
const headline = 'headline';

type Told = { readonly title: string; readonly type: string; readonly description: string };

function toldIn({ suites = [], specs }: StorySuite): readonly Told[] {
  const own = specs.flatMap(({ title, tests }) =>
    tests
      .flatMap(({ annotations }) => annotations)
      .map(({ type, description = '' }) => ({ title, type, description })),
  );
  return [...own, ...suites.flatMap(toldIn)];
}
