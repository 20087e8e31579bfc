/** Specs in headless Chromium, test by test. */
import { chromiumProgram, type Say } from '@cipherchat/test-kit';
import { chromium } from 'playwright-core';
import { bundlePage, bundleWorker } from './bundle.js';
import type { TestOutcome } from './page/suite.js';
import { servePage } from './page-server.js';
import { addPasskey } from './passkey.js';

/** Nothing is fetched from anywhere but the page's own server: Chromium is kept from calling home. */
const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** The whole suite takes about two minutes; a page that hangs is given up after this. */
const maxRunMs = 20 * 60 * 1000;

export type ChromiumRun = {
  readonly version: string;
  readonly outcomes: readonly TestOutcome[];
  /** Errors outside of tests: of a spec that could not be evaluated, say. */
  readonly pageErrors: readonly string[];
};

/** A test by file and titles; equal for the same test in Node and in the page. */
export function testName(params: { readonly file: string; readonly titles: readonly string[] }): string {
  return [params.file, ...params.titles].join(' › ');
}

/** @param params.onTest called after each test. */
export async function runInChromium(params: {
  /** As paths in the repository. */
  readonly specs: readonly string[];
  /** Files that specs read, by name. */
  readonly files?: ReadonlyMap<string, string>;
  /** Workers that specs start: their sources, as paths in the repository, by the name of the script. */
  readonly workers?: ReadonlyMap<string, string>;
  readonly say: Say;
  readonly onTest?: (outcome: TestOutcome) => void;
}): Promise<ChromiumRun> {
  const executablePath = await chromiumProgram(params.say);
  const { specs, files = new Map<string, string>(), workers = new Map<string, string>() } = params;
  const script = await bundlePage({ specs, files: [...files.keys()] });
  const bundled = new Map<string, string>();
  for (const [name, entry] of workers) bundled.set(name, await bundleWorker(entry));
  const server = await servePage({ script, workers: bundled, files });
  // Chromium's own sandbox refuses to start as root, as in containers and on build machines.
  const browser = await chromium.launch({
    executablePath,
    args: flags,
    chromiumSandbox: process.getuid?.() !== 0,
  });
  try {
    const page = await browser.newPage();
    // For specs of passkeys; others never see it.
    await addPasskey(page);
    const outcomes: TestOutcome[] = [];
    const pageErrors: string[] = [];
    const ended = Promise.withResolvers<void>();
    page.on('pageerror', (error) => {
      pageErrors.push(error.stack ?? error.message);
      if (outcomes.length === 0) ended.resolve();
    });
    page.on('crash', () => ended.reject(new Error('the page crashed')));
    await page.exposeFunction('reportTest', (outcome: TestOutcome) => {
      outcomes.push(outcome);
      params.onTest?.(outcome);
    });
    await page.exposeFunction('reportEnd', () => ended.resolve());
    const timer = setTimeout(
      () => ended.reject(new Error(`the page did not end within ${maxRunMs / 60_000} minutes`)),
      maxRunMs,
    );
    try {
      await page.goto(server.url);
      await ended.promise;
    } finally {
      clearTimeout(timer);
    }
    return { version: browser.version(), outcomes, pageErrors };
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** What is wrong with a run, one line each: failed tests, tests that Node has and the page did not run, page errors. */
export function faultsOf({
  run,
  expected,
}: {
  readonly run: ChromiumRun;
  readonly expected: readonly string[];
}): readonly string[] {
  const ran = new Set(run.outcomes.map(testName));
  return [
    ...run.pageErrors.map((error) => `error in the page: ${error}`),
    ...run.outcomes
      .filter(({ error }) => error !== null)
      .map((outcome) => `failed: ${testName(outcome)}\n${outcome.error}`),
    ...expected.filter((name) => !ran.has(name)).map((name) => `did not run: ${name}`),
  ];
}
