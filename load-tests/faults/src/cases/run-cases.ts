/** One case after the other on one system; each row as it ends. */
import type { Say } from '@cipherchat/test-kit';
import type { Case } from './case.js';
import type { People } from './people.js';
import { tableRow, type Result } from './report.js';

export type RunParams<World> = {
  readonly cases: readonly Case<World>[];
  /** Asked for people by the first case that needs them. */
  readonly startPeople: () => Promise<People>;
  readonly worldWith: (people: () => Promise<People>) => World;
  readonly say: Say;
};

/** What the first case makes, all others stand on: when that does not hold they do not run. */
export async function runCases<World>(params: RunParams<World>): Promise<readonly Result[]> {
  const { cases, startPeople, worldWith, say } = params;
  let started: Promise<People> | undefined;
  const world = worldWith(() => (started ??= startPeople()));
  const results: Result[] = [];
  try {
    for (const each of cases) {
      const result = await runCase(each, world);
      results.push(result);
      say(tableRow(result));
      for (const failure of result.failures) say(`  ${failure}`);
      if (results.length === 1 && result.failures.length > 0) break;
    }
  } finally {
    const people = await started?.catch(() => undefined);
    await people?.end();
  }
  return results;
}

async function runCase<World>(each: Case<World>, world: World): Promise<Result> {
  const startedAtMs = performance.now();
  const tookMs = (): number => performance.now() - startedAtMs;
  try {
    const outcome = await each.run(world);
    return { ...outcome, name: each.name, tookMs: tookMs() };
  } catch (error) {
    // It says why, and the next one tries with what is left.
    const failure = error instanceof Error ? error.message : String(error);
    return { name: each.name, tookMs: tookMs(), figures: '', failures: [failure] };
  }
}
