import { describe, expect, it } from '@jest/globals';
import { chart, format } from './chart.js';

describe('a figure with its unit', () => {
  it.each([
    [0.0123, 's', '12.3 ms'],
    [2.5, 's', '2.5 s'],
    [0.001, 'percentunit', '0.1 %'],
    [3 * 1024 ** 2, 'bytes', '3 MiB'],
    [512, 'Bps', '0.5 KiB/s'],
    [12.345, 'ops', '12.3 /s'],
    [7, 'none', '7'],
  ])('%p %p is %p', (value, unit, text) => {
    expect(format(value, unit)).toBe(text);
  });

  it('says that there is none', () => {
    expect(format(undefined, 's')).toBe('no data');
  });
});

describe('a chart', () => {
  const panel = { title: 't', description: 'd', type: 'timeseries', gridPos: { w: 8 } } as const;

  it('draws a line for each series, from its lowest to its highest value', () => {
    const points = [
      { atS: 10, value: 0 },
      { atS: 20, value: 4 },
    ];
    const drawn = chart({ panel, lines: [{ name: 'a', labels: {}, points }] });
    expect(drawn).toContain('<polyline points="64,236 550,34"');
  });

  it('shows a figure by its word, in the colour of the threshold that it has reached', () => {
    const defaults = {
      unit: 'none',
      mappings: [{ options: { '1': { text: 'YES' } } }],
      thresholds: {
        steps: [
          { value: null, color: 'red' },
          { value: 1, color: 'green' },
        ],
      },
    };
    const stat = { ...panel, type: 'stat', fieldConfig: { defaults } } as const;
    const shown = (value: number) =>
      chart({ panel: stat, lines: [{ name: '', labels: {}, points: [{ atS: 1, value }] }] });
    expect(shown(1)).toMatch(/fill="green".*>YES</);
    expect(shown(0)).toMatch(/fill="red".*>0</);
  });

  it('says that there is nothing', () => {
    expect(chart({ panel, lines: [] })).toContain('no data');
  });
});
