import { describe, expect, it } from '@jest/globals';
import { LightLedger } from './light-ledger.js';
import { decodeText, encodeText } from './light-text.js';

const text = (sender: number, number: number, probe = 0) =>
  encodeText({ sender, number, probe, writtenAtMs: 100 });

function ledgerWith(shown: readonly (readonly [member: number, seq: number, bytes: Uint8Array])[]) {
  const probes: number[] = [];
  const ledger = new LightLedger((probe) => probes.push(probe));
  for (const [member, seq, ciphertext] of shown)
    ledger.shown({ member, seq, ciphertext, atMs: 100 + 10 * seq });
  return { ledger, probes };
}

describe('the account of a room', () => {
  const [one, two] = [text(0, 1), text(1, 1)];

  it('finds nothing wrong where both hold the same', () => {
    const { ledger } = ledgerWith([
      [0, 2, one],
      [1, 2, one],
      [0, 3, two],
      [1, 3, two],
    ]);
    ledger.acknowledged(0, 1);
    ledger.acknowledged(1, 1);
    const nothing = { lost: 0, twice: 0, outOfOrder: 0, equal: true, missing: [] };
    expect(ledger.settle()).toEqual({ ...nothing, acknowledged: 2, slowestMs: 30 });
    expect(ledger.settle()).toEqual({ ...nothing, acknowledged: 0, slowestMs: 0 });
  });

  it('counts what was acknowledged and is not shown to a side', () => {
    const { ledger } = ledgerWith([[0, 2, one]]);
    ledger.acknowledged(0, 1);
    expect(ledger.isEven).toBe(false);
    expect(ledger.settle()).toMatchObject({
      acknowledged: 1,
      lost: 1,
      equal: false,
      missing: ['0.1 of 0'],
    });
  });

  it('counts what is shown twice, and what comes after its successor', () => {
    const later = text(0, 2);
    const { ledger } = ledgerWith([
      [1, 2, later],
      [1, 3, one],
      [1, 4, one],
      [0, 2, later],
      [0, 3, one],
      [0, 4, one],
    ]);
    expect(ledger.settle()).toMatchObject({ twice: 2, outOfOrder: 4, equal: true });
  });

  it('tells other bytes under the same number apart', () => {
    const { ledger } = ledgerWith([
      [0, 2, text(0, 1)],
      [1, 2, text(0, 1)],
    ]);
    expect(ledger.settle().equal).toBe(false);
  });

  it('tells of probes of the other side only', () => {
    const { probes } = ledgerWith([
      [0, 2, text(0, 1, 7)],
      [1, 2, text(0, 1, 7)],
    ]);
    expect(probes).toEqual([7]);
    const decoded = { sender: 1, number: 70_000, probe: 8, writtenAtMs: 100 };
    expect(decodeText(text(1, 70_000, 8))).toEqual(decoded);
  });
});
