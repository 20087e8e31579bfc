/** A run's outcome as one page: nothing remote, no script. */
import { figures, type FigureName } from '../figures.js';
import type { Outcome, Times } from './outcome.js';
import { rowsOf } from './text.js';
import { generatorLines, megabytes, ms, seconds } from './units.js';

const style = `
:root { color-scheme: light dark; --line: light-dark(#d5d9e0, #363c47); --quiet: light-dark(#5a6270, #a2abb9);
  --good: light-dark(#136c3a, #6fd69b); --bad: light-dark(#a11226, #ff8f9c); --bar: light-dark(#3f5fbf, #86a4ff); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 52rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .5rem; }
p { margin: .3rem 0; } .quiet, th { color: var(--quiet); font-weight: normal; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; padding-left: 0; white-space: normal; }
.good { color: var(--good); } .bad { color: var(--bad); }
.verdict { font-size: 1.1rem; font-weight: 600; margin: 1rem 0; }
.bar { background: var(--bar); height: .5rem; border-radius: .25rem; min-width: 2px; }
td.scale { width: 40%; }
th { white-space: normal; vertical-align: bottom; }
@media (width < 40rem) { body { padding: 1rem .75rem 3rem; } table { font-size: .85rem; } th, td { padding: .3rem .25rem; } }
`;

export function pageOf(outcome: Outcome): string {
  const { scenario, about, shape, startedAt, seconds: elapsed, target, machine, k6, faults } = outcome;
  const verdict =
    faults.length === 0
      ? '<p class="verdict good">Everything holds.</p>'
      : `<p class="verdict bad">Failed.</p><ul>${faults.map((fault) => `<li class="bad">${escape(fault)}</li>`).join('')}</ul>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escape(scenario)} – load test</title>
<style>${style}</style>
</head>
<body>
<h1>${escape(scenario)}</h1>
<p>${escape(about)}</p>
<p class="quiet">${escape(shape)}</p>
${verdict}
<p class="quiet">${escape(startedAt)} · ${seconds(elapsed)} · ${escape(target.kind)}, ${escape(target.serverUrl)}, gateways: ${escape(target.gateways)} · ${machine.cpus} cores (${escape(machine.model)}), load before ${machine.loadBefore.toFixed(1)} · ${escape(k6.version)}</p>
<h2>Delivery</h2>
${deliveryBars(outcome.times.delivery_ms)}
<h2>Times, ms</h2>
${timesTable(outcome, 'system')}
<h2>Counts</h2>
${table(
  ['', ''],
  rowsOf(outcome.counts, 'system').map(([name, value]) => [label(name), String(value)]),
)}
<h2>Thresholds</h2>
${table(
  ['', '', ''],
  outcome.thresholds.map(({ figure, rule, holds }) => [
    escape(figure),
    escape(rule),
    holds ? '<span class="good">holds</span>' : '<span class="bad">does not</span>',
  ]),
)}
<h2>The generator itself</h2>
<p>${generatorLines(outcome).map(escape).join('<br>')}</p>
${timesTable(outcome, 'generator')}
${servicesTable(outcome)}
</body>
</html>
`;
}

function deliveryBars(times: Times | undefined): string {
  if (times === undefined) return '<p class="bad">Nothing was timed.</p>';
  const rows = (['p50', 'p90', 'p95', 'p99', 'max'] as const).map((name) => [
    name,
    `${ms(times[name])} ms`,
    `<div class="bar" style="width: ${((100 * times[name]) / times.max).toFixed(1)}%"></div>`,
  ]);
  return `<div class="wide"><table>${rows
    .map(([name, value, bar]) => `<tr><td>${name}</td><td>${value}</td><td class="scale">${bar}</td></tr>`)
    .join('')}</table></div>`;
}

function timesTable({ times }: Outcome, of: 'system' | 'generator'): string {
  const rows = (Object.entries(times) as [FigureName, Times][]).filter(([name]) => figures[name].of === of);
  if (rows.length === 0) return '';
  return table(
    ['', 'p50', 'p90', 'p95', 'p99', 'max', 'count'],
    rows.map(([name, { p50, p90, p95, p99, max, count }]) => [
      label(name),
      ...[p50, p90, p95, p99, max].map(ms),
      String(count),
    ]),
  );
}

function servicesTable({ services }: Outcome): string {
  if (services.length === 0) return '';
  return `<h2>The services</h2>${table(
    ['', 'CPU', 'memory of its main process at the start', 'at the end', 'at most'],
    services.map(({ name, cpuSeconds, firstBytes, lastBytes, maxBytes }) => [
      escape(name),
      seconds(cpuSeconds),
      ...[firstBytes, lastBytes, maxBytes].map(megabytes),
    ]),
  )}`;
}

function label(name: FigureName): string {
  return `${escape(name)}<br><span class="quiet">${escape(figures[name].what)}</span>`;
}

/** Cells are markup already. */
function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const headRow = head.some((cell) => cell !== '')
    ? `<tr>${head.map((cell) => `<th>${cell}</th>`).join('')}</tr>`
    : '';
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n');
  return `<div class="wide"><table>${headRow}${body}</table></div>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
