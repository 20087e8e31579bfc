import { describe, expect, it } from '@jest/globals';
import { judgeFiring, judgeHealthy, judgeRules, judgeTargets } from './verdict.js';

const alert = (
  name: string,
  state: 'pending' | 'firing' = 'firing',
  texts: readonly string[] = ['All is said.'],
) => ({
  name,
  state,
  texts,
});

describe('a healthy system', () => {
  it('has no alert that fires or is about to', () => {
    expect(judgeHealthy([], 0)).toEqual({ faults: [], notes: [] });
    expect(judgeHealthy([alert('NatsDisconnected', 'pending')], 0).faults).toEqual([
      'NatsDisconnected is pending on a healthy system',
    ]);
  });

  it('may be slow, where the probe’s own figures say so', () => {
    const { faults, notes } = judgeHealthy([alert('DeliveryBudgetBurnsFast')], 0.05);
    expect(faults).toEqual([]);
    expect(notes).toEqual([
      'DeliveryBudgetBurnsFast is active: this machine is slow (5.0 % of the messages late)',
    ]);
    expect(judgeHealthy([alert('DeliveryBudgetBurnsFast')], 0.001).faults).toHaveLength(1);
  });
});

describe('an alert that should fire', () => {
  it('fires, and says something', () => {
    expect(judgeFiring([alert('A')], 'A')).toEqual([]);
    expect(judgeFiring([alert('A', 'pending')], 'A')).toEqual(['A does not fire']);
    expect(judgeFiring([alert('A', 'firing', ['<error expanding template>'])], 'A')).toHaveLength(1);
  });
});

describe('a service', () => {
  it('is read, and what it shows is understood', () => {
    expect(judgeTargets([{ instance: 'auth-1', health: 'up', error: '' }])).toEqual([]);
    expect(
      judgeTargets([{ instance: 'auth-1', health: 'down', error: 'data does not end with # EOF' }]),
    ).toEqual(['auth-1 is down: data does not end with # EOF']);
  });
});

describe('rules', () => {
  it('are evaluated without an error', () => {
    expect(judgeRules([{ name: 'a', health: 'ok', error: '' }])).toEqual([]);
    expect(judgeRules([{ name: 'a', health: 'err', error: 'many-to-many' }])).toEqual([
      'a is err: many-to-many',
    ]);
  });
});
