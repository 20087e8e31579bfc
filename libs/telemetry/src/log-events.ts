/**
 * Everything that a service may log: the events by name, and the fields that may stand beside them.
 * A field that is not listed, or whose value is not of its form, is dropped. So no id of a person, no
 * token, no body and no URL can reach a log by mistake; a test greps captured logs for canaries.
 */
export const logEvents = {
  'service.starting': 'info',
  'service.listening': 'info',
  'service.draining': 'info',
  'service.stopped': 'info',
  'service.start-failed': 'fatal',
  'service.framework': 'warn',
  /** A thrown value that is not a problem of the catalogue: a bug. Alerted on. */
  'service.unexpected-error': 'error',
  'service.drain-timeout': 'warn',
  'http.answered': 'debug',
  'dependency.unavailable': 'warn',
  'nats.connected': 'info',
  'nats.disconnected': 'warn',
  'nats.reconnected': 'info',
  'nats.closed': 'warn',
  'nats.handler-busy': 'warn',
  'redis.connected': 'info',
  'redis.failing': 'warn',
  'postgres.connection-lost': 'warn',
  /** Tables are older than the service was built for: its migrations have not run. */
  'postgres.schema-behind': 'error',
  /** The collector takes no traces; said once for each outage. They are dropped, and nothing waits for them. */
  'traces.unsent': 'warn',
  'rate-limit.refused': 'debug',
  'rate-limit.unavailable': 'warn',
  'access.keys-unavailable': 'warn',
  'revocations.poll-failed': 'warn',
  'auth.registered': 'info',
  'auth.registration-resumed': 'info',
  'auth.registration-abandoned': 'info',
  'auth.bootstrap-used': 'warn',
  'auth.refresh-reused': 'warn',
  'auth.device-revoked': 'info',
  'auth.account-deleted': 'info',
  'auth.user-disabled': 'info',
  'auth.user-enabled': 'info',
  'auth.revocation-publish-failed': 'warn',
  'auth.cleaned': 'debug',
  /** A transaction of appends failed or went unanswered: its senders resend. */
  'messages.append-failed': 'error',
  'messages.acknowledge-failed': 'warn',
  'messages.heads-announced': 'info',
  /** Tried again until the database answers. */
  'messages.announce-failed': 'warn',
  'messages.retention-swept': 'info',
  'messages.retention-failed': 'warn',
  /** An administrator closed one until a member anchors it. */
  'messages.conversation-reset': 'warn',
  /** What an operator ran after a restore from backup was done. */
  'operator.restored': 'warn',
  'gateway.store-unavailable': 'warn',
  'gateway.drained': 'info',
} as const satisfies Record<string, 'fatal' | 'error' | 'warn' | 'info' | 'debug'>;

export type LogEventName = keyof typeof logEvents;

/** `word` is a short name made by us, `number` any finite number, `trace` the id of a recorded trace, `frames` the places of a stack, `text` the framework's own words. */
export const logFields = {
  route: 'word',
  method: 'word',
  status: 'number',
  durationMs: 'number',
  problem: 'word',
  errorName: 'word',
  errorCode: 'word',
  stack: 'frames',
  dependency: 'word',
  subject: 'word',
  limiter: 'word',
  signal: 'word',
  port: 'number',
  count: 'number',
  bytes: 'number',
  delayMs: 'number',
  attempt: 'number',
  phase: 'word',
  outcome: 'word',
  variables: 'words',
  migrations: 'words',
  traceId: 'trace',
  framework: 'text',
} as const satisfies Record<string, 'word' | 'words' | 'number' | 'trace' | 'frames' | 'text'>;

export type LogFieldName = keyof typeof logFields;
export type LogFields = {
  readonly [Name in LogFieldName]?:
    | ((typeof logFields)[Name] extends 'number'
        ? number
        : (typeof logFields)[Name] extends 'words' | 'frames'
          ? readonly string[]
          : string)
    | undefined;
};
