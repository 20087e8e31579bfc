import { describe, expect, it } from '@jest/globals';
import { CliFailure } from './exit-codes.js';
import { durationText, parseTimer, timerText } from './timer-text.js';

describe('how long messages stay', () => {
  it.each([
    ['30s', 30, '30 seconds'],
    ['5m', 300, '5 minutes'],
    ['1h', 3_600, '1 hour'],
    ['1d', 86_400, '1 day'],
    ['4w', 2_419_200, '4 weeks'],
    ['90s', 90, '90 seconds'],
  ])('is typed as %s, %d seconds, and read as %s', (typed, seconds, read) => {
    expect(parseTimer(typed)).toBe(seconds);
    expect(durationText(seconds)).toBe(read);
  });

  it('can be off', () => {
    expect(parseTimer('off')).toBe(null);
    expect(timerText(null)).toBe('messages do not disappear');
  });

  it.each(['', '30', 'd', '1.5h', '-1s', '1y', 'OFF', '1d '])('cannot be %j', (typed) => {
    expect(() => parseTimer(typed)).toThrow(CliFailure);
  });
});
