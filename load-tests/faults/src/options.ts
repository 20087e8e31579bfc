import { parseArgs } from 'node:util';
import { ExplainedError } from '@cipherchat/test-kit';

export type Options = {
  /** By name, in the order of all. */
  readonly faults: readonly string[];
  readonly skipped: readonly string[];
  readonly injections: number;
  /** What the load must be at least. Light clients offer as much; those of the SDK come on top. */
  readonly perSecond: number;
};

const defaultInjections = '20';
const defaultPerSecond = '500';

/** @throws ExplainedError */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const usage = `npm run test:faults -- [--faults NAME,NAME] [--skip NAME,NAME] [--injections ${defaultInjections}] [--per-second ${defaultPerSecond}]
  Faults: ${known.join(', ')}`;
  const values = parse(args, usage);
  const names = (option: string, text: string): readonly string[] =>
    text
      .split(',')
      .filter((name) => name !== '')
      .map((name) => {
        if (!known.includes(name)) throw new ExplainedError(`${option}: there is no ${name}.\n${usage}`);
        return name;
      });
  const positive = (option: string, text: string): number => {
    if (!/^[1-9]\d{0,5}$/.test(text))
      throw new ExplainedError(`${option}: ${text} is no whole number above 0.\n${usage}`);
    return Number(text);
  };
  const skipped = names('--skip', values.skip);
  const wanted = names('--faults', values.faults ?? known.join(','));
  return {
    faults: known.filter((name) => wanted.includes(name) && !skipped.includes(name)),
    skipped,
    injections: positive('--injections', values.injections),
    perSecond: positive('--per-second', values['per-second']),
  };
}

function parse(args: readonly string[], usage: string) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        faults: { type: 'string' },
        skip: { type: 'string', default: '' },
        injections: { type: 'string', default: defaultInjections },
        'per-second': { type: 'string', default: defaultPerSecond },
      },
    }).values;
  } catch (error) {
    throw new ExplainedError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}
