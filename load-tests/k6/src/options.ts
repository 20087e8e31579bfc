import { parseArgs } from 'node:util';
import { ExplainedError } from '@cipherchat/test-kit';
import { scenarioNames, type ScenarioName } from './scenarios/all.js';
import type { Size } from './scenario.js';

export type Options = {
  readonly scenarios: readonly ScenarioName[];
  readonly size: Size;
  /** The one address of a deployment; without it, the system of this machine. */
  readonly target: string | undefined;
  /** For a target that does not answer yet. */
  readonly waitMs: number;
  /** Written by a running `npm start`. */
  readonly runFile: string | undefined;
};

const usage = `npm run load -- SCENARIO… [--short] [--target https://chat.example.org [--wait 60]] [--minutes 30]
Scenarios: ${scenarioNames.join(', ')}; or all.
--wait: so many seconds for a target that does not answer yet. --minutes is soak's. Besides this machine only what LOAD_ALLOWED_ORIGINS names is loaded.`;
const maxWaitSeconds = 600;
const maxMinutes = 7 * 24 * 60;

/** @throws ExplainedError */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  const names: readonly string[] = positionals.includes('all') ? scenarioNames : positionals;
  if (names.length === 0) throw new ExplainedError(usage);
  const scenarios = names.map((name) => {
    const known = scenarioNames.find((each) => each === name);
    if (known === undefined) throw new ExplainedError(`There is no scenario ${name}.\n${usage}`);
    return known;
  });
  if (values.minutes !== undefined && (values.short || !scenarios.includes('soak')))
    throw new ExplainedError(`--minutes is for soak in full.\n${usage}`);
  return {
    scenarios,
    size: values.short ? { kind: 'short' } : { kind: 'full', minutes: minutesOf(values.minutes) },
    target: values.target,
    waitMs: waitOf(values.wait),
    runFile: values['run-file'],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        short: { type: 'boolean', default: false },
        target: { type: 'string' },
        wait: { type: 'string', default: '0' },
        minutes: { type: 'string' },
        'run-file': { type: 'string' },
      },
    });
  } catch (error) {
    throw new ExplainedError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

function minutesOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const minutes = Number(text);
  if (!(minutes > 0 && minutes <= maxMinutes))
    throw new ExplainedError(`--minutes: ${text} is no number from above 0 to ${maxMinutes}.\n${usage}`);
  return minutes;
}

function waitOf(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds >= 0 && seconds <= maxWaitSeconds) return seconds * 1_000;
  throw new ExplainedError(`--wait: ${text} is no number from 0 to ${maxWaitSeconds}.\n${usage}`);
}
