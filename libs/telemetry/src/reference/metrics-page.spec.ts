import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { metricCatalogue } from '../metric-catalogue.js';
import type { MetricDefinition } from '../metric-definition.js';
import { metricsPage } from './metrics-page.js';

it('docs/metrics.md is what the catalogue makes (otherwise: npm run docs:telemetry)', () => {
  const file = fileURLToPath(new URL('../../../../docs/metrics.md', import.meta.url));
  expect(readFileSync(file, 'utf8')).toBe(metricsPage());
});

it('what the server knows lists every label, with what it is for', () => {
  const document = readFileSync(
    fileURLToPath(new URL('../../../../docs/what-the-server-knows.md', import.meta.url)),
    'utf8',
  );
  const section = document.split('## Metrics: labels')[1] ?? '';
  const ofServers = Object.values<MetricDefinition>(metricCatalogue).filter(
    ({ services }) => services === 'every' || services.some((service) => service !== 'probe'),
  );
  const labels = ofServers.flatMap((metric) => Object.keys(metric.labels));
  for (const label of new Set([...labels, 'service', 'le']))
    expect(section).toMatch(new RegExp(`^\\| \`${label}\` \\| .{10,} \\|$`, 'm'));
});

it('the page names every metric once, with its meaning', () => {
  for (const [name, { help }] of Object.entries(metricCatalogue))
    expect(
      metricsPage()
        .split('\n')
        .filter((line) => line.startsWith(`| \`${name}\` |`) && line.includes(help)),
    ).toHaveLength(1);
});
