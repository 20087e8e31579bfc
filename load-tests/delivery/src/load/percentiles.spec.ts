import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { latencyOf } from './percentiles.js';

describe('percentiles', () => {
  it('are samples that so many others do not exceed', () => {
    const samples = Float64Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(latencyOf(samples)).toEqual({ p50: 50, p90: 90, p99: 99, max: 100, count: 100 });
  });

  it('leave out what never happened', () => {
    expect(latencyOf(Float64Array.of(NaN, 2, NaN, 1))).toMatchObject({ max: 2, count: 2 });
  });

  it('rise', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (samples) => {
        const { p50, p90, p99, max } = latencyOf(Float64Array.from(samples));
        expect(p50 <= p90 && p90 <= p99 && p99 <= max && samples.includes(p99)).toBe(true);
      }),
    );
  });
});
