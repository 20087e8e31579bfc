/**
 * Every metric that a service of ours shows, by its full name: base units, and the unit or `_total` last, after the
 * conventions of Prometheus. A service can show nothing that is not here, and no label takes a value that is not here.
 * docs/metrics.md is made from this file.
 */
import { clientFrames, closeCodes, problems, routeTables, serverFrames } from '@cipherchat/protocol';
import { acknowledgeBuckets, batchBuckets, durationBuckets, stageBuckets } from './buckets.js';
import { logEvents } from './log-events.js';
import type { MetricDefinition } from './metric-definition.js';

function namesOf<Name extends string>(table: Readonly<Record<Name, unknown>>): readonly Name[] {
  return Object.keys(table) as Name[];
}

export const metricCatalogue = {
  // What every service does.
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
    labels: { event: namesOf(logEvents) },
    services: 'every',
  },
  cipherchat_problems_total: {
    type: 'counter',
    help: 'Refusals and failures that were answered, by their code and the way they went out.',
    labels: { code: namesOf(problems), via: ['http', 'socket', 'nats'] },
    services: 'every',
  },

  // Sockets.
  cipherchat_sockets_open: {
    type: 'gauge',
    help: 'Sockets that are open, authenticated or not.',
    labels: {},
    services: ['gateway'],
  },
  cipherchat_socket_handshakes_total: {
    type: 'counter',
    help: 'Attempts to open a socket; unavailable means draining or full.',
    labels: { outcome: ['accepted', 'forbidden', 'not-found', 'rate-limited', 'unavailable'] },
    services: ['gateway'],
  },
  cipherchat_sockets_closed_total: {
    type: 'counter',
    help: 'Sockets that the gateway closed, by the reason told to the client.',
    labels: { reason: namesOf(closeCodes) },
    services: ['gateway'],
  },
  cipherchat_frames_received_total: {
    type: 'counter',
    help: 'Frames from clients, by their type.',
    labels: { type: [...namesOf(clientFrames), 'unknown'] },
    services: ['gateway'],
  },
  cipherchat_frames_sent_total: {
    type: 'counter',
    help: 'Frames to clients, by their type. A deliver frame is one for each device that was online.',
    labels: { type: [...namesOf(serverFrames), 'unknown'] },
    services: ['gateway'],
  },
  cipherchat_unacknowledged_envelopes: {
    type: 'gauge',
    help: 'Envelopes that were forwarded to devices and not acknowledged by them, over all sockets.',
    labels: {},
    services: ['gateway'],
  },
  cipherchat_socket_queue_bytes: {
    type: 'gauge',
    help: 'What waits in memory to be written to sockets, over all of them.',
    labels: {},
    services: ['gateway'],
  },
  cipherchat_sockets_behind: {
    type: 'gauge',
    help: 'Sockets to which nothing live is forwarded until their clients have caught up.',
    labels: {},
    services: ['gateway'],
  },
  cipherchat_sockets_fell_behind_total: {
    type: 'counter',
    help: 'Times that a socket had too many unacknowledged envelopes, so that live ones were dropped from there on.',
    labels: {},
    services: ['gateway'],
  },
  cipherchat_resyncs_total: {
    type: 'counter',
    help: 'Times that a client was asked to look for what it missed: it had fallen behind, or NATS was away.',
    labels: { cause: ['behind', 'nats-away'] },
    services: ['gateway'],
  },

  // The way up: from a socket to the log.
  cipherchat_appends_total: {
    type: 'counter',
    help: 'Appends by what the store said of them; busy also where it said nothing.',
    labels: {
      outcome: ['accepted', 'duplicate', 'not-member', 'stale-commit', 'busy', 'malformed', 'closed'],
    },
    services: ['gateway'],
  },
  cipherchat_append_duration_seconds: {
    type: 'histogram',
    help: 'Received to committed, as a sender sees it: from an append’s arrival on the socket to the store’s answer.',
    labels: {},
    buckets: stageBuckets,
    services: ['gateway'],
  },
  cipherchat_append_wait_seconds: {
    type: 'histogram',
    help: 'From an append’s arrival on the socket until a request to the store takes it along.',
    labels: {},
    buckets: stageBuckets,
    services: ['gateway'],
  },
  cipherchat_append_batch_envelopes: {
    type: 'histogram',
    help: 'Envelopes in one request to the store (gateway), or in one transaction (message-store).',
    labels: {},
    buckets: batchBuckets,
    services: ['gateway', 'message-store'],
  },
  cipherchat_append_queue_envelopes: {
    type: 'gauge',
    help: 'Envelopes that wait for the next request to the store (gateway), or the next transaction (message-store).',
    labels: {},
    services: ['gateway', 'message-store'],
  },

  // The way down: from the log to a device.
  cipherchat_delivery_forward_seconds: {
    type: 'histogram',
    help: 'Stored to forwarded, for each device that was online: from the time that the database gave an envelope until a gateway wrote it to a socket. Two clocks: it is as right as these agree, and what would be negative counts as 0.',
    labels: {},
    buckets: stageBuckets,
    services: ['gateway'],
  },
  cipherchat_delivery_acknowledge_seconds: {
    type: 'histogram',
    help: 'Forwarded to acknowledged by the device, of one envelope at a time on each socket. What is not acknowledged within 10 minutes counts as having taken that long; what a socket that closes had in hand is left out.',
    labels: {},
    buckets: acknowledgeBuckets,
    services: ['gateway'],
  },
  cipherchat_acknowledge_queue_positions: {
    type: 'gauge',
    help: 'Places that devices acknowledged and the store does not know of yet.',
    labels: {},
    services: ['gateway'],
  },

  // The log.
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
  cipherchat_probe_messages_total: {
    type: 'counter',
    help: 'Messages of the probe: sent, and what became of them; a late one was counted as lost before.',
    labels: { outcome: ['sent', 'delivered', 'lost', 'late', 'duplicate'] },
    services: ['probe'],
  },
  cipherchat_probe_delivery_duration_seconds: {
    type: 'histogram',
    help: 'From the call that sends to the decrypted message on the other device, as people see it.',
    labels: {},
    buckets: durationBuckets,
    services: ['probe'],
  },
  cipherchat_probe_failures_total: {
    type: 'counter',
    help: 'What the probe could not do: begin a pair of accounts, or hand over a message.',
    labels: { at: ['begin', 'send'] },
    services: ['probe'],
  },
  cipherchat_probe_live_ratio: {
    type: 'gauge',
    help: 'Share of the probe’s pairs whose two devices are connected.',
    labels: {},
    services: ['probe'],
  },
  cipherchat_probe_certificate_expiry_timestamp_seconds: {
    type: 'gauge',
    help: 'When the certificate of the public address ends, in seconds since 1970; 0 where it has none.',
    labels: {},
    services: ['probe'],
  },
} as const satisfies Readonly<Record<`cipherchat_${string}`, MetricDefinition>>;

export type MetricName = keyof typeof metricCatalogue;
