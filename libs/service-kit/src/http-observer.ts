import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Metrics } from '@cipherchat/telemetry';
import { systemMonotonicMs } from './clock.js';
import type { EventLog } from './event-log.js';
import { traceHeader, withinTrace } from './trace-context.js';

type ObservedRequest = IncomingMessage & { readonly route?: { readonly path: string } };

const knownMethods: readonly string[] = ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'];

/** Middleware: times each request by its route template, takes over its trace, and forbids caches and content sniffing. */
export function observeHttp(params: {
  readonly log: EventLog;
  readonly metrics: Metrics;
}): (request: ObservedRequest, response: ServerResponse, next: () => void) => void {
  const { log, metrics } = params;
  return (request, response, next) => {
    const startedAt = systemMonotonicMs();
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
      metrics.answered(answered);
      log.event('http.answered', answered);
    });
    const trace = request.headers[traceHeader];
    withinTrace(typeof trace === 'string' ? trace : undefined, next);
  };
}
