import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import {
  isProblem,
  MalformedError,
  problem,
  problemBody,
  problemMediaType,
  type ProblemError,
} from '@cipherchat/protocol';
import type { Counter, Metrics } from '@cipherchat/telemetry';
import { isDependencyFailure } from './dependency-failure.js';
import type { EventLog } from './event-log.js';

const retryAfterMs = 1_000;

/** Turns whatever was thrown into a problem of the catalogue (RFC 9457). What is none of ours is a bug: 500, counted, alerted. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly countProblem: Counter<'cipherchat_problems_total'>;

  constructor(
    private readonly log: EventLog,
    metrics: Metrics,
  ) {
    this.countProblem = metrics.counter('cipherchat_problems_total');
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<ServerResponse>();
    const request = http.getRequest<{
      readonly method: string;
      readonly route?: { readonly path: string };
    }>();
    const error = this.problemOf(thrown, { method: request.method, route: request.route?.path });
    this.countProblem({ code: error.code, via: 'http' });
    if (response.headersSent || response.destroyed) {
      response.destroy(); // half an answer must not look like a whole one
      return;
    }
    const body = Buffer.from(JSON.stringify({ ...healthDetails(thrown), ...problemBody(error) }));
    response.statusCode = error.status;
    response.setHeader('content-type', problemMediaType);
    response.setHeader('content-length', body.length);
    if (error.retryAfterMs > 0) response.setHeader('retry-after', Math.ceil(error.retryAfterMs / 1_000));
    // A refused body may still be on its way; do not wait for it.
    if (error.is('request/too-large')) response.setHeader('connection', 'close');
    response.end(body);
  }

  private problemOf(
    thrown: unknown,
    where: { readonly method: string; readonly route: string | undefined },
  ): ProblemError {
    if (isProblem(thrown)) return thrown;
    if (thrown instanceof MalformedError)
      return problem('request/malformed', { at: thrown.path.slice(0, 200) });
    if (thrown instanceof HttpException) return problemOfStatus(thrown.getStatus());
    if (thrown instanceof URIError) return problem('request/malformed', { at: 'path' });
    if (isDependencyFailure(thrown)) {
      this.log.event('dependency.unavailable', where);
      return problem('service/unavailable', { retryAfterMs });
    }
    this.log.unexpected(thrown, where);
    return problem('service/internal');
  }
}

/** Nest's own exceptions: no such route, a path that cannot be decoded, an unhealthy check. */
function problemOfStatus(status: number): ProblemError {
  if (status === 404 || status === 405) return problem('request/not-found');
  if (status === 503) return problem('service/unavailable', { retryAfterMs });
  return status < 500 ? problem('request/malformed') : problem('service/internal');
}

/** `/healthz/ready` says which dependency is down, by the names that we gave them. */
function healthDetails(thrown: unknown): object {
  if (!(thrown instanceof HttpException)) return {};
  const response = thrown.getResponse();
  return typeof response === 'object' && 'details' in response ? { details: response.details } : {};
}
