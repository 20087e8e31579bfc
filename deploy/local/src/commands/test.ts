/**
 * `npm test [-- options] [projects]`: all tests, unit and integration, against servers of their own.
 * With `--fresh` also those whose inputs have not changed since they passed.
 */
import { parseArgs } from 'node:util';
import { runCommand } from '../command-line.js';
import { runTests } from '../run-tests.js';
import { closingLine, outcomeOf } from '../test-results.js';

await runCommand(async (args) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { fresh: { type: 'boolean' }, unit: { type: 'boolean' } },
    allowPositionals: true,
  });
  const sum = await runTests({
    cache: values.fresh === true ? 'ignore' : 'use',
    kinds: values.unit === true ? ['test'] : ['test', 'test-integration'],
    ...(positionals.length === 0 ? {} : { projects: positionals }),
  });
  console.log(`\n${closingLine(sum)}`);
  if (outcomeOf(sum) === 'failed') process.exitCode = 1;
});
