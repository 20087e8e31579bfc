/** Every metric that a query may name, and the values of labels where the catalogue closes them. */
import { metricCatalogue, type MetricDefinition } from '@cipherchat/telemetry';
import { kubernetesMetrics, rules } from './files.fixture.js';

type Known = { readonly labels: Readonly<Record<string, readonly string[] | 'any'>> };

/** What prom-client tells of a process, and Prometheus of itself. The run against real services finds what is not there. */
const foreign = [
  'nodejs_eventloop_lag_p99_seconds',
  'nodejs_gc_duration_seconds_sum',
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
  'up',
  'ALERTS',
];

const suffixes: Readonly<Record<MetricDefinition['type'], readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

const services = ['auth', 'key-directory', 'gateway', 'message-store', 'probe'];
/** Every target has them. */
const ofTarget = { job: 'any', instance: 'any', service: services } as const;

export const knownMetrics: ReadonlyMap<string, Known> = new Map<string, Known>([
  ...Object.entries<MetricDefinition>(metricCatalogue).flatMap(([name, definition]) =>
    suffixes[definition.type].map((suffix): [string, Known] => {
      const bounds =
        definition.type === 'histogram' ? [...definition.buckets.bounds.map(String), '+Inf'] : [];
      const le = suffix === '_bucket' ? { le: bounds } : {};
      return [`${name}${suffix}`, { labels: { ...definition.labels, ...ofTarget, ...le } }];
    }),
  ),
  ...[...kubernetesMetrics.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']): [string, Known] => [
    name,
    {
      labels: {
        namespace: 'any',
        pod: 'any',
        container: 'any',
        deployment: 'any',
        resource: 'any',
        phase: 'any',
      },
    },
  ]),
  ...foreign.map((name): [string, Known] => [name, { labels: { ...ofTarget, alertstate: 'any' } }]),
  ...rules.flatMap(({ record }): [string, Known][] =>
    record === undefined ? [] : [[record, { labels: {} }]],
  ),
]);
