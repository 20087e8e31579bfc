/** The pure rules of commits and pages. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { limits, type DeviceId, type MemberDevice, type UserId } from '@cipherchat/protocol';
import { windowAfter } from './commit-window.js';
import { changeOfDevices, directKeyOf, pairOf, pairOfDirectKey } from './device-list.js';
import { rangeOf } from './log-page.js';

const member = (name: string): MemberDevice => ({ user: name.charAt(0) as UserId, device: name as DeviceId });
const members = (...names: readonly string[]): readonly MemberDevice[] => names.map(member);
const invalid = expect.objectContaining({ code: 'conversation/device-list-invalid' });

describe('a device list', () => {
  it('says who was added and who was removed', () => {
    const change = changeOfDevices({
      before: members('a1', 'b1'),
      after: members('b1', 'a2', 'c1'),
      sender: member('b1'),
      pair: null,
    });
    expect(change).toEqual({ added: members('a2', 'c1'), removed: members('a1') });
  });

  it('names each device once, and its sender, each under its own user', () => {
    const check = (after: readonly MemberDevice[]) => () =>
      changeOfDevices({ before: members('a1', 'b1'), after, sender: member('a1'), pair: null });
    expect(check(members('a1', 'b1', 'b1'))).toThrow(invalid);
    expect(check(members('b1'))).toThrow(invalid);
    expect(check([...members('b1'), { user: 'x' as UserId, device: 'a1' as DeviceId }])).toThrow(invalid);
    expect(check([...members('a1'), { user: 'x' as UserId, device: 'b1' as DeviceId }])).toThrow(invalid);
    expect(check(members('a1'))).not.toThrow();
  });

  it('has a limit', () => {
    const after = Array.from({ length: limits.maxConversationDevices + 1 }, (_, index) =>
      member(`a${index}`),
    );
    expect(() => changeOfDevices({ before: [], after, sender: member('a1'), pair: null })).toThrow(
      expect.objectContaining({ code: 'conversation/too-many-devices' }),
    );
    expect(
      changeOfDevices({ before: [], after: after.slice(1), sender: member('a1'), pair: null }).added,
    ).toHaveLength(limits.maxConversationDevices);
  });

  it('of a direct conversation is of its two users, whose key does not depend on who begins', () => {
    expect(pairOf(members('b1', 'a1', 'b2'))).toEqual(['a', 'b']);
    expect(() => pairOf(members('a1', 'a2'))).toThrow(invalid);
    expect(() => pairOf(members('a1', 'b1', 'c1'))).toThrow(invalid);
    expect(pairOfDirectKey(directKeyOf(['a', 'b'] as UserId[]))).toEqual(['a', 'b']);
    expect(() =>
      changeOfDevices({
        before: members('a1', 'b1'),
        after: members('a1', 'c1'),
        sender: member('a1'),
        pair: ['a', 'b'] as UserId[],
      }),
    ).toThrow(invalid);
  });
});

describe('the commit window', () => {
  it('slides over updates, and begins anew when readers change', () => {
    let window = { minCommitSeq: 1n, openCommitSeqs: [1n] as readonly bigint[] };
    for (const seq of [2n, 5n, 6n, 9n]) window = windowAfter({ before: window, seq, changesReaders: false });
    expect(window).toEqual({ minCommitSeq: 1n, openCommitSeqs: [2n, 5n, 6n, 9n] });
    expect(window.openCommitSeqs).toHaveLength(limits.openCommits);
    expect(windowAfter({ before: window, seq: 12n, changesReaders: true })).toEqual({
      minCommitSeq: 12n,
      openCommitSeqs: [12n],
    });
  });
});

describe('the range of a page', () => {
  const stays = fc
    .uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 7 })
    .map((places) => [...places].sort((one, other) => one - other))
    .map((places) =>
      places.flatMap((place, index) =>
        index % 2 === 0 ? [{ joinedSeq: place, leftSeq: places[index + 1] ?? null }] : [],
      ),
    );

  it('leads through exactly the places of all stays, each once, and ends', () => {
    fc.assert(
      fc.property(stays, fc.integer({ min: 60, max: 80 }), fc.nat(30), (given, headSeq, floorSeq) => {
        const seen: number[] = [];
        let afterSeq = 0;
        for (let pages = 0; pages < 20; pages++) {
          const range = rangeOf({ stays: given, headSeq, floorSeq, afterSeq });
          expect(range.afterSeq).toBeGreaterThanOrEqual(afterSeq);
          for (let seq = range.afterSeq + 1; seq <= range.untilSeq; seq++) seen.push(seq);
          afterSeq = Math.max(range.afterSeq, range.untilSeq);
          if (afterSeq >= range.headSeq) break;
        }
        const readable = Array.from({ length: headSeq }, (_, index) => index + 1).filter(
          (seq) =>
            seq > floorSeq &&
            given.some(({ joinedSeq, leftSeq }) => seq >= joinedSeq && seq <= (leftSeq ?? headSeq)),
        );
        expect(seen).toEqual(readable);
      }),
    );
  });
});
