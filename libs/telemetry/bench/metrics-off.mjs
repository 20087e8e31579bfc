/**
 * For `npm run bench:telemetry` alone: a service that is started with `--import` of this counts and measures nothing,
 * so that a system with metrics can be compared with one without. No product has such a switch.
 */
import { Metrics } from '../dist/index.js';

const nothing = () => () => undefined;
for (const kind of ['counter', 'gauge', 'sampled', 'histogram']) Metrics.prototype[kind] = nothing;
