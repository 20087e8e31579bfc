/**
 * `npm test [-- options] [projects]`: all tests, unit and integration, against servers of their own.
 * With `--fresh` also those whose inputs have not changed since they passed.
 */
import { parseArgs } from 'node:util';
import { runCommand } from '../command-line.js';
import { runTests } from '../run-tests.js';

await runCommand(async (args) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { fresh: { type: 'boolean' }, unit: { type: 'boolean' } },
    allowPositionals: true,
  });
  const outcome = await runTests({
    cache: values.fresh === true ? 'ignore' : 'use',
    kinds: values.unit === true ? ['test'] : ['test', 'test-integration'],
    ...(positionals.length === 0 ? {} : { projects: positionals }),
  });
  if (outcome === 'failed') process.exitCode = 1;
});
