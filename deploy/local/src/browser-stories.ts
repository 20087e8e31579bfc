/** Runs a Playwright project of apps/web against the whole system, which is started for it and gone afterwards. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import {
  chromiumProgram,
  inheritedEnvironment,
  natsServerProgram,
  nginxProgram,
  randomFreePort,
  redisServerProgram,
  startIsolatedSystem,
  type Say,
} from '@cipherchat/test-kit';
import { build } from './build.js';
import { runGuarded } from './guarded-program.js';
import { inRoot } from './repository.js';
import { figuresOf, type StoryReport } from './story-report.js';
import { buildWeb, webRoot } from './web-build.js';

const webFolder = inRoot('apps/web');
/** Everyone in a story comes from one address, and registers within seconds. */
const ofServices = { RATE_LIMIT_SCALE: '1000' };

export type BrowserStories = {
  /** Of the npm script, and of the line of figures. */
  readonly name: string;
  /** Of playwright.config.ts. */
  readonly project: string;
  /** For Playwright: files, `--grep`, … */
  readonly args: readonly string[];
  /** Of the browser. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly say: Say;
};

export async function runBrowserStories({
  name,
  project,
  args,
  environment = {},
  say,
}: BrowserStories): Promise<'passed' | 'failed'> {
  await natsServerProgram(say);
  await redisServerProgram(say);
  await nginxProgram(say);
  const chromium = await chromiumProgram(say);
  await build(say);
  await buildWeb(say);
  const folder = inRoot('.cache', name.replaceAll(':', '-'));
  const report = path.join(folder, 'report.json');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  say('Starting the whole system for the stories.');
  const port = await randomFreePort();
  const system = await startIsolatedSystem({
    environment: ofServices,
    logDir: path.join(folder, 'logs'),
    web: { root: webRoot, port },
  });
  try {
    const code = await runGuarded({
      program: process.execPath,
      args: [playwright(), 'test', `--project=${project}`, ...args],
      cwd: webFolder,
      env: inheritedEnvironment({
        STORIES_ORIGIN: `http://localhost:${port}`,
        STORIES_CHROMIUM: chromium,
        STORIES_OUTPUT: folder,
        STORIES_DATABASE: system.postgres.adminUrl,
        ...environment,
      }),
    });
    if (!existsSync(report)) return 'failed';
    const found = JSON.parse(readFileSync(report, 'utf8')) as StoryReport;
    for (const line of figuresOf(name, found)) say(line);
    return code === 0 ? 'passed' : 'failed';
  } finally {
    await system.stop();
  }
}

/** The command line of the web app's own Playwright. */
function playwright(): string {
  const ofWeb = createRequire(path.join(webFolder, 'package.json'));
  return path.join(path.dirname(ofWeb.resolve('@playwright/test/package.json')), 'cli.js');
}
