import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  Metrics,
  isShownBy,
  metricCatalogue,
  type MetricDefinition,
  type MetricName,
} from '@cipherchat/telemetry';
import { outsideCatalogue } from './outside-catalogue.js';

/** What a gateway shows that asked for all that is given to it. */
let exposition: string;

beforeEach(async () => {
  const metrics = new Metrics('gateway', () => ({ traceId: 'a'.repeat(32) }));
  for (const [name, definition] of Object.entries<MetricDefinition>(metricCatalogue)) {
    if (!isShownBy(definition, 'gateway')) continue;
    if (definition.type === 'histogram')
      metrics.histogram(name as MetricName as 'cipherchat_append_wait_seconds');
    else metrics.sampled(name as MetricName as 'cipherchat_sockets_open');
  }
  metrics.histogram('cipherchat_append_wait_seconds')(0.1);
  metrics.answered({ method: 'GET', route: '/metrics', status: 200, durationMs: 3 });
  exposition = (await metrics.exposition()).text;
});

const faults = (text: string): readonly string[] =>
  outsideCatalogue({ service: 'gateway', exposition: text });
const id = '7c1e9a52-3f0b-4d86-9b1d-e5a47f20c8d3';

describe('what a service shows', () => {
  it('is as the catalogue has it', () => {
    expect(faults(exposition)).toEqual([]);
  });

  it.each([
    [
      'an id as a value',
      (text: string) => text.replace('outcome="accepted"', `outcome="${id}"`),
      /value of outcome/,
    ],
    [
      'a label of its own',
      (text: string) => text.replace('outcome="busy"', `outcome="busy",user="${id}"`),
      /value of user/,
    ],
    [
      'an id in a histogram',
      (text: string) => text.replace('route="/metrics"', `route="/v1/people/${id}"`),
      /value of route/,
    ],
    [
      'an id beside a trace',
      (text: string) => text.replace('# {trace_id=', `# {user="${id}",trace_id=`),
      /an exemplar that is more than a trace/,
    ],
    [
      'an id as a trace',
      (text: string) => text.replace(`trace_id="${'a'.repeat(32)}"`, `trace_id="${id}"`),
      /an exemplar that is more than a trace/,
    ],
    [
      'a metric of its own',
      (text: string) => `${text}# TYPE cipherchat_people counter\ncipherchat_people_total 1\n`,
      /shows cipherchat_people_total, which the catalogue does not give/,
    ],
    [
      'a metric of another service',
      (text: string) => `${text}# TYPE cipherchat_commits counter\n`,
      /shows cipherchat_commits_total, which the catalogue does not give/,
    ],
    [
      'less than it should',
      (text: string) => text.replaceAll(/^.*cipherchat_resyncs.*\n/gm, ''),
      /does not show cipherchat_resyncs_total/,
    ],
  ])('is a fault with %s, which is not repeated', (_what, planted, message) => {
    const text = planted(exposition);
    expect(text).not.toBe(exposition);
    const found = faults(text);
    expect(found).toContainEqual(expect.stringMatching(message));
    expect(found.join()).not.toContain(id);
  });
});
