/** What prom-client tells of the process: event loop, garbage collection, memory, CPU, open files. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Family } from './exposition.js';

/** The default of 10 ms wakes each idle process a hundred times a second, which on a small machine is in the way of messages. */
const eventLoopSampleMs = 100;

/** Each lists every open socket at every scrape, of which a gateway has thousands and a metric of its own. */
const costly = [
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
];

export function nodeMetrics(): () => Promise<readonly Family[]> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: eventLoopSampleMs });
  for (const name of costly) registry.removeSingleMetric(name);
  return async () => (await registry.getMetricsAsJSON()).map(familyOf);
}

type Collected = Awaited<ReturnType<Registry['getMetricsAsJSON']>>[number];
/** Of a histogram, values have names of their own, which the types of prom-client leave out. */
type Named = { readonly metricName?: string };

function familyOf({ name, help, type, values }: Collected): Family {
  return {
    name,
    help,
    // prom-client declares numbers and gives names.
    type: String(type),
    samples: values.map((sample) => ({
      name: (sample as Named).metricName ?? name,
      labels: sample.labels as Readonly<Record<string, string | number>>,
      value: sample.value,
    })),
  };
}
