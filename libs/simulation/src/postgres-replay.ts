/**
 * `--postgres N`: what the stores of N runs asked of their database is asked of a real one as well, through the
 * production statements, in the same order. Every answer must be the model's. It happens after the run, so that a seed
 * repeats its run whatever Postgres takes; what races do is for `apps/message-store/src/append/log-model.integration.spec.ts`.
 */
import {
  appendStatement,
  cursorStatement,
  type AppendItem,
  type AppendVerdict,
  type MovedCursor,
  type Roster,
} from '@cipherchat/message-store/delivery';
import type { ConversationId } from '@cipherchat/protocol';
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
      const rosters = new Map<ConversationId, Roster>();
      for (const each of asked) {
        const difference = await compare({ mirror, rosters, asked: each });
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

async function compare(params: {
  readonly mirror: PostgresMirror;
  /** What a store would have in memory by now. */
  readonly rosters: Map<ConversationId, Roster>;
  readonly asked: Asked;
}): Promise<string | null> {
  const { mirror, rosters, asked } = params;
  for (const log of asked.before) await mirror.put(log);
  const [model, real] =
    asked.kind === 'append'
      ? [
          asked.answer.map(verdictText),
          (await append(mirror, { items: asked.items, rosters })).map(verdictText),
        ]
      : [
          asked.answer.map(movedText).sort(),
          (await cursorStatement(mirror.pool)({ advances: asked.advances, rosters })).map(movedText).sort(),
        ];
  return model.join() === real.join()
    ? null
    : `${asked.kind}: the model says ${model.join()}, Postgres says ${real.join()}`;
}

async function append(
  mirror: PostgresMirror,
  asked: { readonly items: readonly AppendItem[]; readonly rosters: Map<ConversationId, Roster> },
): Promise<readonly AppendVerdict[]> {
  const verdicts = await appendStatement(mirror.pool)(asked);
  for (const [index, { conversation }] of asked.items.entries()) {
    const verdict = verdicts[index];
    if (verdict !== undefined && 'roster' in verdict) asked.rosters.set(conversation, verdict.roster);
  }
  return verdicts;
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
