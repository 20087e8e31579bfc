/** What prom-client tells of the process: event loop, garbage collection, memory, CPU, open files. */
import { collectDefaultMetrics } from 'prom-client';
import type { MetricsRegistry } from './series.js';

/** The default of 10 ms wakes each idle process a hundred times a second, which on a small machine is in the way of messages. */
const eventLoopSampleMs = 100;

/**
 * Each lists every open socket at every scrape, of which a gateway has thousands and a metric of its own. And OpenMetrics
 * has no gauge whose name ends with `_total`.
 */
const leftOut = [
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
];

export function showNodeMetrics(registry: MetricsRegistry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: eventLoopSampleMs });
  for (const name of leftOut) registry.removeSingleMetric(name);
}
