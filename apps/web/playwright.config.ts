import path from 'node:path';
import { defineConfig } from '@playwright/test';

/**
 * Given by deploy/local/src/browser-stories.ts, which starts the system: `npm run e2e -- [FILE…]`. Programs that only read
 * this file have none of it.
 */
const {
  STORIES_ORIGIN: origin = 'http://start-with-npm-run-e2e.invalid',
  STORIES_CHROMIUM: chromium = '',
  STORIES_OUTPUT: output = '',
  STORIES_DATABASE: database = '',
} = process.env;

export default defineConfig({
  testDir: 'e2e',
  outputDir: path.join(output, 'results'),
  // For the screens: where pictures go, and the database whose clock they turn.
  metadata: { output, database },
  reporter: [['list'], ['json', { outputFile: path.join(output, 'report.json') }]],
  // A story that is shown to pass by trying again is shown to fail.
  retries: 0,
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  // Of one story: two people with post-quantum keys register in about ten seconds on two busy cores.
  timeout: 90_000,
  globalTimeout: 20 * 60_000,
  expect: { timeout: 20_000 },
  use: {
    baseURL: origin,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    actionTimeout: 20_000,
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: chromium,
      // Chromium's own sandbox refuses to start as root, as in containers and on build machines.
      chromiumSandbox: process.getuid?.() !== 0,
      args: ['--disable-quic', '--disable-component-update', '--disable-sync'],
    },
  },
  // A folder each; the stories stand above them.
  projects: [
    { name: 'stories', testMatch: /e2e\/[^/]+\.spec\.ts$/ },
    // A screen is looked at in eleven looks.
    { name: 'a11y', testDir: 'e2e/a11y', testMatch: '*.spec.ts', timeout: 240_000 },
    // Some people for all of them, by names that nobody else may have.
    {
      name: 'screens',
      testDir: 'e2e/screens',
      testMatch: '*.spec.ts',
      timeout: 240_000,
      workers: 1,
      use: { deviceScaleFactor: 2 },
    },
    // One thing at a time: what else runs would be measured, too.
    { name: 'perf', testDir: 'e2e/perf', testMatch: '*.spec.ts', workers: 1, fullyParallel: false },
  ],
});
