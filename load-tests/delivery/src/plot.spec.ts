import { describe, expect, it } from '@jest/globals';
import { plot } from './plot.js';

describe('the plot', () => {
  it('draws a line for each system, higher values higher up', () => {
    const svg = plot({
      title: 'a < b',
      x: 'rate',
      y: 'ms',
      lines: [
        {
          name: 'slow',
          points: [
            { x: 100, y: 10 },
            { x: 1_000, y: 100 },
          ],
        },
        { name: 'fast', points: [{ x: 100, y: 1 }] },
      ],
    });
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(svg).toContain('a &lt; b');
    const [, from, to] = /points="[\d.]+,([\d.]+) [\d.]+,([\d.]+)"/.exec(svg) ?? [];
    expect(Number(to)).toBeLessThan(Number(from));
    expect(svg).not.toContain('NaN');
  });

  it('survives having nothing to draw', () => {
    expect(plot({ title: '', x: '', y: '', lines: [] })).not.toContain('NaN');
  });
});
