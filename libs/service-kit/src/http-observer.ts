import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Metrics, Tracing } from '@cipherchat/telemetry';
import { systemMonotonicMs } from './clock.js';
import type { EventLog } from './event-log.js';

type ObservedRequest = IncomingMessage & { readonly route?: { readonly path: string } };

const knownMethods: readonly string[] = ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'];

/** Asked every few seconds by machines: as traces they would be most of what there is to see. */
const untraced = /^\/(healthz\/|metrics)/;

/**
 * Middleware: times each request by its route template, records the traces of some, and forbids caches and content
 * sniffing. A `traceparent` of the request is not looked at: anybody could have themselves recorded by it, or tie
 * their trace to another's.
 */
export function observeHttp(params: {
  readonly log: EventLog;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}): (request: ObservedRequest, response: ServerResponse, next: () => void) => void {
  const { log, metrics, tracing } = params;
  return (request, response, next) => {
    const startedAt = systemMonotonicMs();
    const span = untraced.test(request.url ?? '') ? null : tracing.root('http request');
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    response.once('close', () => {
      const answered = {
        // A method that someone invented must not become a label.
        method: knownMethods.includes(request.method ?? '') ? (request.method ?? '') : 'other',
        route: request.route?.path ?? 'unmatched',
        status: response.statusCode,
        durationMs: systemMonotonicMs() - startedAt,
      };
      const report = (): void => {
        metrics.answered(answered);
        log.event('http.answered', answered);
      };
      if (span === null) {
        report();
        return;
      }
      span.setIfListed('http.request.method', answered.method);
      span.setIfListed('http.route', answered.route);
      span.set({ 'http.response.status_code': answered.status });
      span.within(report);
      span.end();
    });
    if (span === null) next();
    else span.within(next);
  };
}
