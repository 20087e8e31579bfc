import { describe, expect, it } from '@jest/globals';
import type { Size } from '../scenario.js';
import { scenarioNames, scenarios } from './all.js';

const sizes: readonly Size[] = [{ kind: 'short' }, { kind: 'full' }, { kind: 'full', minutes: 60 }];
const all = scenarioNames.flatMap((name) => sizes.map((size) => scenarios[name](size)));

describe.each(all.map((scenario) => [scenario.name, scenario.seconds, scenario] as const))(
  '%s of %d s',
  (_, __, scenario) => {
    it('goes by its own name', () => {
      expect(scenarioNames).toContain(scenario.name);
    });

    it('gives each VU as many rooms of each kind, since VUs share the rates evenly', () => {
      for (const { count } of Object.values(scenario.rooms)) expect(count % scenario.vus).toBe(0);
    });

    it('has rooms in which a message is delivered to somebody', () => {
      for (const { members } of Object.values(scenario.rooms)) expect(members).toBeGreaterThan(1);
    });
  },
);

describe('all scenarios, short', () => {
  it('take less than three minutes together, without what comes before and after', () => {
    const seconds = scenarioNames.map((name) => scenarios[name]({ kind: 'short' }).seconds);
    expect(seconds.reduce((sum, each) => sum + each, 0)).toBeLessThan(180);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(20);
  });
});

describe('soak', () => {
  it('takes as long as it is told, and must renew tokens once they end in that time', () => {
    const asked = scenarios.soak({ kind: 'full', minutes: 60 });
    expect(asked.seconds).toBeGreaterThan(3_600);
    expect(asked.thresholds.token_renewals).toEqual(['count>0']);
    expect(scenarios.soak({ kind: 'full', minutes: 5 }).thresholds.token_renewals).toBeUndefined();
    expect(scenarios.soak({ kind: 'short' }).thresholds.token_renewals).toEqual(['count>0']);
  });
});
