import path from 'node:path';
import { parseArgs } from 'node:util';
import { ExplainedError } from '@cipherchat/test-kit';

export const parts = ['delivery', 'knee', 'fan-out', 'catch-up', 'connections', 'replicas'] as const;
export type Part = (typeof parts)[number];

export type Options = {
  /** Messages per second of the delivery part. */
  readonly rates: readonly number[];
  /** Of measurement, at each rate; warm-up comes on top. */
  readonly seconds: number;
  readonly only: readonly Part[];
  /** Drivers of other systems, as addresses of modules. */
  readonly against: readonly string[];
  /** Idle sockets of the connections part. */
  readonly sockets: number;
  /** The highest rate that the search for the knee tries. */
  readonly maxRate: number;
  /** Absolute figures that want a quiet machine count too. */
  readonly strict: boolean;
  readonly resultsDir: string;
};

const usage = `npm run bench:delivery -- [--rates 100,300,1000,2000,4000] [--seconds 10] [--only ${parts.join(',')}]
  [--against URL,URL] [--sockets 10000] [--max-rate 32000] [--strict] [--results FOLDER]`;

/** @throws ExplainedError */
export function readOptions(args: readonly string[], defaults: { readonly resultsDir: string }): Options {
  const values = parse(args);
  return {
    rates: list(values.rates).map((text) => positive('--rates', text)),
    seconds: positive('--seconds', values.seconds),
    only: list(values.only).map((text) => {
      const part = parts.find((known) => known === text);
      if (part === undefined) throw new ExplainedError(`There is no part ${text}.\n${usage}`);
      return part;
    }),
    against: list(values.against),
    sockets: positive('--sockets', values.sockets),
    maxRate: positive('--max-rate', values['max-rate']),
    strict: values.strict,
    resultsDir: path.resolve(values.results ?? defaults.resultsDir),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        rates: { type: 'string', default: '100,300,1000,2000,4000' },
        seconds: { type: 'string', default: '10' },
        only: { type: 'string', default: parts.join(',') },
        against: { type: 'string', default: '' },
        sockets: { type: 'string', default: '10000' },
        'max-rate': { type: 'string', default: '32000' },
        strict: { type: 'boolean', default: false },
        results: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new ExplainedError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

function list(text: string): readonly string[] {
  return text.split(',').filter((item) => item !== '');
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0)
    throw new ExplainedError(`${option}: ${text} is no number above 0.\n${usage}`);
  return value;
}
