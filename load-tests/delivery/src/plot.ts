/** A line plot as SVG, both axes logarithmic: p99 by rate, one line for each system. */
export type Line = {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
};

const [width, height, margin] = [760, 460, 60];
const colours = ['#0b6e4f', '#888888', '#c1121f', '#1d4ed8', '#b45309', '#7c3aed'];
const legendStep = 18;

export function plot(params: {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly Line[];
}): string {
  const lines = params.lines.map(({ name, points }) => ({
    name,
    points: points.filter(({ x, y }) => x > 0 && y > 0),
  }));
  const all = lines.flatMap(({ points }) => points);
  const xs = scale({ values: all.map(({ x }) => x), from: margin, to: width - margin });
  const ys = scale({ values: all.map(({ y }) => y), from: height - margin, to: margin });
  const drawn = lines.map(({ name, points }, index) => {
    const colour = colours[index % colours.length];
    const path = points.map(({ x, y }) => `${xs.at(x)},${ys.at(y)}`).join(' ');
    const dots = points.map(
      ({ x, y }) => `<circle cx="${xs.at(x)}" cy="${ys.at(y)}" r="3" fill="${colour}"/>`,
    );
    const legendY = margin + index * legendStep;
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}<text x="${margin + 12}" y="${legendY}" fill="${colour}">${escape(name)}</text>`;
  });
  const grid = [
    ...xs.ticks.map(
      (tick) =>
        `<line x1="${xs.at(tick)}" x2="${xs.at(tick)}" y1="${margin}" y2="${height - margin}" stroke="#ddd"/><text x="${xs.at(tick)}" y="${height - margin + 18}" text-anchor="middle">${tick}</text>`,
    ),
    ...ys.ticks.map(
      (tick) =>
        `<line x1="${margin}" x2="${width - margin}" y1="${ys.at(tick)}" y2="${ys.at(tick)}" stroke="#ddd"/><text x="${margin - 6}" y="${ys.at(tick)}" text-anchor="end">${tick}</text>`,
    ),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="white"/>
<text x="${width / 2}" y="26" text-anchor="middle" font-size="16">${escape(params.title)}</text>
${grid.join('\n')}
<text x="${width / 2}" y="${height - 12}" text-anchor="middle">${escape(params.x)}</text>
<text x="${margin}" y="${margin - 14}" text-anchor="middle">${escape(params.y)}</text>
${drawn.join('\n')}
</svg>
`;
}

/** From the power of ten below the least value to the one above the greatest. */
function scale(params: { readonly values: readonly number[]; readonly from: number; readonly to: number }) {
  const { values, from, to } = params;
  const logs = values.length === 0 ? [0] : values.map(Math.log10);
  const low = Math.floor(Math.min(...logs));
  const high = Math.max(low + 1, Math.ceil(Math.max(...logs)));
  return {
    at: (value: number): number =>
      Math.round((from + ((Math.log10(value) - low) / (high - low)) * (to - from)) * 10) / 10,
    ticks: Array.from({ length: high - low + 1 }, (_, index) => Number((10 ** (low + index)).toPrecision(1))),
  };
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
