import { describe, expect, it } from '@jest/globals';
import { faultsOf, summaryOf, tableOf, type Outcome } from './outcome.js';
import { holdsPlaintext } from './stored-message.js';

const good: Outcome = {
  gateways: [
    { who: 'anna', gateway: 'gateway-1', pid: 11 },
    { who: 'ben', gateway: 'gateway-2', pid: 12 },
  ],
  reckoning: {
    written: 9,
    expected: 9,
    shown: 9,
    bytes: 900,
    lost: 0,
    outOfOrder: 0,
    shownTwice: 0,
    changed: 0,
    strangers: 0,
    delaysMs: [1, 2, 3],
  },
  sameHistory: true,
  caughtUp: { messages: 3, durationMs: 120 },
  removed: { who: 'cleo', writtenAfterwards: 4, readAfterwards: 0, refused: true },
  stored: { columns: { seq: '7' }, ciphertext: Uint8Array.from({ length: 200 }, (_, index) => index) },
  storedHoldsPlaintext: false,
  durationMs: 12_345,
};

describe('the outcome of the demo', () => {
  it('has no fault when everything is as it should be', () => {
    expect(faultsOf(good)).toEqual([]);
    expect(summaryOf(good)).toBe(
      'demo passed: gateways=gateway-1,gateway-2 messages=9 lost=0 out-of-order=0 shown-twice=0 p50=2.0ms p99=3.0ms seconds=12.3',
    );
  });

  it.each([
    [
      'the same gateway twice',
      { gateways: [good.gateways[0], { ...good.gateways[1], gateway: 'gateway-1' }] },
    ],
    ['a lost message', { reckoning: { ...good.reckoning, lost: 1 } }],
    ['a message out of order', { reckoning: { ...good.reckoning, outOfOrder: 1 } }],
    ['a message shown twice', { reckoning: { ...good.reckoning, shownTwice: 1 } }],
    ['a changed message', { reckoning: { ...good.reckoning, changed: 1 } }],
    ['a message shown to a stranger', { reckoning: { ...good.reckoning, strangers: 1 } }],
    ['nothing delivered', { reckoning: { ...good.reckoning, delaysMs: [] } }],
    ['different histories', { sameHistory: false }],
    ['a removed member who reads on', { removed: { ...good.removed, readAfterwards: 1 } }],
    ['a removed member who writes on', { removed: { ...good.removed, refused: false } }],
    ['no test of the removal', { removed: { ...good.removed, writtenAfterwards: 0 } }],
    ['plaintext in the database', { storedHoldsPlaintext: true }],
  ] as ReadonlyArray<readonly [string, Partial<Outcome>]>)('has a fault with %s', (_, change) => {
    const outcome = { ...good, ...change };
    expect(faultsOf(outcome)).toHaveLength(1);
    expect(summaryOf(outcome)).toMatch(/^demo FAILED: /);
  });

  it('is shown with the row of the database in hex', () => {
    const table = tableOf(good).join('\n');
    expect(table).toContain('gateway-1 (process 11)');
    expect(table).toContain('200 bytes');
    expect(table).toContain('00010203 04050607');
  });
});

describe('plaintext in a row', () => {
  it('is found anywhere, and not where it is not', () => {
    const bytes = Buffer.concat([Buffer.alloc(30, 1), Buffer.from('der the third pa'), Buffer.alloc(30, 2)]);
    expect(holdsPlaintext(bytes, 'under the third palm')).toBe(true);
    expect(holdsPlaintext(bytes, 'something else entirely')).toBe(false);
  });
});
