/** Many runs in one process, and what came of them. */
import type { MlsEngine } from '@cipherchat/crypto';
import { addCounts, type CrashCounts } from './crash-points.js';
import { Chance } from './chance.js';
import { loadEngine, seedCrypto, type EngineName } from './engines.js';
import type { Database, ModelDatabase } from './model-database.js';
import { makeOrigin, type Origin } from './origin.js';
import type { Plant } from './plant.js';
import { Run, type RunResult } from './run.js';

export type Tally = {
  readonly runs: number;
  readonly messages: number;
  readonly crashes: CrashCounts;
  readonly failures: readonly Pick<RunResult, 'seed' | 'broken'>[];
};
export const emptyTally: Tally = { runs: 0, messages: 0, crashes: {}, failures: [] };

export function addTallies(one: Tally, other: Tally): Tally {
  return {
    runs: one.runs + other.runs,
    messages: one.messages + other.messages,
    crashes: addCounts(one.crashes, other.crashes),
    failures: [...one.failures, ...other.failures],
  };
}

/** Everything that runs of one engine share. */
export class Runner {
  private constructor(
    private readonly engine: MlsEngine | null,
    private readonly origin: Origin,
  ) {}

  static async create(name: EngineName): Promise<Runner> {
    const engine = await loadEngine(name);
    if (engine !== null) seedCrypto(new Chance(0).bytes);
    return new Runner(engine, await makeOrigin(engine));
  }

  async run(params: {
    readonly seed: number;
    readonly plant?: Plant;
    readonly watchDatabase?: (database: ModelDatabase) => Database;
    readonly say?: (line: string) => void;
  }): Promise<RunResult> {
    const { engine, origin } = this;
    if (engine !== null) seedCrypto(new Chance(params.seed).bytes);
    const run = new Run({ ...params, origin, engine });
    try {
      return await run.carryOut();
    } catch (error) {
      // A run that cannot go on is a failure of its seed, not of the survey.
      return run.failed(`the run broke off: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
    }
  }

  async runAll(seeds: Iterable<number>): Promise<Tally> {
    let tally = emptyTally;
    for (const seed of seeds) tally = addTallies(tally, tallyOf(await this.run({ seed })));
    return tally;
  }

  /** The first seed whose run breaks a rule. */
  async find(params: { readonly plant: Plant; readonly seeds: Iterable<number> }): Promise<RunResult | null> {
    for (const seed of params.seeds) {
      const result = await this.run({ seed, plant: params.plant });
      if (result.broken.length > 0) return result;
    }
    return null;
  }
}

function tallyOf({ seed, broken, messages, crashes }: RunResult): Tally {
  return { runs: 1, messages, crashes, failures: broken.length === 0 ? [] : [{ seed, broken }] };
}

export function* seedsFrom(first: number, count: number): Generator<number> {
  for (let seed = first; seed < first + count; seed++) yield seed;
}
