import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Deliveries, type Outcome } from './deliveries.js';

const lostAfterMs = 100;

function counted(remembered = 1_000) {
  const outcomes: { readonly outcome: Outcome; readonly delayMs: number | null }[] = [];
  const deliveries = new Deliveries({
    lostAfterMs,
    remembered,
    count: (outcome, delayMs) => void outcomes.push({ outcome, delayMs }),
  });
  return { deliveries, outcomes };
}

describe('what became of a message', () => {
  it('is delivered with its delay, and a duplicate when it is shown again', () => {
    const { deliveries, outcomes } = counted();
    deliveries.sent({ id: 'a', atMs: 10 });
    deliveries.shown({ id: 'a', atMs: 32 });
    deliveries.shown({ id: 'a', atMs: 40 });
    deliveries.passTime(1_000);
    expect(outcomes).toEqual([
      { outcome: 'delivered', delayMs: 22 },
      { outcome: 'duplicate', delayMs: null },
    ]);
  });

  it('is lost after a while, and late when it comes after all', () => {
    const { deliveries, outcomes } = counted();
    deliveries.sent({ id: 'a', atMs: 0 });
    deliveries.passTime(lostAfterMs - 1);
    deliveries.passTime(lostAfterMs);
    deliveries.passTime(lostAfterMs + 50);
    deliveries.shown({ id: 'a', atMs: 500 });
    deliveries.shown({ id: 'a', atMs: 501 });
    expect(outcomes).toEqual([
      { outcome: 'lost', delayMs: null },
      { outcome: 'late', delayMs: 500 },
      { outcome: 'duplicate', delayMs: null },
    ]);
  });

  it('is nothing when it was not sent here, and is forgotten in the end', () => {
    const { deliveries, outcomes } = counted(1);
    deliveries.shown({ id: 'stranger', atMs: 1 });
    for (const id of ['a', 'b']) {
      deliveries.sent({ id, atMs: 0 });
      deliveries.shown({ id, atMs: 1 });
    }
    deliveries.shown({ id: 'a', atMs: 2 });
    deliveries.shown({ id: 'b', atMs: 2 });
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['delivered', 'delivered', 'duplicate']);
  });

  it('adds up, whatever happens in whatever order', () => {
    const id = fc.integer({ min: 0, max: 5 });
    const act = fc.oneof(
      fc.record({ kind: fc.constant('sent' as const) }),
      fc.record({ kind: fc.constant('shown' as const), id }),
      fc.record({ kind: fc.constant('time' as const), byMs: fc.integer({ min: 1, max: 80 }) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const { deliveries, outcomes } = counted();
        let [nowMs, sent] = [0, 0];
        for (const each of acts) {
          if (each.kind === 'sent') deliveries.sent({ id: `${sent++}`, atMs: nowMs });
          if (each.kind === 'shown') deliveries.shown({ id: `${each.id}`, atMs: nowMs });
          if (each.kind === 'time') deliveries.passTime((nowMs += each.byMs));
        }
        const of = (outcome: Outcome) => outcomes.filter((each) => each.outcome === outcome).length;
        expect(of('delivered') + of('lost') + deliveries.pending).toBe(sent);
        expect(of('late')).toBeLessThanOrEqual(of('lost'));
        for (const { outcome, delayMs } of outcomes)
          if (outcome === 'late') expect(delayMs).toBeGreaterThanOrEqual(lostAfterMs);
      }),
    );
  });
});
