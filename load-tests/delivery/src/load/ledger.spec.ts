import { describe, expect, it } from '@jest/globals';
import { Ledger } from './ledger.js';

const pair = { first: 10, messages: 4, warmUp: 1, rooms: 1, members: 2 };
const byOther = { room: 0, member: 1, sender: 0 };

function sentAll(ledger: Ledger): void {
  for (let message = 10; message < 14; message++)
    ledger.onSent(message, { dueMs: message * 10, atMs: message * 10 + 1 });
}

describe('the account of a run', () => {
  it('counts a time from when the message was due, not from when a late generator sent it', () => {
    const ledger = new Ledger(pair);
    sentAll(ledger);
    for (let message = 10; message < 14; message++)
      ledger.onReceived(message, { ...byOther, atMs: message * 10 + 3 });
    const { toReceive, sendToReceive, lateness } = ledger.account();
    expect([toReceive.p50, sendToReceive.p50, lateness.max]).toEqual([3, 2, 1]);
  });

  it('leaves the warm-up out of the times, and in the counts', () => {
    const ledger = new Ledger(pair);
    sentAll(ledger);
    ledger.onReceived(10, { ...byOther, atMs: 1_000_000 });
    ledger.onReceived(11, { ...byOther, atMs: 115 });
    const { received, lost, toReceive } = ledger.account();
    expect([received, lost, toReceive.max, toReceive.count]).toEqual([2, 2, 5, 1]);
  });

  it('tells a message that comes twice from one that comes late', () => {
    const ledger = new Ledger(pair);
    sentAll(ledger);
    for (const message of [11, 11, 10, 12, 13]) ledger.onReceived(message, { ...byOther, atMs: 200 });
    const { received, lost, twice, outOfOrder } = ledger.account();
    expect({ received, lost, twice, outOfOrder }).toEqual({ received: 4, lost: 0, twice: 1, outOfOrder: 1 });
  });

  it('is complete when all was acknowledged and all others have everything; the last of them sets the time', () => {
    const ledger = new Ledger({ ...pair, messages: 1, warmUp: 0, members: 3 });
    ledger.onSent(10, { dueMs: 100, atMs: 100 });
    ledger.onAcknowledged(10, 101);
    ledger.onReceived(10, { room: 0, member: 1, sender: 0, atMs: 102 });
    expect(ledger.isComplete).toBe(false);
    expect(ledger.account().lost).toBe(1);
    ledger.onReceived(10, { room: 0, member: 2, sender: 0, atMs: 109 });
    expect(ledger.isComplete).toBe(true);
    expect(ledger.account().toReceive.max).toBe(9);
  });

  it('ignores what belongs to another run', () => {
    const ledger = new Ledger(pair);
    sentAll(ledger);
    ledger.onReceived(9, { ...byOther, atMs: 1 });
    ledger.onAcknowledged(14, 1);
    expect(ledger.account()).toMatchObject({ received: 0, unacknowledged: 4 });
  });
});
