import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { spanCatalogue } from '../tracing/span-catalogue.js';
import { tracingPage } from './tracing-page.js';

it('docs/tracing.md is what the catalogue makes (otherwise: npm run docs:telemetry)', () => {
  const file = fileURLToPath(new URL('../../../../docs/tracing.md', import.meta.url));
  expect(readFileSync(file, 'utf8')).toBe(tracingPage());
});

it('the page names every span once, with its meaning and its attributes', () => {
  for (const [name, { help, attributes }] of Object.entries(spanCatalogue)) {
    const rows = tracingPage()
      .split('\n')
      .filter((line) => line.startsWith(`| \`${name}\` |`) && line.includes(help));
    expect(rows).toHaveLength(1);
    for (const attribute of Object.keys(attributes)) expect(rows[0]).toContain(`\`${attribute}\``);
  }
});
