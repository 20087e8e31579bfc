import { describe, expect, it } from '@jest/globals';
import { Metrics, type ExemplarSource } from './metrics.js';

const textOf = async (metrics: Metrics): Promise<string> => (await metrics.exposition()).text;

describe('a service', () => {
  it('shows what it counted, set and measured', async () => {
    const metrics = new Metrics('gateway');
    const appended = metrics.counter('cipherchat_appends_total');
    appended({ outcome: 'accepted' });
    appended({ outcome: 'accepted' }, 2);
    metrics.sampled('cipherchat_sockets_open')(() => 7);
    const duration = metrics.histogram('cipherchat_append_duration_seconds');
    for (const seconds of [0.001, 0.003, 60]) duration(seconds);
    const text = await textOf(metrics);
    for (const line of [
      '# TYPE cipherchat_appends counter',
      'cipherchat_appends_total{outcome="accepted",service="gateway"} 3',
      'cipherchat_sockets_open{service="gateway"} 7',
      'cipherchat_append_duration_seconds_bucket{le="0.001",service="gateway"} 1',
      'cipherchat_append_duration_seconds_bucket{le="0.0025",service="gateway"} 1',
      'cipherchat_append_duration_seconds_bucket{le="0.005",service="gateway"} 2',
      'cipherchat_append_duration_seconds_bucket{le="5",service="gateway"} 2',
      'cipherchat_append_duration_seconds_bucket{le="+Inf",service="gateway"} 3',
      'cipherchat_append_duration_seconds_sum{service="gateway"} 60.004',
      'cipherchat_append_duration_seconds_count{service="gateway"} 3',
    ])
      expect(text.split('\n')).toContain(line);
  });

  it('shows zero from the start where the label sets are small', async () => {
    const metrics = new Metrics('gateway');
    metrics.counter('cipherchat_appends_total');
    const lines = (await textOf(metrics)).split('\n');
    expect(lines).toContain('cipherchat_appends_total{outcome="stale-commit",service="gateway"} 0');
    expect(lines.filter((line) => line.startsWith('cipherchat_http_request_duration_seconds'))).toEqual([]);
  });

  it('has no metric that the catalogue gives to others, and none that it did not ask for', async () => {
    const store = new Metrics('message-store');
    expect(() => store.sampled('cipherchat_sockets_open')).toThrow(RangeError);
    expect(await textOf(store)).not.toContain('cipherchat_sockets_open');
    expect(await textOf(store)).not.toContain('cipherchat_append_queue_envelopes');
    store.sampled('cipherchat_append_queue_envelopes');
    expect(await textOf(store)).toContain('cipherchat_append_queue_envelopes');
  });

  it('counts apart from another in the same process', async () => {
    const [one, other] = [new Metrics('auth'), new Metrics('gateway')];
    one.eventHappened('service.starting');
    expect(await textOf(one)).toContain('cipherchat_events_total{event="service.starting",service="auth"} 1');
    expect(await textOf(other)).toContain(
      'cipherchat_events_total{event="service.starting",service="gateway"} 0',
    );
  });

  it('answers in OpenMetrics, and the same at the second look', async () => {
    const metrics = new Metrics('gateway');
    const appended = metrics.counter('cipherchat_appends_total');
    const { contentType, text } = await metrics.exposition();
    expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    appended({ outcome: 'accepted' });
    metrics.counter('cipherchat_appends_total')({ outcome: 'accepted' });
    const lines = (await textOf(metrics)).split('\n');
    expect(lines.filter((line) => line === '# TYPE cipherchat_appends counter')).toHaveLength(1);
    expect(lines).toContain('cipherchat_appends_total{outcome="accepted",service="gateway"} 2');
    // Which only a counter may end with, and only on its samples.
    expect(lines.filter((line) => /^# TYPE \S+_total /.test(line))).toEqual([]);
  });

  it('shows its event loop and garbage collection, and lists no handle', async () => {
    const text = await textOf(new Metrics('gateway'));
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds\{service="gateway"\} /m);
    expect(text).toContain('# TYPE nodejs_gc_duration_seconds histogram');
    expect(text).toMatch(/^process_cpu_seconds_total\{service="gateway"\} /m);
    expect(text).not.toContain('nodejs_active');
  });
});

describe('a value that is sampled', () => {
  it('is asked for at each scrape and at no other time', async () => {
    const metrics = new Metrics('gateway');
    let asked = 0;
    metrics.sampled('cipherchat_sockets_open')(() => ++asked);
    expect(asked).toBe(0);
    expect(await textOf(metrics)).toContain('cipherchat_sockets_open{service="gateway"} 1');
    expect(await textOf(metrics)).toContain('cipherchat_sockets_open{service="gateway"} 2');
  });

  it('is the whole of a counter, beside the zero of what nobody reads', async () => {
    const metrics = new Metrics('gateway');
    let messages = 40;
    metrics.sampled('cipherchat_nats_messages_total')({ direction: 'in' }, () => messages);
    for (messages of [40, 40, 45]) {
      const lines = (await textOf(metrics)).split('\n');
      expect(lines).toContain(`cipherchat_nats_messages_total{direction="in",service="gateway"} ${messages}`);
      expect(lines).toContain('cipherchat_nats_messages_total{direction="out",service="gateway"} 0');
    }
  });

  it('has the latest reader of two, and none with a label outside its set', async () => {
    const metrics = new Metrics('gateway');
    const messages = metrics.sampled('cipherchat_nats_messages_total');
    messages({ direction: 'in' }, () => 3);
    messages({ direction: 'in' }, () => 4);
    expect(() => messages({ direction: 'up' as 'in' }, () => 1)).toThrow(RangeError);
    expect(await textOf(metrics)).toContain(
      'cipherchat_nats_messages_total{direction="in",service="gateway"} 4',
    );
  });
});

describe('a label', () => {
  it('takes only the values of its set', async () => {
    const metrics = new Metrics('gateway');
    const appended = metrics.counter('cipherchat_appends_total');
    expect(() => appended({ outcome: 'some-user-id' as 'accepted' })).toThrow(RangeError);
    expect(() => appended({} as { outcome: 'accepted' })).toThrow(RangeError);
    expect(await textOf(metrics)).not.toContain('some-user-id');
  });

  it('has no value that a caller of HTTP made up', async () => {
    const metrics = new Metrics('auth');
    const request = { method: 'GET', route: '/metrics', status: 200, durationMs: 1 };
    metrics.answered(request);
    metrics.answered({ ...request, method: 'CANARY', route: '/v1/canary', status: 999 });
    const text = await textOf(metrics);
    expect(text).toContain('_count{service="auth",method="GET",route="/metrics",status="2xx"} 1');
    expect(text).toContain('_count{service="auth",method="other",route="unmatched",status="5xx"} 1');
    expect(text.toLowerCase()).not.toContain('canary');
  });
});

describe('a number', () => {
  it('that is none, or would count down, is refused', async () => {
    const metrics = new Metrics('gateway');
    const appended = metrics.counter('cipherchat_appends_total');
    expect(() => appended({ outcome: 'busy' }, -1)).toThrow(RangeError);
    expect(() => appended({ outcome: 'busy' }, NaN)).toThrow(RangeError);
    expect(() => metrics.histogram('cipherchat_append_duration_seconds')(NaN)).toThrow(TypeError);
    const lines = (await textOf(metrics)).split('\n');
    expect(lines).toContain('cipherchat_appends_total{outcome="busy",service="gateway"} 0');
    expect(lines).toContain('cipherchat_append_duration_seconds_count{service="gateway"} 0');
  });
});

describe('an exemplar', () => {
  const traced: ExemplarSource = () => ({ traceId: 'a'.repeat(32) });
  const withExemplar = (text: string): readonly string[] =>
    text.split('\n').filter((line) => line.includes('trace_id'));

  it('stands beside the bucket that it fell into, with its value and when that was', async () => {
    const metrics = new Metrics('gateway', traced);
    metrics.histogram('cipherchat_append_duration_seconds')(0.15);
    metrics.counter('cipherchat_appends_total')({ outcome: 'accepted' });
    expect(withExemplar(await textOf(metrics))).toEqual([
      expect.stringMatching(
        /^cipherchat_append_duration_seconds_bucket\{le="0\.2",service="gateway"\} 1 # \{trace_id="a{32}"\} 0\.15 \d+(\.\d+)?$/,
      ),
    ]);
  });

  it('is left out where no trace is recorded', async () => {
    const metrics = new Metrics('gateway', () => null);
    metrics.histogram('cipherchat_append_duration_seconds')(0.15);
    expect(withExemplar(await textOf(metrics))).toEqual([]);
  });
});
