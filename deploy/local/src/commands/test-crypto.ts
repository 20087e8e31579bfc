/**
 * `npm run test:crypto -- [--seeds 200] [--mutations 10000] [--first 1] [--suite 0x004E]`: the long tests of
 * libs/crypto. `--first 17 --seeds 1 --suite 0x0001` repeats one churn run, and skips the specs.
 */
import { parseArgs } from 'node:util';
import { suiteName, suites, testCrypto } from '@cipherchat/crypto-suite';
import { ExplainedError } from '@cipherchat/test-kit';
import { runCommand } from '../command-line.js';

const defaultSeeds = 200;
const defaultMutations = 10_000;

await runCommand(async (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string' },
      mutations: { type: 'string' },
      first: { type: 'string' },
      suite: { type: 'string' },
    },
  });
  const repeats = values.first !== undefined;
  const passed = await testCrypto({
    seeds: count('--seeds', values.seeds ?? String(repeats ? 1 : defaultSeeds)),
    first: count('--first', values.first ?? '1'),
    mutations: count('--mutations', values.mutations ?? String(repeats ? 0 : defaultMutations)),
    suites: suites.filter((suite) => values.suite === undefined || suiteName(suite) === values.suite),
    purpose: repeats ? 'repetition' : 'survey',
    say: (line) => console.log(line),
  });
  if (!passed) process.exitCode = 1;
});

function count(option: string, text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new ExplainedError(`${option} wants a whole number, not ${text}.`);
  return Number(text);
}
