import { describe, expect, it } from '@jest/globals';
import { checks } from './must.js';
import type { Run } from './parts/measure.js';
import type { Results, TargetResults } from './results.js';

const latency = (ms: number) => ({ p50: ms, p90: ms, p99: ms, max: ms, count: 1 });

function run(perSecond: number, ms: number, faults: Partial<Run> = {}): Run {
  const times = {
    toReceive: latency(ms),
    toAcknowledge: latency(ms),
    sendToReceive: latency(ms),
    sendToAcknowledge: latency(ms),
    lateness: latency(0),
  };
  const counts = {
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
  };
  return {
    perSecond,
    cpuMicrosPerMessage: {},
    cpuMicrosPerMessageOfAll: 100,
    ...times,
    ...counts,
    ...faults,
  };
}

function results(ours: readonly Run[], floor: readonly Run[]): Results {
  const target = (name: string, kind: TargetResults['kind'], delivery: readonly Run[]): TargetResults => ({
    name,
    kind,
    delivery,
    knee: null,
    fanOut: [],
  });
  return {
    startedAt: '',
    machine: { cpus: 2, model: '', node: '', loadBefore: 0 },
    seconds: 1,
    targets: [target('CipherChat', 'ours', ours), target('relay with an insert', 'floor', floor)],
    catchUp: null,
    connections: null,
    replicas: [],
  };
}

const missed = (found: Results) =>
  checks(found)
    .filter(({ holds }) => !holds)
    .map(({ name }) => name);

describe('what must hold', () => {
  it('holds at 2.5 times the floor, and not above', () => {
    expect(missed(results([run(1_000, 2.5)], [run(1_000, 1)]))).toEqual([]);
    expect(missed(results([run(1_000, 2.6)], [run(1_000, 1)]))).toHaveLength(2);
  });

  it('judges only what was measured', () => {
    const names = checks(results([run(300, 9)], [run(300, 1)])).map(({ name }) => name);
    expect(names).toEqual(['lost, twice or out of order']);
  });

  it('does not hold when one message of ours is lost, shown twice, late in its order or refused', () => {
    for (const fault of ['lost', 'twice', 'outOfOrder', 'refused', 'closed'])
      expect(missed(results([run(300, 1, { [fault]: 1 })], []))).toEqual(['lost, twice or out of order']);
  });
});
