/** Runs spec files in a page, one after the other, and tells the test runner outside what came of each test. */

/** One test, as both sides name it. */
export type TestOutcome = {
  readonly file: string;
  /** Titles of the describes, then of the test. */
  readonly titles: readonly string[];
  readonly durationMs: number;
  readonly error: string | null;
};

type MochaTest = { titlePath(): string[]; readonly duration?: number };
type MochaRunner = {
  on(event: 'pass', listener: (test: MochaTest) => void): void;
  on(event: 'fail', listener: (test: MochaTest, error: Error) => void): void;
  on(event: 'end', listener: () => void): void;
};
declare const mocha: {
  setup(options: { readonly ui: 'bdd'; readonly reporter: (runner: MochaRunner) => void }): void;
  run(): void;
};
declare const describe: (title: string, body: () => void) => void;

/** Put into the page by `chromium.ts`. */
type Outside = { reportTest(outcome: TestOutcome): Promise<void>; reportEnd(): Promise<void> };
const outside = globalThis as unknown as Outside;

/**
 * What a page has of Node: only the one call with which `loadMls`, and the specs of official vectors, read
 * files of the repository. It knows those that were fetched before, by name.
 */
async function lendFiles(names: readonly string[]): Promise<void> {
  const files = new Map(
    await Promise.all(names.map(async (name) => [name, await fetchBytes(name)] as const)),
  );
  const readFileSync = (url: URL): Uint8Array => {
    const name = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
    const bytes = files.get(name);
    if (bytes === undefined) throw new Error(`the page has no file ${name}`);
    return bytes;
  };
  Object.assign(globalThis.process, { getBuiltinModule: () => ({ readFileSync }) });
}

async function fetchBytes(name: string): Promise<Uint8Array> {
  const response = await fetch(`/${name}`);
  if (!response.ok) throw new Error(`${name}: HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * @param params.files names of the files that specs read.
 * @param params.specs path of each spec in the repository, and a function that evaluates it.
 */
export async function runSuite(params: {
  readonly files: readonly string[];
  readonly specs: ReadonlyArray<readonly [file: string, evaluate: () => void]>;
}): Promise<void> {
  await lendFiles(params.files);
  mocha.setup({ ui: 'bdd', reporter: forward });
  for (const [file, evaluate] of params.specs) describe(file, evaluate);
  mocha.run();
}

function forward(runner: MochaRunner): void {
  const report = (test: MochaTest, error: string | null): void => {
    const [file = '', ...titles] = test.titlePath();
    void outside.reportTest({ file, titles, durationMs: test.duration ?? 0, error });
  };
  runner.on('pass', (test) => report(test, null));
  runner.on('fail', (test, error) => report(test, error.stack ?? String(error)));
  runner.on('end', () => void outside.reportEnd());
}
