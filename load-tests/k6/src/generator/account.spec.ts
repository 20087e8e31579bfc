import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Account } from './account.js';

describe('the account of a room', () => {
  it('is even when everybody else was shown all that was acknowledged', () => {
    const account = new Account(3);
    const number = account.write(0);
    expect(account.isEven).toBe(false);
    account.acknowledge(0, number);
    account.show(1, { sender: 0, number });
    expect(account.isEven).toBe(false);
    account.show(2, { sender: 0, number });
    expect(account.isEven).toBe(true);
    expect(account.totals()).toEqual({
      sent: 1,
      acknowledged: 1,
      expected: 2,
      received: 2,
      across: 0,
      lost: 0,
      unacknowledged: 0,
      twice: 0,
      outOfOrder: 0,
    });
  });

  it('tells what was acknowledged and not shown from what was never acknowledged', () => {
    const account = new Account(2);
    for (let written = 0; written < 3; written++) account.write(0);
    account.acknowledge(0, 2);
    account.show(1, { sender: 0, number: 1 });
    expect(account.totals()).toMatchObject({ lost: 1, unacknowledged: 1, received: 1, expected: 3 });
  });

  it('does not take the last message for all before it', () => {
    const account = new Account(2);
    for (let written = 0; written < 5; written++) account.acknowledge(0, account.write(0));
    account.show(1, { sender: 0, number: 5 });
    expect(account.totals()).toMatchObject({ lost: 4, received: 1 });
  });

  it('counts what comes after a later one, and what comes again', () => {
    const account = new Account(2);
    for (let written = 0; written < 3; written++) account.acknowledge(0, account.write(0));
    expect([2, 1, 1, 3, 2].map((number) => account.show(1, { sender: 0, number }))).toEqual([
      'new',
      'out-of-order',
      'twice',
      'new',
      'twice',
    ]);
    expect(account.totals()).toMatchObject({ twice: 2, outOfOrder: 1, lost: 0, received: 3 });
  });

  it('agrees with a list of everything, whatever is lost, repeated or reordered', () => {
    const sender = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 12 }),
        fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 40 }),
        (written, numbers) => {
          const account = new Account(2);
          for (let count = 0; count < written; count++) account.acknowledge(sender, account.write(sender));
          const shown = numbers.filter((number) => number <= written);
          for (const number of shown) account.show(1, { sender, number });
          const different = new Set(shown);
          const firsts = [...different];
          const late = firsts.filter((number, index) =>
            firsts.slice(0, index).some((earlier) => earlier > number),
          );
          expect(account.totals()).toMatchObject({
            received: different.size,
            twice: shown.length - different.size,
            lost: written - different.size,
            outOfOrder: late.length,
          });
        },
      ),
    );
  });
});
