import { describe, expect, it } from '@jest/globals';
import type { Run } from '../parts/measure.js';
import { lastLine, rowLine, rowsOf } from './summary.js';

function run(gateway: number, postgres: number, p50: number): Run {
  return {
    lost: 0,
    twice: 0,
    outOfOrder: 0,
    sendToReceive: { p50, p90: p50, p99: p50 * 10, max: p50 * 20, count: 1 },
    cpuMicrosPerMessage: { 'gateway-1': gateway, 'message-store-1': 100, postgres },
    cpuMicrosPerMessageOfAll: gateway + 100 + postgres,
  } as unknown as Run;
}

const variants = [
  { name: 'nothing', beside: null },
  { name: 'metrics', beside: 'nothing' },
];
const runs = new Map([
  ['nothing', [run(100, 400, 1), run(9_000, 400, 50), run(100, 400, 1)]],
  ['metrics', [run(300, 400, 2), run(300, 400, 2), run(300, 400, 2)]],
]);

describe('the summary', () => {
  it('takes the medians, tells our services from the rest, and says what each costs beside what lacks just that', () => {
    const [nothing, metrics] = rowsOf(variants, runs);
    expect(nothing).toMatchObject({
      figures: { servicesMicros: 200, allMicros: 600, p50: 1, p99: 10 },
      ratios: null,
      lost: 0,
    });
    expect(metrics?.ratios).toEqual({ servicesMicros: 2, allMicros: 800 / 600, p50: 2, p99: 2 });
  });

  it('ends with a line of all figures', () => {
    expect(lastLine(rowsOf(variants, runs), 1_000)).toBe(
      'bench:telemetry 1000/s · nothing 200 µs p50 1.00 p99 10.0 ms · metrics CPU 2.00× p50 2.00× p99 2.00× of nothing',
    );
  });

  it('does not keep quiet about a message that was lost', () => {
    const lost = new Map([...runs, ['metrics', [{ ...run(300, 400, 2), lost: 1, twice: 1 }]]] as const);
    expect(rowsOf(variants, lost).map(rowLine).at(-1)).toContain('2 LOST');
  });

  it('has no row for what did not run', () => {
    expect(() => rowsOf([{ name: 'traces', beside: 'metrics' }], runs)).toThrow(RangeError);
  });
});
