/** The conventions of Prometheus (prometheus.io/docs/practices/naming) and ours: what holds for every metric. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { metricCatalogue } from './metric-catalogue.js';
import type { MetricDefinition } from './metric-definition.js';

const metrics = Object.entries<MetricDefinition>(metricCatalogue);
/** What a gauge or histogram may end with: a base unit, or what is counted. */
const units =
  /_(seconds|bytes|ratio|envelopes|positions|conversations|packages|open|behind|connected|connections|requests)$/;
const otherUnits = /_(ms|milliseconds|us|micros|minutes|hours|days|kb|kib|mb|mib|percent)(_|$)/;
/** Labels and values that would name somebody, or grow with their number. */
const nameOfSomebody =
  /(^|_)(id|ids|user|users|device|devices|conversation|conversations|envelope|envelopes|username|name|address|ip|session|token|key|group|person|account)$/;

describe('every metric', () => {
  it.each(metrics)('%s follows the conventions', (name, { type, help, labels }) => {
    expect(name).toMatch(/^cipherchat(_[a-z0-9]+)+$/);
    expect(name).not.toMatch(otherUnits);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    if (type !== 'counter') expect(name).toMatch(units);
    for (const suffix of ['_bucket', '_count', '_sum', '_info', '_created'])
      expect(name.endsWith(suffix)).toBe(false);
    for (const label of Object.keys(labels)) expect(name).not.toContain(`_by_${label}`);
    expect(help).toMatch(/^[A-Z][^"\n]+\.$/);
  });

  it.each(metrics)('%s has closed labels that name nobody', (_name, { labels }) => {
    for (const [label, values] of Object.entries(labels)) {
      expect(label).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(label).not.toMatch(nameOfSomebody);
      expect(['le', 'quantile', 'service', 'instance', 'job']).not.toContain(label);
      expect(values.length).toBeGreaterThan(1);
      expect(new Set(values).size).toBe(values.length);
      for (const value of values) {
        expect(value).toMatch(/^[\w./:-]{1,120}$/);
        expect(value).not.toMatch(/[0-9a-f]{8}/i);
      }
    }
  });

  it('has buckets that ascend, few enough to keep, with a reason', () => {
    for (const [name, definition] of metrics) {
      if (definition.type !== 'histogram') continue;
      const { bounds, why } = definition.buckets;
      expect({ name, bounds: [...bounds].sort((a, b) => a - b) }).toEqual({ name, bounds });
      expect(new Set(bounds).size).toBe(bounds.length);
      expect(bounds.length).toBeLessThanOrEqual(16);
      expect(why).toMatch(/\.$/);
    }
  });

  it('is counted by a service', () => {
    const root = fileURLToPath(new URL('../../../', import.meta.url));
    const sources = ['apps', 'libs'].flatMap((group) =>
      readdirSync(`${root}${group}`, { recursive: true, encoding: 'utf8' })
        .filter((file) => /^[\w-]+\/src\/.*\.ts$/.test(file) && !/\.(spec|fixture)\.ts$|generated/.test(file))
        .filter((file) => !file.endsWith('metric-catalogue.ts'))
        .map((file) => readFileSync(`${root}${group}/${file}`, 'utf8')),
    );
    const unused = metrics
      .map(([name]) => name)
      .filter((name) => !sources.some((text) => text.includes(`'${name}'`)));
    expect(unused).toEqual([]);
  });
});
