import { logEvents, logFields, type LogEventName, type LogFields } from '@cipherchat/telemetry';
import { pino, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from './variables.js';

const maxWords = 32;
const maxFrames = 12;
const maxTextLength = 1_000;
/** Letters, digits and the punctuation of route templates, subjects and class names; no spaces, no `=`. */
const word = /^[\w./:*-]{1,120}$/;
/** Our ids are UUIDs, our tokens long base64url runs; neither is a word of ours. */
const idOrToken = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}|[A-Za-z0-9_-]{33,}/i;
/** Of a trace that is recorded. */
const traceIdForm = /^[0-9a-f]{32}$/;
/** `at name (file:line:column)`: places in the code, not what was processed there. */
const frame = /^at [^\n]{1,300}:\d+:\d+\)?$/;

/** Of the trace that is recorded where something is logged; `null` where none is. */
export type TraceIdSource = () => string | null;

/** Writes events as JSON lines. Free text has no way in but `framework`, which only the start may use. */
export class EventLog {
  private readonly listeners = new Set<(event: LogEventName) => void>();

  constructor(
    private readonly logger: Logger,
    private readonly traceId: TraceIdSource,
  ) {}

  event(name: LogEventName, fields: LogFields = {}): void {
    for (const listener of this.listeners) listener(name);
    const traceId = fields.traceId ?? this.traceId();
    this.logger[logEvents[name]]({
      event: name,
      ...allowedFields(traceId === null ? fields : { ...fields, traceId }),
    });
  }

  /** A thrown value that nobody expected: its class, code and places, never its message, which may quote data. */
  unexpected(error: unknown, fields: LogFields = {}): void {
    this.event('service.unexpected-error', { ...fields, ...describeError(error) });
  }

  /** Metrics count events. */
  onEvent(listener: (event: LogEventName) => void): void {
    this.listeners.add(listener);
  }
}

export function createEventLog(params: {
  readonly service: string;
  readonly instance: string;
  readonly level: LogLevel;
  /** Standard output when absent. */
  readonly destination?: DestinationStream | undefined;
  readonly traceId?: TraceIdSource;
}): EventLog {
  const options = {
    level: params.level,
    base: { service: params.service, instance: params.instance },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  // Synchronous, so that what was logged before a crash is there.
  const logger = pino(options, params.destination ?? pino.destination({ dest: 1, sync: true }));
  return new EventLog(logger, params.traceId ?? (() => null));
}

export function allowedFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const allowed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!Object.hasOwn(logFields, name)) continue;
    const kept = allowedValue(logFields[name as keyof typeof logFields], value);
    if (kept !== undefined) allowed[name] = kept;
  }
  return allowed;
}

function allowedValue(form: (typeof logFields)[keyof typeof logFields], value: unknown): unknown {
  switch (form) {
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
    case 'word':
      return isWord(value) ? value : undefined;
    case 'trace':
      return typeof value === 'string' && traceIdForm.test(value) ? value : undefined;
    case 'words':
      return Array.isArray(value) ? value.filter(isWord).slice(0, maxWords) : undefined;
    case 'frames':
      return Array.isArray(value)
        ? value.filter((line) => typeof line === 'string' && frame.test(line)).slice(0, maxFrames)
        : undefined;
    case 'text':
      return typeof value === 'string' ? value.slice(0, maxTextLength) : undefined;
  }
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && word.test(value) && !idOrToken.test(value);
}

/** Class, code and places of an error. The message is cut out of the stack before its lines are read. */
export function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { errorName: typeof error };
  const code: unknown = 'code' in error ? error.code : undefined;
  const stack = (error.stack ?? '').replace(error.message, '');
  return {
    errorName: error.constructor.name,
    ...(typeof code === 'string' ? { errorCode: code } : {}),
    stack: stack.split('\n').map((line) => line.trim()),
  };
}
