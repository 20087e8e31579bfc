import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ContentBody, MessageId } from '@cipherchat/protocol';
import { guessed, heard, joinedTimer, noTimer, sentTimer, timerInForce, unknownTimer } from './timer.js';
import { withoutWaitingTimer, withWaitingTimer } from './timer.js';

type TimerBody = Extract<ContentBody, { readonly kind: 'timer' }>;
const ours = 'ours' as MessageId;
const set = (disappearAfterS: number | null): TimerBody => ({
  kind: 'timer',
  change: 'set',
  disappearAfterS,
});
const told = (disappearAfterS: number | null): TimerBody => ({ ...set(disappearAfterS), change: 'told' });
const place = (seq: number): string => seq.toString().padStart(16, '0');

describe('the timer of a conversation', () => {
  it('is what was set last in the log, in whatever order it came', () => {
    const changes = fc.uniqueArray(fc.record({ seq: fc.nat(99), afterS: fc.option(fc.nat(9)) }), {
      selector: ({ seq }) => seq,
      minLength: 1,
    });
    fc.assert(
      fc.property(changes, (arrived) => {
        const after = arrived.reduce(
          (timer, { seq, afterS }) => heard(timer, { body: set(afterS), place: place(seq) }).timer,
          noTimer,
        );
        const last = arrived.reduce((one, other) => (other.seq > one.seq ? other : one));
        expect(timerInForce(after)).toBe(last.afterS);
      }),
    );
  });

  it('is what this person set, until it is in the log: then what stands there last', () => {
    const waiting = withWaitingTimer(noTimer, { message: ours, afterS: 30 });
    expect(timerInForce(waiting)).toBe(30);
    const other = heard(waiting, { body: set(60), place: place(8) }).timer;
    expect(timerInForce(other)).toBe(30);
    const sent = (seq: number) => sentTimer(other, { message: ours, body: set(30), place: place(seq) });
    expect(timerInForce(sent(7))).toBe(60);
    expect(timerInForce(sent(9))).toBe(30);
    expect(timerInForce(withoutWaitingTimer(other, ours))).toBe(60);
  });

  it('keeps what was set last here when an earlier one of ours arrives', () => {
    const two = withWaitingTimer(withWaitingTimer(noTimer, { message: ours, afterS: 30 }), {
      message: 'later' as MessageId,
      afterS: null,
    });
    const sent = sentTimer(two, { message: ours, body: set(30), place: place(3) });
    expect([timerInForce(sent), timerInForce(withoutWaitingTimer(sent, 'later' as MessageId))]).toEqual([
      null,
      30,
    ]);
  });

  it('is told to who joined, and to nobody else', () => {
    const hear = (timer: typeof noTimer, body: TimerBody) => heard(timer, { body, place: place(5) });
    expect(hear(unknownTimer, told(60))).toEqual({
      timer: { ...unknownTimer, afterS: 60, place: place(5) },
      isNews: true,
    });
    for (const known of [noTimer, heard(noTimer, { body: set(9), place: place(1) }).timer])
      expect(hear(known, told(60))).toEqual({ timer: known, isNews: false });
    // What was set after it joined is later than what its adder knew.
    const knows = heard(unknownTimer, { body: set(null), place: place(4) }).timer;
    expect(timerInForce(hear(knows, told(60)).timer)).toBe(null);
  });

  it('is guessed from messages by who joined anew, until it is said', () => {
    const before = heard(noTimer, { body: set(60), place: place(2) }).timer;
    expect(guessed(before, null)).toBe(before);
    const back = joinedTimer({ timer: before, phase: 'rejoining' });
    expect(timerInForce(back)).toBe(60);
    expect(timerInForce(guessed(back, null))).toBe(null);
    expect(timerInForce(joinedTimer({ timer: before, phase: 'removed' }))).toBe(null);
    expect(timerInForce(heard(guessed(back, null), { body: told(60), place: place(9) }).timer)).toBe(60);
  });
});
