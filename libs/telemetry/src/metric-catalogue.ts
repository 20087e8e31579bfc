/**
 * Every metric that a service of ours shows, by its full name: base units, and the unit or `_total` last, after the
 * conventions of Prometheus. A service can show nothing that is not here, and no label takes a value that is not here.
 * docs/metrics.md is made from this file.
 */
import { closeCodes, routeTables, type CloseReason } from '@cipherchat/protocol';
import { batchBuckets, durationBuckets } from './buckets.js';
import { logEvents, type LogEventName } from './log-events.js';
import type { MetricDefinition } from './metric-definition.js';

const eventNames = Object.keys(logEvents) as LogEventName[];
const closeReasons = Object.keys(closeCodes) as CloseReason[];

export const metricCatalogue = {
  cipherchat_http_request_duration_seconds: {
    type: 'histogram',
    help: 'Time to answer an HTTP request, by route template.',
    labels: {
      // A method or path that someone invented is counted, but not named.
      method: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'other'],
      route: [
        ...new Set(routeTables.flatMap(({ routes }) => Object.values(routes).map(({ path }) => path))),
        '/healthz/live',
        '/healthz/ready',
        '/metrics',
        'unmatched',
      ],
      status: ['1xx', '2xx', '3xx', '4xx', '5xx'],
    },
    buckets: durationBuckets,
    services: 'every',
  },
  cipherchat_events_total: {
    type: 'counter',
    help: 'Events by the name they have in the log.',
    labels: { event: eventNames },
    services: 'every',
  },
  cipherchat_sockets_open: {
    type: 'gauge',
    help: 'Sockets that are open, authenticated or not.',
    labels: {},
    services: ['gateway'],
  },
  cipherchat_sockets_closed_total: {
    type: 'counter',
    help: 'Sockets that the gateway closed, by the reason told to the client.',
    labels: { reason: closeReasons },
    services: ['gateway'],
  },
  cipherchat_appends_total: {
    type: 'counter',
    help: 'Appends by what the store said of them.',
    labels: {
      outcome: ['accepted', 'duplicate', 'not-member', 'stale-commit', 'busy', 'malformed', 'closed'],
    },
    services: ['gateway'],
  },
  cipherchat_append_duration_seconds: {
    type: 'histogram',
    help: 'From an append’s arrival on the socket to the store’s answer.',
    labels: {},
    buckets: durationBuckets,
    services: ['gateway'],
  },
  cipherchat_append_batch_envelopes: {
    type: 'histogram',
    help: 'Envelopes in one append transaction.',
    labels: {},
    buckets: batchBuckets,
    services: ['message-store'],
  },
  cipherchat_append_queue_envelopes: {
    type: 'gauge',
    help: 'Envelopes that wait for the next append transaction.',
    labels: {},
    services: ['message-store'],
  },
  cipherchat_retention_envelopes_total: {
    type: 'counter',
    help: 'Envelopes whose ciphertext was cleared, with or without having reached every device, and rows deleted.',
    labels: { outcome: ['delivered', 'undelivered', 'deleted'] },
    services: ['message-store'],
  },
  cipherchat_key_packages_claimed_total: {
    type: 'counter',
    help: 'Devices asked for, by what was handed out for them.',
    labels: { outcome: ['single-use', 'last-resort', 'exhausted'] },
    services: ['key-directory'],
  },
} as const satisfies Readonly<Record<`cipherchat_${string}`, MetricDefinition>>;

export type MetricName = keyof typeof metricCatalogue;
