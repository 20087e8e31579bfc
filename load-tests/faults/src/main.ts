/** `npm run test:faults`: see README.md. */
import { ExplainedError } from '@cipherchat/test-kit';
import type { Fault } from './fault.js';
import { allFaults } from './faults/all.js';
import { readOptions } from './options.js';
import { failuresOf, lastLine, tableHead, tableRow } from './report.js';
import { runFaults } from './run.js';
import type { FaultResult } from './run-fault.js';

/** Each pair writes five messages a second, as busy people do. */
const perSecondOfPair = 5;
/** On top of what light clients offer. */
const sdkPerSecond = 30;
const interrupted = 130;

// What ends only when it is told to (the namespace, the mount) listens to `exit`; the watchdog ends the rest.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(interrupted));
try {
  await main();
} catch (error) {
  process.exitCode = 1;
  console.error(error instanceof ExplainedError ? error.message : error);
}
// Everything that was started has ended; connections that the platform keeps for reuse would keep us.
process.exit();

async function main(): Promise<void> {
  const options = readOptions(
    process.argv.slice(2),
    allFaults.map(({ name }) => name),
  );
  const lightRooms = Math.ceil(options.perSecond / perSecondOfPair);
  const say = (line: string): void => console.log(line);
  const chosen = allFaults.filter(({ name }) => options.faults.includes(name));
  const missing = await missingOf(chosen);
  const faults = chosen.filter(({ name }) => !missing.has(name));
  for (const { name, what } of faults) say(`${name}: ${what}`);
  say(
    `Load: ${options.perSecond} messages/s from ${lightRooms} pairs of light clients (no cryptography, nothing kept on disk) and ${sdkPerSecond}/s from 12 clients of the SDK (OpenMLS, SQLite) in 6 pairs and 3 groups of 4, in 4 processes; open loop: what cannot be sent during an outage waits with its sender.`,
  );
  const results: FaultResult[] = [];
  const failures = [...missing].map(
    ([name, why]) => `${name}: not run: ${why} (to leave it out: --skip ${name})`,
  );
  const { injections, perSecond } = options;
  try {
    await runFaults({
      faults,
      injections,
      load: { lightRooms, lightPerSecond: perSecond, sdkPerSecond },
      say,
      finished: (result) => {
        if (results.length === 0) say(tableHead());
        results.push(result);
        say(tableRow(result));
        for (const note of result.notes) say(`  ${note}`);
        failures.push(...failuresOf(result, { injections, perSecond }));
      },
    });
  } catch (error) {
    failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  for (const failure of failures) console.error(`FAILED ${failure}`);
  if (options.skipped.length > 0) say(`Left out: ${options.skipped.join(', ')}.`);
  say(lastLine(results, failures));
  if (failures.length > 0) process.exitCode = 1;
}

async function missingOf(faults: readonly Fault[]): Promise<ReadonlyMap<string, string>> {
  const missing = new Map<string, string>();
  for (const { name, missing: reason } of faults) {
    const why = (await reason?.()) ?? null;
    if (why !== null) missing.set(name, why);
  }
  return missing;
}
