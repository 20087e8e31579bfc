/**
 * `npm run test:sim`: many runs of the whole delivery in virtual time. It fails when a run breaks a rule, and, of
 * enough runs, when there is a point between two steps at which nothing was ever crashed.
 *
 *   --seeds N      how many runs with the fake engine (1,000)
 *   --openmls N    how many runs with the real one (a twentieth of --seeds)
 *   --postgres N   what so many of the runs ask of the database is asked of real Postgres as well (none)
 *   --first S      the first seed (1)
 *   --seed S       one run only, with everything that happens in it; with `--engine openmls` on the real engine
 */
import { parseArgs } from 'node:util';
import { crashPoints, neverCrashedAt } from './crash-points.js';
import type { EngineName } from './engines.js';
import { replayOnPostgres } from './postgres-replay.js';
import { Runner, seedsFrom, type Tally } from './runs.js';
import { survey } from './survey.js';

const defaultSeeds = 1_000;
/** Fewer runs than this cannot be expected to crash at every point. */
const minSeedsToCover = 5_000;
const openMlsShare = 1 / 20;
const shownFailures = 20;
const sayEveryMs = 10_000;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      openmls: { type: 'string' },
      postgres: { type: 'string' },
      first: { type: 'string' },
      seed: { type: 'string' },
      engine: { type: 'string' },
    },
  });
  if (values.seed !== undefined) {
    const engine = values.engine === 'openmls' ? 'openmls' : 'fake';
    return runOne(numberOf(values.seed), engine);
  }
  const seeds = numberOf(values.seeds ?? String(defaultSeeds));
  const openmls = numberOf(values.openmls ?? String(Math.ceil(seeds * openMlsShare)));
  const postgres = numberOf(values.postgres ?? '0');
  return runMany({ seeds, openmls, postgres, first: numberOf(values.first ?? '1') });
}

async function runOne(seed: number, engine: EngineName): Promise<number> {
  const runner = await Runner.create(engine);
  const { broken, messages, hash } = await runner.run({ seed, say: (line) => console.log(line) });
  console.log(
    `simulation ${broken.length === 0 ? 'passed' : 'FAILED'}: seed=${seed} engine=${engine} messages=${messages} trace=${hash}`,
  );
  return broken.length === 0 ? 0 : 1;
}

async function runMany(params: {
  readonly seeds: number;
  readonly openmls: number;
  readonly postgres: number;
  readonly first: number;
}): Promise<number> {
  const { seeds, openmls, postgres, first } = params;
  const startedAt = performance.now();
  const fake = await survey({ engine: 'fake', first, count: seeds }, progress('fake', seeds));
  const real = await survey({ engine: 'openmls', first, count: openmls }, progress('openmls', openmls));
  const replayed = postgres === 0 ? null : await replayOnPostgres(seedsFrom(first, postgres));
  for (const difference of replayed?.differences.slice(0, shownFailures) ?? []) console.log(difference);
  showFailures('fake', fake);
  showFailures('openmls', real);
  const missed = neverCrashedAt(fake.crashes);
  if (missed.length > 0 && seeds >= minSeedsToCover) console.log(`Never crashed at: ${missed.join(', ')}`);
  const reachable = crashPoints.length;
  const crashes = Object.values(fake.crashes).reduce((sum, count) => sum + count, 0);
  const failures = fake.failures.length + real.failures.length;
  const isCovered = missed.length === 0 || seeds < minSeedsToCover;
  const figures = {
    seeds: fake.runs,
    openmls: real.runs,
    messages: fake.messages + real.messages,
    failures,
    ...(replayed === null
      ? {}
      : { postgres: replayed.runs, statements: replayed.asked, differences: replayed.differences.length }),
    crashes,
    covered: `${reachable - missed.length}/${reachable}`,
    seconds: Math.round((performance.now() - startedAt) / 1_000),
  };
  const line = Object.entries(figures).map(([name, value]) => `${name}=${value}`);
  const passed = failures === 0 && isCovered && (replayed?.differences.length ?? 0) === 0;
  console.log(`simulation ${passed ? 'passed' : 'FAILED'}: ${line.join(' ')}`);
  return passed ? 0 : 1;
}

function showFailures(engine: EngineName, { failures }: Tally): void {
  for (const { seed, broken } of failures.slice(0, shownFailures)) {
    console.log(`seed ${seed} (npm run test:sim -- --seed ${seed} --engine ${engine}):`);
    for (const rule of broken) console.log(`  ${rule}`);
  }
  if (failures.length > shownFailures) console.log(`and ${failures.length - shownFailures} more seeds`);
}

function progress(engine: EngineName, count: number): (tally: Tally) => void {
  let saidAtMs = performance.now();
  return ({ runs, failures }) => {
    if (performance.now() - saidAtMs < sayEveryMs) return;
    saidAtMs = performance.now();
    console.log(`${engine}: ${runs} of ${count} runs, ${failures.length} failed`);
  };
}

function numberOf(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new Error(`"${text}" is not a number of seeds`);
  return Number(text);
}
