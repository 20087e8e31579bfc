import { describe, expect, it } from '@jest/globals';
import { failuresOf, lastLine, tableHead, tableRow } from './report.js';
import type { FaultResult } from './run-fault.js';

const held: FaultResult = {
  name: 'kill-auth',
  injections: 20,
  offeredPerSecond: 540,
  acknowledged: 10_000,
  lost: 0,
  twice: 0,
  outOfOrder: 0,
  unequalRooms: 0,
  toldToWait: 3,
  recoveriesMs: [100, 300, 2_000],
  outagesMs: [1_100, 1_300, 3_000],
  wrongs: [],
  notes: [],
};
const demands = { injections: 20, perSecond: 500 };

describe('the report', () => {
  it('finds nothing wrong with what holds', () => {
    expect(failuresOf(held, demands)).toEqual([]);
    expect(lastLine([held], [])).toBe(
      'faults held: faults=1 injections=20 acknowledged=10000 lost=0 twice=0 disorder=0 unequal-rooms=0 least-offered/s=540 slowest-recovery-s=2.0',
    );
  });

  it('has figures also when nothing was finished', () => {
    expect(lastLine([], ['a service did not start'])).toMatch(
      /^faults FAILED: faults=0 .* least-offered\/s=0 /,
    );
  });

  it.each([
    [{ lost: 1 }, '1 lost'],
    [{ twice: 2 }, '2 shown twice'],
    [{ outOfOrder: 3 }, '3 out of order'],
    [{ unequalRooms: 1 }, '1 rooms differ'],
    [{ acknowledged: 0 }, 'nothing was acknowledged'],
    [{ injections: 19 }, '19 injections of 20'],
    [{ offeredPerSecond: 499.4 }, '499 messages/s of 500'],
    [{ wrongs: ['an alarm'] }, 'an alarm'],
  ])('fails for %j', (change, expected) => {
    expect(failuresOf({ ...held, ...change }, demands)).toEqual([`kill-auth: ${expected}`]);
  });

  it('has a row as wide as its head, with the median and the slowest recovery', () => {
    expect(tableRow(held)).toHaveLength(tableHead().length);
    expect(tableRow(held)).toContain('0.3 / 2.0');
  });
});
