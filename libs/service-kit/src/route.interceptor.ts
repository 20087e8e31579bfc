import {
  Inject,
  Injectable,
  StreamableFile,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import { map, type Observable } from 'rxjs';
import { z } from 'zod';
import { binaryMediaType, isIdText, limits, problem, type Route } from '@cipherchat/protocol';
import { parseJson, readBody } from './request-body.js';
import { routeMetadataKey, type RouteMetadata } from './route-of.js';

type RoutedRequest = IncomingMessage & {
  body: unknown;
  readonly query: unknown;
  readonly params: Readonly<Record<string, string>>;
};

/** Path parameters that are ids. */
const idParameters: readonly string[] = ['user', 'device', 'conversation', 'session', 'envelope'];
const maxParameterLength = 128;
const maxProblemPathLength = 200;

/** Parses what came in by the route's schemas and encodes what goes out. */
@Injectable()
export class RouteInterceptor implements NestInterceptor {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const metadata = this.reflector.get<RouteMetadata | undefined>(routeMetadataKey, context.getHandler());
    if (metadata === undefined) return next.handle();
    const { route, settings } = metadata;
    const request = context.switchToHttp().getRequest<RoutedRequest>();
    checkParameters(request.params);
    request.body = await parsedBody(request, route, settings.maxBodyBytes);
    // Express 5 computes `query` in a getter of its prototype.
    Object.defineProperty(request, 'query', {
      value:
        route.query === undefined
          ? undefined
          : parsed({ schema: route.query, value: request.query, at: 'query' }),
      configurable: true,
    });
    return next.handle().pipe(map((answer) => encoded(route, answer)));
  }
}

async function parsedBody(
  request: IncomingMessage,
  route: Route,
  maxBodyBytes: number = limits.maxCommitBundleBytes,
): Promise<unknown> {
  if (route.requestBinary !== undefined) {
    requireMediaType(request, binaryMediaType);
    return readBody(request, maxBodyBytes);
  }
  if (route.request === undefined) return undefined;
  requireMediaType(request, 'application/json');
  const body = await readBody(request, limits.maxJsonBodyBytes);
  return parsed({ schema: route.request, value: parseJson(body), at: 'body' });
}

function requireMediaType(request: IncomingMessage, mediaType: string): void {
  const given = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (given !== mediaType) throw problem('request/malformed', { at: 'content-type' });
}

/** The problem names the first place that does not fit, never what stood there. Object keys come from us or, cut, from the caller. */
function parsed(params: {
  readonly schema: z.ZodType;
  readonly value: unknown;
  readonly at: string;
}): unknown {
  const result = params.schema.safeParse(params.value);
  if (result.success) return result.data;
  const path = result.error.issues[0]?.path ?? [];
  throw problem('request/malformed', {
    at: [params.at, ...path.map(String)].join('.').slice(0, maxProblemPathLength),
  });
}

function checkParameters(parameters: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(parameters)) {
    const fits = idParameters.includes(name) ? isIdText(value) : value.length <= maxParameterLength;
    if (!fits) throw problem('request/malformed', { at: `path.${name}` });
  }
}

function encoded(route: Route, answer: unknown): unknown {
  if (route.responseBinary !== undefined)
    return new StreamableFile(answer as Uint8Array, {
      type: binaryMediaType,
      length: (answer as Uint8Array).length,
    });
  return route.response === undefined ? undefined : z.encode(route.response, answer);
}
