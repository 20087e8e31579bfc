import { describe, expect, it } from '@jest/globals';
import type { Run } from './parts/measure.js';
import { ratioLines } from './report.js';
import { insertRelayName, type Results, type TargetResults } from './results.js';

const latency = (ms: number) => ({ p50: ms, p90: ms, p99: ms, max: ms, count: 1 });

const run = (perSecond: number, ms: number): Run => ({
  perSecond,
  cpuMicrosPerMessage: {},
  cpuMicrosPerMessageOfAll: 100,
  toReceive: latency(ms),
  toAcknowledge: latency(ms),
  sendToReceive: latency(ms),
  sendToAcknowledge: latency(ms),
  lateness: latency(0),
  sent: 1,
  expected: 1,
  received: 1,
  lost: 0,
  twice: 0,
  outOfOrder: 0,
  unacknowledged: 0,
  refused: 0,
  closed: 0,
  reasons: [],
});

const target = (name: string, kind: TargetResults['kind'], delivery: readonly Run[]): TargetResults => ({
  name,
  kind,
  delivery,
  knee: null,
  fanOut: [],
});

function linesOf(oursAt: readonly Run[], floorAt: readonly Run[]): readonly string[] {
  const ours = target('CipherChat', 'ours', oursAt);
  const results = { targets: [ours, target(insertRelayName, 'floor', floorAt)] } as unknown as Results;
  return ratioLines(results, ours).map((line) => line.replace(`to ${insertRelayName}: `, ''));
}

describe('the ratios of a benchmark', () => {
  it('compare each run with that of the floor at the same rate', () => {
    expect(linesOf([run(100, 4), run(300, 9)], [run(100, 2), run(300, 3)])).toEqual([
      '100/s p50 2.00×, p99 2.00×, CPU 1.00×',
      '300/s p50 3.00×, p99 3.00×, CPU 1.00×',
    ]);
  });

  it('compare the second run at a rate with the second one of the floor', () => {
    expect(linesOf([run(100, 4), run(300, 9), run(100, 6)], [run(100, 2), run(300, 3), run(100, 6)])).toEqual(
      [
        '100/s p50 2.00×, p99 2.00×, CPU 1.00×',
        '300/s p50 3.00×, p99 3.00×, CPU 1.00×',
        '100/s p50 1.00×, p99 1.00×, CPU 1.00×',
      ],
    );
  });

  it('leave out a run that the floor has no counterpart of', () => {
    expect(linesOf([run(100, 4), run(100, 4)], [run(100, 2)])).toHaveLength(1);
  });
});
