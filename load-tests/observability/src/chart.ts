/** A panel as SVG, in its unit: what Grafana would show, near enough to see what is wrong with it. */
import type { AnsweredPanel, Panel } from './dashboards.js';

const [width, height, left, bottom, top] = [560, 260, 64, 24, 34];
const colours = [
  '#0b6e4f',
  '#c1121f',
  '#1d4ed8',
  '#b45309',
  '#7c3aed',
  '#0e7490',
  '#be185d',
  '#4d7c0f',
  '#777777',
  '#111111',
];
const maxNames = 12;
const mib = 1024 ** 2;
const steps = 4;

export function chart({ panel, lines }: AnsweredPanel): string {
  const unit = panel.fieldConfig?.defaults.unit ?? 'none';
  switch (panel.type) {
    case 'stat':
      return figure(
        shownAs(panel, lines[0]?.points.at(-1)?.value),
        colourOf(panel, lines[0]?.points.at(-1)?.value),
      );
    case 'bargauge':
      return bars(
        lines.map(({ name, points }) => ({ name, value: points.at(-1)?.value ?? 0 })),
        unit,
      );
    case 'timeseries':
      return series(lines, unit);
    case 'row':
      return '';
  }
}

/** Three digits and a unit that a person can say. */
export function format(value: number | undefined, unit: string): string {
  if (value === undefined) return 'no data';
  const number = (scaled: number): string => String(Number(scaled.toPrecision(3)));
  switch (unit) {
    case 's':
      return Math.abs(value) < 1 ? `${number(value * 1_000)} ms` : `${number(value)} s`;
    case 'percentunit':
      return `${number(value * 100)} %`;
    case 'bytes':
    case 'Bps':
      return `${value < mib ? `${number(value / 1024)} KiB` : `${number(value / mib)} MiB`}${unit === 'Bps' ? '/s' : ''}`;
    case 'ops':
      return `${number(value)} /s`;
    default:
      return number(value);
  }
}

/** By its word, where it has one. */
function shownAs({ fieldConfig }: Panel, value: number | undefined): string {
  const words = fieldConfig?.defaults.mappings?.[0]?.options;
  return words?.[String(value)]?.text ?? format(value, fieldConfig?.defaults.unit ?? 'none');
}

/** Of the last threshold that it has reached. */
function colourOf({ fieldConfig }: Panel, value: number | undefined): string {
  const reached = (fieldConfig?.defaults.thresholds?.steps ?? []).filter(
    (step) => step.value === null || (value !== undefined && value >= step.value),
  );
  return reached.at(-1)?.color ?? 'black';
}

function figure(text: string, colour = 'black'): string {
  return svg(
    `<text fill="${colour}" x="${width / 2}" y="${height / 2}" text-anchor="middle" font-size="64">${escape(text)}</text>`,
  );
}

function bars(all: readonly { readonly name: string; readonly value: number }[], unit: string): string {
  const most = Math.max(...all.map(({ value }) => value), Number.MIN_VALUE);
  const space = width - 330;
  const drawn = all.map(({ name, value }, index) => {
    const y = top + index * 36;
    return `<text x="8" y="${y + 16}">${escape(name)}</text><rect x="210" y="${y}" width="${Math.round((value / most) * space)}" height="22" fill="${colours[0]}"/><text x="${width - 8}" y="${y + 16}" text-anchor="end">${format(value, unit)}</text>`;
  });
  return svg(drawn.join(''));
}

function series(lines: AnsweredPanel['lines'], unit: string): string {
  const all = lines.flatMap(({ points }) => points);
  if (all.length === 0) return figure('no data');
  const [from, to] = [Math.min(...all.map(({ atS }) => atS)), Math.max(...all.map(({ atS }) => atS))];
  const low = Math.min(0, ...all.map(({ value }) => value));
  const most = Math.max(...all.map(({ value }) => value));
  // Of nothing but zeros the axis goes to one.
  const high = most > low ? most : low + 1;
  const x = (atS: number): number =>
    Math.round(left + ((atS - from) / (to - from || 1)) * (width - left - 10));
  const y = (value: number): number =>
    Math.round(height - bottom - ((value - low) / (high - low)) * (height - bottom - top));
  const grid = Array.from({ length: steps + 1 }, (_, step) => low + ((high - low) * step) / steps).map(
    (value) =>
      `<line x1="${left}" x2="${width - 10}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/><text x="${left - 6}" y="${y(value) + 4}" text-anchor="end">${format(value, unit)}</text>`,
  );
  const drawn = lines.map(
    ({ points }, index) =>
      `<polyline points="${points.map(({ atS, value }) => `${x(atS)},${y(value)}`).join(' ')}" fill="none" stroke="${colours[index % colours.length]}" stroke-width="1.5"/>`,
  );
  return svg(
    `${grid.join('')}${drawn.join('')}<text x="${left}" y="${height - 6}">0 s</text><text x="${width - 10}" y="${height - 6}" text-anchor="end">${Math.round(to - from)} s</text>`,
  );
}

/** Beneath the chart. */
export function namesOf({ panel, lines }: AnsweredPanel): string {
  if (panel.type !== 'timeseries') return '';
  const shown = lines
    .slice(0, maxNames)
    .map(
      ({ name }, index) => `<span style="color:${colours[index % colours.length]}">${escape(name)}</span>`,
    );
  const more = lines.length > maxNames ? ` and ${lines.length - maxNames} more` : '';
  return `${shown.join(' · ')}${more}`;
}

function svg(content: string): string {
  return `<svg viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">${content}</svg>`;
}

export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
