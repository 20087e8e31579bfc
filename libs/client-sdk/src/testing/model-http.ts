/** Requests and answers of the model's services. */
import {
  authRoutes,
  conversationRoutes,
  keysRoutes,
  peopleRoutes,
  problem,
  problemBody,
  type MemberDevice,
  type ProblemError,
  type Route,
  type ServerFrame,
} from '@cipherchat/protocol';
import type { HttpRequest, HttpResponse } from '../ports/http.js';

const routes: readonly Route[] = [
  ...Object.values(authRoutes),
  ...Object.values(keysRoutes),
  ...Object.values(peopleRoutes),
  ...Object.values(conversationRoutes),
];

export const base = 'http://model.test';

export function response(params: {
  readonly status: number;
  readonly body: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}): HttpResponse {
  return { status: params.status, body: params.body, header: (name) => params.headers?.[name] ?? null };
}

export function refusal(request: number, error: ProblemError): ServerFrame {
  return {
    type: 'problem',
    request,
    problem: error.code,
    retryAfterMs: error.retryAfterMs,
    detail: JSON.stringify(error.data),
  };
}

export function knownDevice(who: MemberDevice | null): MemberDevice {
  if (who === null) throw problem('auth/unauthenticated');
  return who;
}

export function isGroupInfo(
  answer: unknown,
): answer is { readonly bytes: Uint8Array; readonly commitSeq: number } {
  return typeof answer === 'object' && answer !== null && 'bytes' in answer && 'commitSeq' in answer;
}

export function isSameSet<T>(left: ReadonlySet<T>, right: ReadonlySet<T>): boolean {
  return left.size === right.size && [...left].every((item) => right.has(item));
}

export function matchRoute(
  method: string,
  pathname: string,
): { readonly route: Route; readonly path: Readonly<Record<string, string>> } | null {
  const parts = pathname.split('/');
  for (const route of routes) {
    const wanted = route.path.split('/');
    if (route.method !== method || wanted.length !== parts.length) continue;
    const isMatch = wanted.every((part, index) => part.startsWith(':') || part === parts[index]);
    if (isMatch)
      return {
        route,
        path: Object.fromEntries(
          wanted.flatMap((part, index) =>
            part.startsWith(':') ? [[part.slice(1), decodeURIComponent(parts[index] ?? '')]] : [],
          ),
        ),
      };
  }
  return null;
}

/** Every request of this route is refused until what this returns is called. */
export function refuse(
  server: { handle: (request: HttpRequest) => HttpResponse },
  route: Route,
  error: ProblemError,
): () => void {
  const handle = server.handle.bind(server);
  server.handle = (request) =>
    matchRoute(request.method, new URL(request.url).pathname)?.route === route
      ? response({ status: error.status, body: new TextEncoder().encode(JSON.stringify(problemBody(error))) })
      : handle(request);
  return () => {
    server.handle = handle;
  };
}
