/**
 * `npm run load -- SCENARIO…`: loads a running `npm start`, else a system that it starts for the run, else the address
 * that it is given and was told it may load. The exit code is 1 when a threshold does not hold or nothing was measured.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ExplainedError, k6Program } from '@cipherchat/test-kit';
import { readConfig } from './config.js';
import { readOptions, type Options } from './options.js';
import type { Outcome } from './report/outcome.js';
import { lastLine, textOf } from './report/text.js';
import { runScenario } from './run-scenario.js';
import { runningTarget, startOwnTarget, type StartedTarget } from './target/local-target.js';
import { patientFetch } from './target/patient-fetch.js';
import { fetchFrom } from './target/source-addresses.js';
import { discover, refuseUnlessAllowed } from './target/target.js';

const keptRuns = 20;
const say = (line: string): void => console.log(line);
const config = readConfig();
const cacheDir = config.folder ?? fileURLToPath(new URL('../../../.cache/load', import.meta.url));

try {
  await main();
} catch (error) {
  process.exitCode = 1;
  console.error(error instanceof ExplainedError ? error.message : error);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.target !== undefined) refuseUnlessAllowed([options.target], config.allowedOrigins);
  const k6 = await k6Program(say);
  const startedAt = new Date().toISOString();
  const folder = path.join(cacheDir, startedAt.replaceAll(/[:.]/g, '-'));
  mkdirSync(cacheDir, { recursive: true });
  const script = config.generator ?? (await bundled(path.join(cacheDir, 'generator.js')));
  forgetOldRuns();
  const { target, stop } = await findTarget(options, path.join(folder, 'logs'));
  const outcomes: Outcome[] = [];
  try {
    if (target.registration === 'invite' && config.invite === undefined)
      throw new ExplainedError(
        'Registration is by invitation there: set LOAD_INVITE to a code for enough accounts.',
      );
    for (const name of options.scenarios) {
      const { size } = options;
      const run = { name, size, target, invite: config.invite, k6, script, folder, startedAt };
      const outcome = await runScenario(run);
      outcomes.push(outcome);
      for (const line of ['', ...textOf(outcome)]) say(line);
    }
  } finally {
    await stop();
  }
  say('');
  say(`Reports: ${path.relative(process.cwd(), folder)}/<scenario>/report.html`);
  say(lastLine(outcomes));
  if (outcomes.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
}

/** The bundler is loaded only where it is needed: the image has none. */
async function bundled(file: string): Promise<string> {
  const { bundleGenerator } = await import('./bundle.js');
  await bundleGenerator(file);
  return file;
}

/** Reports are small, the logs of a system of our own are not. Their names are times, so they sort. */
function forgetOldRuns(): void {
  const runs = readdirSync(cacheDir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of runs
    .toSorted((one, other) => one.name.localeCompare(other.name))
    .slice(0, -keptRuns))
    rmSync(path.join(cacheDir, name), { recursive: true, force: true });
}

async function findTarget(options: Options, logDir: string): Promise<StartedTarget> {
  const nothing = (): Promise<void> => Promise.resolve();
  if (options.target !== undefined) {
    const { allowedOrigins } = config;
    const by = patientFetch({
      by: fetchFrom(undefined, undefined),
      withinMs: options.waitMs,
      nowMs: () => performance.now(),
      sleep,
    });
    const found = await discover({ serverUrl: options.target, allowedOrigins, by });
    return { target: { ...found, kind: 'elsewhere', processes: [], caFile: undefined }, stop: nothing };
  }
  const running = options.runFile === undefined ? undefined : await runningTarget(options.runFile);
  if (running !== undefined) {
    say(`Loading the system of npm start at ${running.serverUrl}.`);
    return { target: running, stop: nothing };
  }
  say('Nothing runs here; starting a whole system for the run.');
  return startOwnTarget(logDir);
}
