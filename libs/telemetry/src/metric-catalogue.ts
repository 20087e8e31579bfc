/**
 * Every metric that a service of ours shows, by its full name: base units, and the unit or `_total` last, after the
 * conventions of Prometheus. A service can show nothing that is not here, and no label takes a value that is not here.
 * docs/metrics.md is made from this file.
 */
import {
  clientFrames,
  closeCodes,
  failureCauses,
  problems,
  routeTables,
  serverFrames,
  type subjects,
} from '@cipherchat/protocol';
import {
  acknowledgeBuckets,
  batchBuckets,
  dependencyBuckets,
  durationBuckets,
  pendingBuckets,
  stageBuckets,
  stockBuckets,
} from './buckets.js';
import { logEvents } from './log-events.js';
import type { MetricDefinition } from './metric-definition.js';
import { redisCommands, statements } from './tracing/database-names.js';

function namesOf<Name extends string>(table: Readonly<Record<Name, unknown>>): readonly Name[] {
  return Object.keys(table) as Name[];
}

const limiterNames = [
  'auth-discovery',
  'auth-jwks',
  'auth-challenge',
  'auth-register',
  'auth-add-device',
  'auth-sign-in',
  'auth-refresh',
  'auth-manage',
  'claim-requester',
  'claim-pair',
  'claim-target',
  'key-package-upload',
  'manifest-publish',
  'username-lookup',
  'block',
  'recovery-publish',
  'recovery-find',
  'recovery-target',
  'directory-find',
  'conversations.commit',
  'conversations.create',
  'conversations.compare',
  'conversations.readd',
  'conversations.reset',
  'socket.handshakes',
  'socket.sends',
] as const;

/** Prepared statements by name, those of retention in its own transactions; the first words of all others. */
const statementNames = [
  ...statements,
  'retention-find',
  'retention-floor',
  'retention-progress',
  'retention-welcomes',
  'retention-clear',
  'retention-last-older',
  'retention-delete-commits',
  'retention-delete-envelopes',
  'select',
  'insert',
  'update',
  'delete',
  'with',
  'begin',
  'commit',
  'rollback',
  'other',
] as const;

const commandNames = [
  'append',
  'acknowledge',
  'resume',
  'generation',
  'signal',
  'registerIdentity',
  'publishManifest',
  'eraseIdentity',
  'revocations',
] as const satisfies readonly (keyof typeof subjects)[];

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
  cipherchat_command_duration_seconds: {
    type: 'histogram',
    help: 'Time to answer a command that came over NATS. Refused is the caller’s doing, failed is ours.',
    labels: { command: [...commandNames, 'other'], outcome: ['done', 'refused', 'failed'] },
    buckets: durationBuckets,
    services: 'every',
  },
  cipherchat_request_duration_seconds: {
    type: 'histogram',
    help: 'Time until a command that was sent over NATS was answered; unanswered means that nobody did, in time or at all.',
    labels: { command: [...commandNames, 'other'], outcome: ['answered', 'refused', 'unanswered'] },
    buckets: durationBuckets,
    services: 'every',
  },
  cipherchat_rate_limit_refusals_total: {
    type: 'counter',
    help: 'Times that a limiter had no token. Some limiters then do with less, and refuse nobody.',
    labels: { limiter: limiterNames },
    services: 'every',
  },

  // What every service stands on.
  cipherchat_nats_connected: {
    type: 'gauge',
    help: 'Whether the connection to NATS is there: 1 or 0.',
    labels: {},
    services: 'every',
  },
  cipherchat_nats_reconnects_total: {
    type: 'counter',
    help: 'Times that the connection to NATS came back.',
    labels: {},
    services: 'every',
  },
  cipherchat_nats_dropped_publishes_total: {
    type: 'counter',
    help: 'What was not published since NATS was away; whoever missed it looks by itself.',
    labels: {},
    services: 'every',
  },
  cipherchat_nats_messages_total: {
    type: 'counter',
    help: 'Messages over the connection to NATS.',
    labels: { direction: ['in', 'out'] },
    services: 'every',
  },
  cipherchat_nats_bytes_total: {
    type: 'counter',
    help: 'Payload over the connection to NATS.',
    labels: { direction: ['in', 'out'] },
    services: 'every',
  },
  cipherchat_redis_connected: {
    type: 'gauge',
    help: 'Whether the connection to Redis is there: 1 or 0.',
    labels: {},
    services: ['auth', 'key-directory', 'gateway', 'message-store'],
  },
  cipherchat_redis_command_duration_seconds: {
    type: 'histogram',
    help: 'Time until Redis answered a command; failed means that it did not, or said no.',
    labels: {
      command: redisCommands,
      outcome: ['done', 'failed'],
    },
    buckets: dependencyBuckets,
    services: ['auth', 'key-directory', 'gateway', 'message-store'],
  },
  cipherchat_postgres_connections: {
    type: 'gauge',
    help: 'Connections to Postgres that are in use, or not. Appends and acknowledgements have one each, apart from the shared pool.',
    labels: { pool: ['shared', 'append', 'acknowledge'], state: ['busy', 'idle'] },
    services: ['auth', 'key-directory', 'message-store'],
  },
  cipherchat_postgres_waiting_requests: {
    type: 'gauge',
    help: 'Work that waits for a connection to Postgres.',
    labels: { pool: ['shared', 'append', 'acknowledge'] },
    services: ['auth', 'key-directory', 'message-store'],
  },
  cipherchat_postgres_statement_duration_seconds: {
    type: 'histogram',
    help: 'Time until Postgres answered a statement: a prepared one by its name, others by their first word.',
    labels: { operation: statementNames, outcome: ['done', 'failed'] },
    buckets: dependencyBuckets,
    services: ['auth', 'key-directory', 'message-store'],
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

  cipherchat_append_commit_seconds: {
    type: 'histogram',
    help: 'Received to committed, in the store: from the arrival of a gateway’s request, over the queue, until its transaction had committed.',
    labels: {},
    buckets: stageBuckets,
    services: ['message-store'],
  },
  cipherchat_append_publish_seconds: {
    type: 'histogram',
    help: 'Committed to published: from when the commit of a transaction was known until all that it stored was published to the members, and answered.',
    labels: {},
    buckets: stageBuckets,
    services: ['message-store'],
  },
  cipherchat_duplicates_total: {
    type: 'counter',
    help: 'Messages and commits that were sent again and answered with their first place.',
    labels: { kind: ['message', 'commit'] },
    services: ['message-store'],
  },
  cipherchat_epoch_conflicts_total: {
    type: 'counter',
    help: 'Messages and commits that were refused since they built on a commit that is no longer the last, or too old.',
    labels: { kind: ['message', 'commit'] },
    services: ['message-store'],
  },

  // The way down: from the log to a device.
  cipherchat_live_frames_published_total: {
    type: 'counter',
    help: 'Frames that the store published, by their type, one for each user to whom one went.',
    labels: { type: namesOf(serverFrames) },
    services: ['message-store'],
  },
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
    help: 'Places that devices acknowledged and that are on their way into the database.',
    labels: {},
    services: ['gateway', 'message-store'],
  },
  cipherchat_acknowledge_batch_positions: {
    type: 'histogram',
    help: 'Places whose cursors one statement moved.',
    labels: {},
    buckets: batchBuckets,
    services: ['message-store'],
  },
  cipherchat_client_decrypt_failures_total: {
    type: 'counter',
    help: 'What devices could not read, as they report it themselves, once a minute at most and only where their owners let them. A device can lie: no more than 1,000 of a cause count at once.',
    labels: { cause: namesOf(failureCauses) },
    services: ['gateway'],
  },

  // The log.
  cipherchat_resume_conversations: {
    type: 'histogram',
    help: 'Conversations with something new, for each device that compared its heads: at its start, after a resync, and every minute.',
    labels: {},
    buckets: pendingBuckets,
    services: ['message-store'],
  },
  cipherchat_log_page_envelopes: {
    type: 'histogram',
    help: 'Envelopes in a page of the log that a device fetched, to fill a gap or to catch up.',
    labels: {},
    buckets: pendingBuckets,
    services: ['message-store'],
  },
  cipherchat_commits_total: {
    type: 'counter',
    help: 'Commits that were stored. An external commit is a device that repairs its group state or comes back after recovery; an anchor opens a closed conversation.',
    labels: { kind: ['commit', 'external-commit', 'anchor'] },
    services: ['message-store'],
  },
  cipherchat_signals_total: {
    type: 'counter',
    help: 'Read marks, and what is said in passing, that were passed on.',
    labels: { kind: ['read', 'momentary'] },
    services: ['message-store'],
  },
  cipherchat_retention_envelopes_total: {
    type: 'counter',
    help: 'Envelopes whose ciphertext was cleared, with or without having reached every device, and rows deleted.',
    labels: { outcome: ['delivered', 'undelivered', 'deleted'] },
    services: ['message-store'],
  },
  // Keys and accounts.
  cipherchat_stock_key_packages: {
    type: 'histogram',
    help: 'Single-use key packages that a device had left, whenever it looked: at its start, and about every hour. Where none is left, its last-resort package is handed out.',
    labels: {},
    buckets: stockBuckets,
    services: ['key-directory'],
  },
  cipherchat_manifests_published_total: {
    type: 'counter',
    help: 'Manifests that devices published, by whether they were new.',
    labels: { outcome: ['stored', 'known'] },
    services: ['key-directory'],
  },
  cipherchat_sign_ins_total: {
    type: 'counter',
    help: 'Devices that signed in with their key.',
    labels: { outcome: ['accepted', 'refused'] },
    services: ['auth'],
  },
  cipherchat_refreshes_total: {
    type: 'counter',
    help: 'Sessions that were to be renewed. A token that is used twice was copied, or its answer was lost; it ends the session.',
    labels: { outcome: ['rotated', 'invalid', 'signature-invalid', 'reused'] },
    services: ['auth'],
  },
  cipherchat_revocations_total: {
    type: 'counter',
    help: 'Devices and sessions that ended before their time.',
    labels: { kind: ['device', 'session'] },
    services: ['auth'],
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
