/**
 * `npm run bench:telemetry`: what it costs that the system watches itself. Each variant is a whole system of its own,
 * all at once; short runs go round them, so that what disturbs the machine disturbs all alike. See README.md.
 */
import { parseArgs } from 'node:util';
import { ExplainedError, startTraceCollector } from '@cipherchat/test-kit';
import { start, type CipherChat } from '../drivers/cipherchat.js';
import { measure, type Measured, type Run } from '../parts/measure.js';
import { runLine } from '../report.js';
import { lastLine, rowLine, rowsOf } from './summary.js';
import { variants } from './variants.js';

const pairs = 50;
const warmUpSeconds = 6;
/** As often as a Prometheus in a hurry. */
const scrapeEveryMs = 5_000;
const driver = new URL('../drivers/cipherchat.js', import.meta.url).href;

type Running = { readonly name: string; readonly target: Measured & CipherChat };

try {
  await main();
} catch (error) {
  process.exitCode = 1;
  console.error(error instanceof ExplainedError ? error.message : error);
}

async function main(): Promise<void> {
  const { rate, seconds, rounds } = readOptions(process.argv.slice(2));
  const collector = await startTraceCollector();
  const systems: Running[] = [];
  let scraping: NodeJS.Timeout | undefined;
  try {
    // One after the other: whatever is up when one fails to start is stopped.
    for (const { name, environment } of variants) {
      const system = await start({ environment: environment(collector.url) });
      systems.push({ name, target: { ...system, driver, kind: 'ours' } });
    }
    const urls = systems.flatMap(({ target }) => target.serviceUrls);
    scraping = setInterval(() => void scrape(urls), scrapeEveryMs);
    const load = (target: Measured, forSeconds: number): Promise<Run> =>
      measure({ target, perSecond: rate, seconds: forSeconds, rooms: pairs, members: 2, senders: 'all' });
    console.log(`${pairs} pairs at ${rate}/s; times in ms: p50 p90 p99 max`);
    for (const { target } of systems) await load(target, warmUpSeconds);
    const runs = new Map<string, readonly Run[]>();
    for (let round = 0; round < rounds; round++)
      for (const { name, target } of systems) {
        const run = await load(target, seconds);
        console.log(runLine(name, run));
        runs.set(name, [...(runs.get(name) ?? []), run]);
      }
    const rows = rowsOf(variants, runs);
    for (const row of rows) console.log(rowLine(row));
    const bytes = collector.bodies.reduce((sum, body) => sum + body.bytes.length, 0);
    console.log(
      `The collector was sent ${(bytes / 2 ** 20).toFixed(0)} MiB in ${collector.bodies.length} requests.`,
    );
    console.log(lastLine(rows, rate));
    if (rows.some(({ lost }) => lost > 0)) process.exitCode = 1;
  } finally {
    clearInterval(scraping);
    await Promise.all(systems.map(({ target }) => target.stop()));
    await collector.stop();
  }
}

/** A service that does not answer in time is looked at the next time. */
async function scrape(urls: readonly string[]): Promise<void> {
  const signal = AbortSignal.timeout(scrapeEveryMs);
  await Promise.allSettled(
    urls.map(async (url) => (await fetch(`${url}/metrics`, { signal })).arrayBuffer()),
  );
}

function readOptions(args: readonly string[]): {
  readonly rate: number;
  readonly seconds: number;
  readonly rounds: number;
} {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rate: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '3' },
    },
  });
  const number = (name: keyof typeof values): number => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new ExplainedError(`--${name}: ${values[name]} is no number above 0.`);
    return value;
  };
  return { rate: number('rate'), seconds: number('seconds'), rounds: number('rounds') };
}
