import { describe, expect, it } from '@jest/globals';
import { readOptions } from './options.js';

const read = (...args: readonly string[]) => readOptions(args, { resultsDir: '/results' });

describe('the options', () => {
  it('have defaults: all parts at the rates of the table', () => {
    expect(read()).toMatchObject({
      rates: [100, 300, 1_000, 2_000, 4_000],
      strict: false,
      against: [],
      resultsDir: '/results',
    });
    expect(read().only).toContain('connections');
  });

  it('take lists', () => {
    expect(
      read('--rates', '5,6', '--only', 'knee,catch-up', '--against', 'file:///a.js,file:///b.js?c'),
    ).toMatchObject({
      rates: [5, 6],
      only: ['knee', 'catch-up'],
      against: ['file:///a.js', 'file:///b.js?c'],
    });
  });

  it('refuse what nobody could mean', () => {
    for (const args of [
      ['--rates', 'fast'],
      ['--rates', '0'],
      ['--only', 'everything'],
      ['--seconds', '-1'],
      ['--what'],
    ])
      expect(() => read(...args)).toThrow('npm run bench:delivery');
  });
});
