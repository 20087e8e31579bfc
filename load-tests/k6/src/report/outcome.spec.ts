import { describe, expect, it } from '@jest/globals';
import type { K6Run } from '../run-k6.js';
import { outcomeOf, type RunKnown } from './outcome.js';
import { pageOf } from './page.js';
import { lastLine, textOf } from './text.js';

const known: RunKnown = {
  scenario: 'steady-chat',
  about: 'pairs <chat>',
  shape: '2 pairs',
  startedAt: '2026-01-02T03:04:05.000Z',
  target: { kind: 'own', serverUrl: 'http://localhost:1', gateways: 'several' },
  machine: { cpus: 2, model: 'a "model"', loadBefore: 0.2 },
  k6Version: 'k6 v1.8.1',
};
const times = { min: 1, med: 2, 'p(90)': 3, 'p(95)': 4, 'p(99)': 5, max: 6, count: 10 };
const good = {
  delivery_ms: { values: times, thresholds: { 'p(95)<200': { ok: true } } },
  lateness_ms: { values: times },
  messages_expected: { values: { count: 10, rate: 1 } },
  messages_received: { values: { count: 10, rate: 1 }, thresholds: { 'count>0': { ok: true } } },
  messages_lost: { values: { count: 0, rate: 0 }, thresholds: { 'count==0': { ok: true } } },
};
const run = (metrics: object, more: Partial<K6Run> = {}): K6Run => ({
  seconds: 10,
  outcome: 'ended',
  exitCode: 0,
  summary: { metrics },
  generator: { name: 'k6', cpuSeconds: 5, firstBytes: 1, lastBytes: 2, maxBytes: 200 * 1024 ** 2 },
  services: [
    { name: 'gateway-1', cpuSeconds: 1, firstBytes: 1024 ** 2, lastBytes: 2 * 1024 ** 2, maxBytes: 3 },
  ],
  ...more,
});

describe('the outcome of a run', () => {
  it('is good when every threshold holds and everything arrived', () => {
    const outcome = outcomeOf(known, run(good));
    expect(outcome.faults).toEqual([]);
    expect(outcome.times.delivery_ms).toEqual({ count: 10, p50: 2, p90: 3, p95: 4, p99: 5, max: 6 });
    expect(outcome.counts.messages_received).toBe(10);
  });

  it('names the threshold that does not hold', () => {
    const slow = { ...good, delivery_ms: { values: times, thresholds: { 'p(95)<200': { ok: false } } } };
    expect(outcomeOf(known, run(slow, { exitCode: 99 })).faults).toEqual(['delivery_ms is not p(95)<200']);
  });

  it.each<[string, K6Run, readonly string[]]>([
    [
      'k6 never ran',
      run({}, { summary: null, exitCode: null }),
      ['no delivery was timed', 'no message was delivered'],
    ],
    ['nothing was delivered', run({ delivery_ms: good.delivery_ms }), ['no message was delivered']],
    ['nothing was timed', run({ ...good, delivery_ms: { values: {} } }), ['no delivery was timed']],
    [
      'some did not arrive',
      run({ ...good, messages_received: { values: { count: 9 } } }),
      ['9 copies of 10 arrived'],
    ],
    ['it was cut', run(good, { outcome: 'cut' }), ['it was cut at the hard stop']],
    ['k6 failed by itself', run(good, { exitCode: 107 }), ['k6 ended with 107']],
  ])('is a failure when %s', (_, failed, faults) => {
    expect(outcomeOf(known, failed).faults).toEqual(faults);
  });
});

describe('the report of a run', () => {
  it('tells the cost of the generator apart from the times of the system', () => {
    const text = textOf(outcomeOf(known, run(good))).join('\n');
    const [system = '', generator = ''] = text.split('The generator itself:');
    expect(system).toContain('delivery_ms');
    expect(system).not.toContain('lateness_ms');
    expect(generator).toContain('lateness_ms');
    expect(generator).toContain('k6 used 5.0 s of CPU in 10.0 s: 25 % of 2 cores; at most 200 MB');
  });

  it('ends in one line of figures, in which a failed scenario is marked', () => {
    const outcomes = [outcomeOf(known, run(good)), outcomeOf(known, run(good, { outcome: 'cut' }))];
    expect(lastLine(outcomes)).toBe(
      'load steady-chat p95 4.0 ms, 10 delivered, 0 lost · !steady-chat p95 4.0 ms, 10 delivered, 0 lost',
    );
  });

  it('is a page that loads nothing and shows names as text', () => {
    const page = pageOf(outcomeOf(known, run(good)));
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(/);
    expect(page).toContain('pairs &lt;chat>');
    expect(page).toContain('a &quot;model&quot;');
  });
});
