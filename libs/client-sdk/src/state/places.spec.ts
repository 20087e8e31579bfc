import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  entryParts,
  placeInLog,
  placeOfPending,
  shiftedBehind,
  stretchOf,
  type PlaceShift,
} from './places.js';

describe('places after restores of the server', () => {
  it('keep what is the same and not read yet before what was lost, and put what is new behind it', () => {
    const placeShifts = shiftedBehind([], { sameUntilSeq: 2, knewSeq: 3 });
    const place = (seq: number, shifts: readonly PlaceShift[]): string =>
      placeInLog({ row: { placeShifts: shifts }, seq, part: entryParts.message });
    expect(place(2, placeShifts) < place(3, [])).toBe(true);
    expect(place(3, [])).not.toBe(place(3, placeShifts));
    expect(place(3, []) < place(3, placeShifts)).toBe(true);
  });

  it('are given to one entry each, in the order of the log, whatever restores there are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ same: fc.nat(20), more: fc.integer({ min: 1, max: 20 }) })),
        (restores) => {
          let placeShifts: readonly PlaceShift[] = [];
          const taken = new Map<string, string>();
          let log: string[] = [];
          const read = (length: number): void => {
            while (log.length < length) log.push(`entry ${taken.size}.${log.length}`);
            let before = '';
            for (const [index, entry] of log.entries()) {
              const place = placeInLog({ row: { placeShifts }, seq: index + 1, part: entryParts.message });
              expect(taken.get(place) ?? entry).toBe(entry);
              taken.set(place, entry);
              expect(before < place).toBe(true);
              before = place;
            }
          };
          for (const { same, more } of restores) {
            read(log.length + more);
            const sameUntilSeq = Math.min(same, log.length - 1);
            placeShifts = shiftedBehind(placeShifts, { sameUntilSeq, knewSeq: log.length });
            log = log.slice(0, sameUntilSeq);
          }
          read(log.length + 5);
        },
      ),
    );
  });
});

describe('a stretch of places', () => {
  const inLog = (seq: number) => placeInLog({ row: { placeShifts: [] }, seq, part: entryParts.message });

  it('begins at or before each of them, and behind those of the stretch before', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.constantFrom(inLog, placeOfPending), (number, placeOf) => {
        const stretch = stretchOf(placeOf(number), 64);
        const first = number - (number % 64);
        expect(stretch).toBe(stretchOf(placeOf(first + 63), 64));
        expect(stretch <= placeOf(first)).toBe(true);
        if (first > 0) expect(placeOf(first - 1) < stretch).toBe(true);
      }),
    );
  });
});
