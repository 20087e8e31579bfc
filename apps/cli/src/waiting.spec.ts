import { describe, expect, it } from '@jest/globals';
import { CliFailure } from './exit-codes.js';
import { parseDuration } from './waiting.js';

describe('a duration', () => {
  it.each([
    ['30', 30_000],
    ['30s', 30_000],
    ['500ms', 500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['999999h', 2 ** 31 - 1],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', 's', '-1s', '1.5s', '1d', 'soon'])('cannot be %j', (text) => {
    expect(() => parseDuration(text)).toThrow(CliFailure);
  });
});
