/** Every query of the rules and panels names only what exists. That it returns data is shown by npm run test:observability. */
import { describe, expect, it } from '@jest/globals';
import { dashboards, rules } from './files.fixture.js';
import { knownMetrics } from './known-metrics.fixture.js';
import { filledIn, selectorsOf } from './promql.js';

const ofPanels = dashboards.flatMap(({ title, panels }) =>
  panels.flatMap((panel) =>
    (panel.targets ?? []).map(({ refId, expr }) => ({ where: `${title}: ${panel.title} ${refId}`, expr })),
  ),
);
const ofRules = rules.map(({ record, alert, expr }) => ({ where: record ?? alert ?? '', expr }));

describe('reading a query', () => {
  it('finds what it selects', () => {
    expect(selectorsOf('sum by (le) (rate(a_bucket{le="0.2", x=~"y.*"}[5m])) / b or vector(0)')).toEqual([
      { metric: 'a_bucket', equals: { le: '0.2' }, labels: ['le', 'x'] },
      { metric: 'b', equals: {}, labels: [] },
    ]);
  });

  it('refuses what is none', () => {
    expect(() => selectorsOf('sum(rate(a[5m])')).toThrow(SyntaxError);
  });

  it('fills in what Grafana would', () => {
    expect(filledIn('rate(a{instance=~"$instance"}[$__rate_interval])', '20s')).toBe(
      'rate(a{instance=~".*"}[20s])',
    );
  });
});

describe.each([...ofPanels, ...ofRules])('$where', ({ expr }) => {
  it('names metrics, labels and values that exist', () => {
    for (const { metric, equals, labels } of selectorsOf(filledIn(expr, '1m'))) {
      const known = knownMetrics.get(metric);
      expect({ metric, isKnown: known !== undefined }).toEqual({ metric, isKnown: true });
      for (const label of labels) expect(Object.keys(known?.labels ?? {})).toContain(label);
      for (const [label, value] of Object.entries(equals)) {
        const values = known?.labels[label];
        if (values !== 'any') expect(values).toContain(value);
      }
    }
  });
});
