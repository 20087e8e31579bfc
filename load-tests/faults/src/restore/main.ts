/** `npm run test:restore`: see README.md. */
import { mkdirSync } from 'node:fs';
import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ExplainedError, temporaryFolder } from '@cipherchat/test-kit';
import { DrillWorld } from './drill-world.js';
import { failuresOf, lastLine, tableHead, tableRow } from './report.js';
import { RestorableSystem } from './restorable-system.js';
import { runRound, type Cast, type RoundResult } from './round.js';

const defaultRounds = '4';
const usage = `npm run test:restore -- [--rounds ${defaultRounds}]`;
const interrupted = 130;

type Evidence = { readonly logDir: string; readonly world: DrillWorld; readonly system: RestorableSystem };

// The watchdog ends what we started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(interrupted));
try {
  await main(readRounds());
} catch (error) {
  process.exitCode = 1;
  console.error(error instanceof ExplainedError ? error.message : error);
}
// Everything that was started has ended; connections that the platform keeps for reuse would keep us.
process.exit();

function readRounds(): number {
  try {
    const { values } = parseArgs({ options: { rounds: { type: 'string', default: defaultRounds } } });
    if (!/^[1-9]\d?$/.test(values.rounds)) throw new Error('--rounds is a whole number from 1 to 99.');
    return Number(values.rounds);
  } catch (error) {
    throw new ExplainedError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

async function main(rounds: number): Promise<void> {
  const folder = temporaryFolder('restore');
  const logDir = path.join(folder.path, 'logs');
  mkdirSync(logDir);
  const results: RoundResult[] = [];
  const failures: string[] = [];
  const system = await RestorableSystem.start({ folder: folder.path, logDir });
  const world = new DrillWorld({ folder: folder.path, serverUrl: system.serverUrl });
  try {
    const cast = await meet(world);
    for (let round = 1; round <= rounds; round++) {
      const result = await runRound({ round, system, world, cast });
      if (results.length === 0) console.log(tableHead());
      results.push(result);
      console.log(tableRow(result));
      for (const { notes } of result.accounts) for (const note of notes) console.log(`  ${note}`);
      failures.push(...failuresOf(result));
    }
  } catch (error) {
    failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    failures.push(...world.complaints);
  }
  await world.stop();
  if (failures.length > 0) {
    await keepEvidence({ logDir, world, system });
    process.exitCode = 1;
  }
  await system.stop();
  folder.remove();
  for (const failure of failures) console.error(`FAILED ${failure}`);
  console.log(lastLine(results, failures));
}

/** For a person who looks for the reason, also where only the output is left. */
async function keepEvidence({ logDir, world, system }: Evidence): Promise<void> {
  const [devices, server] = [await world.state(), await system.logs().catch(String)];
  const kept = await mkdtemp(path.join(tmpdir(), 'cipherchat-restore-logs-'));
  await cp(logDir, kept, { recursive: true });
  await writeFile(path.join(kept, 'state.json'), JSON.stringify({ devices, server }, null, 2));
  for (const each of [...devices, ...(typeof server === 'string' ? [server] : server)])
    console.error(JSON.stringify(each));
  console.log(`Logs, and where everybody stood: ${kept}`);
}

async function meet(world: DrillWorld): Promise<Cast> {
  const [ana, ben, cleo, dora, emil, finn, gil] = await Promise.all([
    world.person('ana'),
    world.person('ben'),
    world.person('cleo'),
    world.person('dora'),
    world.person('emil'),
    world.person('finn'),
    world.person('gil'),
  ]);
  await world.room('ana and ben', [ana, ben]);
  await world.room('cleo and dora', [cleo, dora]);
  await world.room('club', [ben, cleo, finn, gil]);
  const team = await world.room('team', [ana, ben, cleo, dora, finn]);
  console.log(
    `Seven people with the SDK and OpenMLS talk in ${world.rooms.length} rooms, and in one more that is begun after each backup.`,
  );
  return { ana, ben, readers: [cleo, dora], writers: [finn, gil], guest: emil, team };
}
