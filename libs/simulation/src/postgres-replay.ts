/**
 * `--postgres N`: what the stores of N runs asked of their database is asked of a real one as well, through the
 * production statements, in the same order. Every answer must be the model's. It happens after the run, so that a seed
 * repeats its run whatever Postgres takes; what races do is for `apps/message-store/src/append/log-model.integration.spec.ts`.
 */
import {
  appendStatement,
  cursorStatement,
  type AppendVerdict,
  type MovedCursor,
} from '@cipherchat/message-store/delivery';
import type { Database, ModelDatabase } from './model-database.js';
import { plantNothing, type Plant } from './plant.js';
import { PostgresMirror } from './postgres-mirror.js';
import { recordDatabase, type Asked } from './recorded-log.js';
import { Runner } from './runs.js';

export type Replayed = {
  readonly runs: number;
  readonly asked: number;
  /** As sentences; none if all is well. */
  readonly differences: readonly string[];
};

/** `plant`: a bug in the model, to see that it is found. */
export async function replayOnPostgres(
  seeds: Iterable<number>,
  plant: Plant = plantNothing,
): Promise<Replayed> {
  const runner = await Runner.create('fake');
  const mirror = await PostgresMirror.start();
  const differences: string[] = [];
  let [runs, count] = [0, 0];
  try {
    for (const seed of seeds) {
      const asked: Asked[] = [];
      const watchDatabase = (database: ModelDatabase): Database => recordDatabase(database, asked);
      const { restored } = await runner.run({ seed, plant, watchDatabase });
      // Logs of two generations are not mirrored.
      if (restored) continue;
      await mirror.clear();
      for (const each of asked) {
        const difference = await compare(mirror, each);
        if (difference === null) continue;
        differences.push(`seed ${seed}: ${difference}`);
        // What follows would be asked of two different logs.
        break;
      }
      runs++;
      count += asked.length;
    }
  } finally {
    await mirror.close();
  }
  return { runs, asked: count, differences };
}

async function compare(mirror: PostgresMirror, asked: Asked): Promise<string | null> {
  for (const log of asked.before) await mirror.put(log);
  const rosters = new Map();
  const [model, real] =
    asked.kind === 'append'
      ? [
          asked.answer.map(verdictText),
          (await appendStatement(mirror.pool)({ items: asked.items, rosters })).map(verdictText),
        ]
      : [
          asked.answer.map(movedText).sort(),
          (await cursorStatement(mirror.pool)({ advances: asked.advances, rosters })).map(movedText).sort(),
        ];
  return model.join() === real.join()
    ? null
    : `${asked.kind}: the model says ${model.join()}, Postgres says ${real.join()}`;
}

/** Without the time, which is each one's own. */
function verdictText(verdict: AppendVerdict): string {
  switch (verdict.kind) {
    case 'accepted':
    case 'duplicate':
      return `${verdict.kind} ${verdict.seq} for ${[...verdict.roster.users].sort().join(' ')}`;
    case 'stale-commit':
      return `${verdict.kind} ${verdict.lastCommitSeq}`;
    case 'not-member':
    case 'closed':
      return verdict.kind;
  }
}

function movedText({ conversation, device, seq, roster }: MovedCursor): string {
  return `${conversation} ${device} ${seq} for ${[...roster.users].sort().join(' ')}`;
}
