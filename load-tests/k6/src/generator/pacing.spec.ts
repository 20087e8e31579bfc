import { describe, expect, it } from '@jest/globals';
import { keepPace, rampUp } from './pacing.js';
import { VirtualTime } from './virtual-time.fixture.js';

describe('an open loop', () => {
  it('acts at even times, and VUs that share a rate take turns', async () => {
    const time = new VirtualTime();
    const due: (readonly [vu: number, dueMs: number])[] = [];
    const loops = [0, 1].map((index) =>
      keepPace(time, {
        perSecond: 10,
        seconds: 1,
        share: { index, of: 2 },
        act: (_, dueMs) => due.push([index, dueMs]),
      }),
    );
    await time.run(1_000);
    await Promise.all(loops);
    expect(due.toSorted(([, one], [, other]) => one - other)).toEqual(
      Array.from({ length: 10 }, (_, index) => [index % 2, index * 100]),
    );
  });

  it('that ramps up does a quarter in the first half, and all in time', async () => {
    const time = new VirtualTime();
    const due: (readonly [vu: number, dueMs: number])[] = [];
    const ramps = [0, 1].map((index) =>
      rampUp(time, {
        times: 50,
        seconds: 10,
        share: { index, of: 2 },
        act: (_, dueMs) => due.push([index, dueMs]),
      }),
    );
    await time.run(10_000);
    await Promise.all(ramps);
    expect(due.filter(([, dueMs]) => dueMs < 5_000)).toHaveLength(25);
    const inOrder = due.toSorted(([, one], [, other]) => one - other);
    expect(inOrder.slice(0, 6).map(([vu]) => vu)).toEqual([0, 1, 1, 0, 0, 1]);
    expect(inOrder).toHaveLength(100);
    expect(inOrder.at(-1)?.[1]).toBeLessThan(10_000);
  });

  it('does at once what it is late with, and says when it was due', async () => {
    const time = new VirtualTime();
    const done: { readonly dueMs: number; readonly atMs: number }[] = [];
    const loop = keepPace(time, {
      perSecond: 10,
      seconds: 1,
      share: { index: 0, of: 1 },
      act: (index, dueMs) => {
        done.push({ dueMs, atMs: time.nowMs() });
        if (index === 2) time.stall(350);
      },
    });
    await time.run(1_000);
    await loop;
    expect(done.map(({ dueMs }) => dueMs)).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
    expect(done.slice(2, 7).map(({ atMs }) => atMs)).toEqual([200, 550, 550, 550, 600]);
  });
});
