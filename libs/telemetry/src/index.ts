export { logEvents, logFields, type LogEventName, type LogFields } from './log-events.js';
export { metricCatalogue, type MetricName } from './metric-catalogue.js';
export { isShownBy, type MetricDefinition, type ServiceName } from './metric-definition.js';
export { Metrics, type Counter, type ExemplarSource, type Histogram } from './metrics.js';
export type { AnySpan, Span } from './tracing/span.js';
export { startTracing } from './tracing/start-tracing.js';
export { Tracing } from './tracing/tracing.js';
