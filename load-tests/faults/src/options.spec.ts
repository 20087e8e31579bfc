import { describe, expect, it } from '@jest/globals';
import { readOptions } from './options.js';

const known = ['kill-auth', 'cut-network', 'fill-disk'];

describe('the options', () => {
  it('are all faults, 20 times, at 500 messages/s', () => {
    expect(readOptions([], known)).toEqual({ faults: known, skipped: [], injections: 20, perSecond: 500 });
  });

  it('keep the order of all faults, and leave out what is skipped', () => {
    const options = readOptions(['--faults', 'fill-disk,kill-auth', '--injections', '2'], known);
    expect(options).toMatchObject({ faults: ['kill-auth', 'fill-disk'], injections: 2 });
    expect(readOptions(['--skip', 'fill-disk'], known).faults).toEqual(['kill-auth', 'cut-network']);
  });

  it.each([[['--faults', 'kill-nobody']], [['--injections', '0']], [['--per-second', 'x']], [['--what']]])(
    'refuse %j and say how',
    (args) => {
      expect(() => readOptions(args, known)).toThrow(/npm run test:faults[^]*kill-auth/);
    },
  );
});
