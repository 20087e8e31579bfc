/** Headers of ours on NATS: a trace that goes on, and a refusal, which has an empty body and a problem's code and data. */
import {
  ClosedConnectionError,
  ConnectionError,
  DrainingConnectionError,
  headers,
  NoRespondersError,
  RequestError,
  TimeoutError,
  type Msg,
  type MsgHdrs,
} from '@nats-io/transport-node';
import { problemFrom, type ProblemError } from '@cipherchat/protocol';
import type { AnySpan } from '@cipherchat/telemetry';

/** W3C Trace Context. Only services of ours can write to NATS, so that it is believed here and nowhere else. */
export const traceHeader = 'traceparent';
const problemHeader = 'cipherchat-problem';
const problemDataHeader = 'cipherchat-problem-data';
const empty = new Uint8Array(0);

export function refuse(message: Msg, refusal: ProblemError): void {
  message.respond(empty, {
    headers: headersOf({ [problemHeader]: refusal.code, [problemDataHeader]: JSON.stringify(refusal.data) }),
  });
}

/** The problem that a reply carries, if it is a refusal. */
export function refusalOf(reply: Msg): ProblemError | undefined {
  const code = reply.headers?.get(problemHeader) ?? '';
  return code === '' ? undefined : problemFrom(code, parseData(reply.headers?.get(problemDataHeader)));
}

/** By which a trace goes on at the other end. */
export function traceHeaders(span: AnySpan, more: Readonly<Record<string, string>> = {}): MsgHdrs {
  return headersOf({ [traceHeader]: span.traceparent, ...more });
}

function headersOf(values: Readonly<Record<string, string>>): MsgHdrs {
  const result = headers();
  for (const [name, value] of Object.entries(values)) result.set(name, value);
  return result;
}

/** Nobody answered, or not in time, or there is no connection: not the question's fault. */
export function isUnanswered(error: unknown): boolean {
  return [
    TimeoutError,
    RequestError,
    NoRespondersError,
    ClosedConnectionError,
    ConnectionError,
    DrainingConnectionError,
  ].some((kind) => error instanceof kind);
}

/** JSON of a problem's data; what is none becomes `{}`, which `problemFrom` refuses for codes that have data. */
export function parseData(text: string | undefined): unknown {
  if (text === undefined || text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
