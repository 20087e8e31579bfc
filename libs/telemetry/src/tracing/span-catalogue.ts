/**
 * Every span that a service may record, with the attributes that it may have. What is not here leaves no process
 * (`listed-spans.ts`). Names of attributes are OpenTelemetry's where it has one for the thing, else begin with
 * `cipherchat.`. docs/tracing.md is made from this file.
 */
import { subjects } from '@cipherchat/protocol';
import { metricCatalogue } from '../metric-catalogue.js';
import { errorTypes } from './error-type.js';
import { prismaModels, prismaOperations, redisCommands, statements } from './database-names.js';
import type { AttributesOf, SpanDefinition } from './span-definition.js';

const http = metricCatalogue.cipherchat_http_request_duration_seconds.labels;
const appends = metricCatalogue.cipherchat_appends_total.labels;
const commands = Object.values(subjects).filter(
  (subject): subject is Extract<(typeof subjects)[keyof typeof subjects], `command.${string}`> =>
    typeof subject === 'string' && subject.startsWith('command.'),
);
const failure = { 'error.type': errorTypes } as const;

export const spanCatalogue = {
  'http request': {
    help: 'An HTTP request, from its arrival to the end of its answer. Begins a trace.',
    role: 'server',
    attributes: {
      'http.request.method': http.method,
      'http.route': http.route,
      'http.response.status_code': 'count',
    },
    services: 'every',
  },
  'nats request': {
    help: 'A command to another service, from its publish to the answer.',
    role: 'client',
    attributes: { 'messaging.destination.name': commands, 'cipherchat.items': 'count', ...failure },
    services: 'every',
  },
  'nats serve': {
    help: 'A command of another service, from its arrival to the answer.',
    role: 'server',
    attributes: { 'messaging.destination.name': commands, ...failure },
    services: 'every',
  },
  'prisma operation': {
    help: 'An operation of Prisma on a model; `raw` is SQL of our own.',
    role: 'internal',
    attributes: { 'db.collection.name': prismaModels, 'db.operation.name': prismaOperations, ...failure },
    services: ['auth', 'key-directory', 'message-store'],
  },
  'postgres statement': {
    help: 'A statement, with the wait for a connection of the pool.',
    role: 'client',
    attributes: { 'db.query.summary': [...statements, 'unnamed'], ...failure },
    services: ['auth', 'key-directory', 'message-store'],
  },
  'redis command': {
    help: 'A command to Redis.',
    role: 'client',
    attributes: { 'db.operation.name': redisCommands, ...failure },
    services: ['auth', 'gateway', 'key-directory'],
  },
  'gateway append': {
    help: 'An envelope on its way into the log: from its arrival on a socket to the answer. Begins a trace.',
    role: 'server',
    attributes: { 'cipherchat.hop': 'hop', 'cipherchat.outcome': appends.outcome },
    services: ['gateway'],
  },
  'message-store append': {
    help: 'A batch of envelopes in the store: from its arrival, through queue and transaction, to the answer.',
    role: 'server',
    attributes: { 'messaging.destination.name': commands, 'cipherchat.items': 'count', ...failure },
    services: ['message-store'],
  },
  'message-store publish': {
    help: 'The publish of a stored envelope to its members. Begins a trace of its own.',
    role: 'producer',
    attributes: { 'cipherchat.hop': 'hop' },
    services: ['message-store'],
  },
  'gateway deliver': {
    help: 'An envelope on its way to a device: from its arrival at the gateway to the acknowledgement of the device.',
    role: 'consumer',
    attributes: { 'cipherchat.outcome': ['acknowledged', 'dropped', 'closed', 'timed-out'] },
    services: ['gateway'],
  },
  'gateway acknowledge': {
    help: 'The acknowledgements of many sockets, merged, on their way to the store. Begins a trace.',
    role: 'internal',
    attributes: failure,
    services: ['gateway'],
  },
  'gateway resume': {
    help: 'What a socket missed: from the question to the answer. Begins a trace.',
    role: 'server',
    attributes: failure,
    services: ['gateway'],
  },
  'gateway signal': {
    help: 'A signal (a read mark, typing, presence) on its way to the store. Begins a trace.',
    role: 'server',
    attributes: failure,
    services: ['gateway'],
  },
} as const satisfies Readonly<Record<string, SpanDefinition>>;

export type SpanName = keyof typeof spanCatalogue;
export type SpanAttributes<Name extends SpanName> = AttributesOf<(typeof spanCatalogue)[Name]['attributes']>;
