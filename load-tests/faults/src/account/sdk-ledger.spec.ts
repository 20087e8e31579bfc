import { describe, expect, it } from '@jest/globals';
import type { MemberView } from '../clients/orders.js';
import { SdkLedger } from './sdk-ledger.js';

const view = (member: number, shown: readonly string[], more: Partial<MemberView> = {}): MemberView => ({
  room: 'r',
  member,
  shown,
  hash: shown.join(),
  acknowledged: shown.flatMap((message) =>
    message.startsWith(`${member}.`) ? [Number(message.split('.')[1])] : [],
  ),
  gaps: 0,
  ...more,
});
const fine = { lost: 0, twice: 0, outOfOrder: 0, unequalRooms: 0, gaps: 0, notes: [] };

describe('the account of rooms of the SDK', () => {
  it('finds nothing wrong where all hold the same', () => {
    const shown = ['0.1', '1.1', '0.2'];
    expect(new SdkLedger().judge([view(0, shown), view(1, shown)])).toEqual({ ...fine, acknowledged: 3 });
  });

  it('counts what a client said was sent before it was killed, and nobody holds', () => {
    const ledger = new SdkLedger();
    ledger.onAcknowledged({ room: 'r', member: 0, sender: 0, number: 2 });
    const verdict = ledger.judge([view(0, ['0.1']), view(1, ['0.1'])]);
    expect(verdict).toMatchObject({ acknowledged: 2, lost: 2, unequalRooms: 0 });
  });

  it('counts what stands twice, is told twice, or stands behind its successor', () => {
    const ledger = new SdkLedger();
    for (let time = 0; time < 2; time++) ledger.onShown({ room: 'r', member: 1, sender: 0, number: 1 });
    const shown = ['0.2', '0.1', '0.1'];
    expect(ledger.judge([view(0, shown), view(1, shown)])).toMatchObject({
      twice: 3,
      outOfOrder: 4,
      lost: 0,
    });
  });

  it('sees sides that differ, and marks of gaps', () => {
    const verdict = new SdkLedger().judge([view(0, ['0.1', '1.1']), view(1, ['1.1', '0.1'], { gaps: 2 })]);
    expect(verdict).toMatchObject({ unequalRooms: 1, gaps: 2, lost: 0 });
    expect(verdict.notes).toHaveLength(2);
  });
});
