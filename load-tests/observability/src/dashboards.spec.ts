import { describe, expect, it } from '@jest/globals';
import { answer, legendOf, readDashboards, type Dashboard } from './dashboards.js';
import type { Line } from './prometheus.js';

const dashboard = (expr: string): Dashboard => ({
  uid: 'u',
  title: 'D',
  panels: [
    {
      title: 'P',
      description: '',
      type: 'timeseries',
      gridPos: { w: 8 },
      targets: [{ refId: 'A', expr, legendFormat: '{{x}} now' }],
    },
  ],
});
const line: Line = { labels: { x: 'one' }, points: [{ atS: 1, value: 2 }] };
const asked = (known: Readonly<Record<string, readonly Line[]>>) => (query: string) =>
  Promise.resolve(known[query] ?? []);

describe('asking a dashboard', () => {
  it('fills in what Grafana would, and gives each line its name', async () => {
    const ask = asked({ 'rate(a[10s])': [line], 'count(a)': [line] });
    const { panels, faults, queries } = await answer(dashboard('rate(a[$__rate_interval])'), ask);
    expect({ faults, queries, name: panels[0]?.lines[0]?.name }).toEqual({
      faults: [],
      queries: 1,
      name: 'one now',
    });
  });

  it('finds a query without a number', async () => {
    const empty = { labels: {}, points: [] };
    const { faults } = await answer(dashboard('a'), asked({ a: [empty], 'count(a)': [line] }));
    expect(faults).toEqual(['D, P, A: no data: a']);
  });

  it('finds a metric that nobody shows behind a default', async () => {
    const { faults } = await answer(dashboard('a or vector(0)'), asked({ 'a or vector(0)': [line] }));
    expect(faults).toEqual(['D, P, A: nobody shows a']);
  });

  it('finds a query that Prometheus refuses', async () => {
    const { faults } = await answer(dashboard('a'), () => Promise.reject(new Error('bad')));
    expect(faults).toEqual(['D, P, A: bad']);
  });

  it('reads all of them', () => {
    expect(readDashboards().map(({ uid }) => uid)).toContain('cipherchat-delivery');
  });
});

describe('a legend', () => {
  it('takes labels, and nothing where there is none', () => {
    expect(legendOf('{{a}} {{b}}', { a: 'x' })).toBe('x');
  });
});
