/**
 * HTTP calls through the routes of libs/protocol: the request is encoded and the answer parsed by the route itself.
 * A refusal throws the catalogue's `ProblemError`, no answer `NetworkError`; nothing else is thrown.
 */
import {
  authRoutes,
  binaryMediaType,
  decode,
  generationHeader,
  isProblem,
  MalformedError,
  pathOf,
  problem,
  problemFrom,
  type ProblemError,
  type Route,
  type Schema,
} from '@cipherchat/protocol';
import type { z } from 'zod';
import { NetworkError, type Http, type HttpRequest, type HttpResponse } from '../ports/http.js';

type Requested<R extends Route> = R extends { readonly request: infer S extends z.ZodType }
  ? { readonly request: z.input<S> | z.output<S> }
  : object;
type Answered<R extends Route> = R extends { readonly response: infer S extends z.ZodType }
  ? z.output<S>
  : void;

type CallParams<R extends Route> = Requested<R> & {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly binary?: Uint8Array;
  /** Of the logs that a call to `/v1/conversations` speaks of; the adopted one unless said. */
  readonly generation?: number;
};

/** Where a deployment answers, as its discovery document says. */
export type ServerLocations = z.output<typeof authRoutes.discovery.response>;

export type TokenSource = {
  /** An access token that is valid now; refreshes it where needed. */
  readonly accessToken: () => Promise<string>;
  /** The server refused this token although its time is not over. */
  readonly refused: (token: string) => void;
};

/** Of which logs this client speaks: another generation has other entries at the same places. */
export type GenerationSource = {
  /** `null` before a socket has told any. */
  readonly adopted: () => number | null;
  /** The server's logs are of another than the one that the call named. */
  readonly refused: (named: number) => void;
};

export class Api {
  private locations: Promise<ServerLocations> | null = null;
  private tokens: TokenSource | null = null;

  constructor(
    private readonly params: {
      readonly http: Http;
      readonly serverUrl: string;
      readonly generations: GenerationSource;
    },
  ) {}

  /** Calls that need a device wait for `tokens` to give one. */
  useTokens(tokens: TokenSource): void {
    this.tokens = tokens;
  }

  /** Read once; read again after a failure. */
  discover(): Promise<ServerLocations> {
    this.locations ??= this.readLocations().catch((error: unknown) => {
      this.locations = null;
      throw error;
    });
    return this.locations;
  }

  /** The JSON answer of a call. */
  async call<const R extends Route>(route: R, params: CallParams<R>): Promise<Answered<R>> {
    const response = await this.exchange(route, params);
    if (route.response === undefined) return undefined as Answered<R>;
    const parsed = route.response.safeParse(parseJson(response.body));
    if (!parsed.success) throw problem('service/internal');
    return parsed.data as Answered<R>;
  }

  /** The answer of a call whose body is binary, and the answer's headers. */
  async callForBytes<const R extends Route>(
    route: R,
    params: CallParams<R>,
  ): Promise<Pick<HttpResponse, 'body' | 'header'>> {
    return this.exchange(route, params);
  }

  /** The same, read by its schema. */
  async callBinary<const R extends Route, T>(route: R, schema: Schema<T>, params: CallParams<R>): Promise<T> {
    const { body } = await this.exchange(route, params);
    try {
      return decode(schema, body);
    } catch (error) {
      if (error instanceof MalformedError) throw problem('service/internal');
      throw error;
    }
  }

  private async exchange(route: Route, params: CallParams<Route>): Promise<HttpResponse> {
    const url = await this.urlOf(route, params);
    const body = bodyOf(route, params);
    if (route.access === 'public')
      return checked(await this.params.http({ method: route.method, url, ...body }));
    if (!isOfLogs(route)) return this.authorized({ method: route.method, url, ...body });
    const named = params.generation ?? this.params.generations.adopted();
    const headers = { ...body.headers, ...(named === null ? {} : { [generationHeader]: String(named) }) };
    try {
      const response = await this.authorized({ method: route.method, url, ...body, headers });
      // It speaks of logs that are not ours any more, or were not yet.
      if (params.generation === undefined && this.params.generations.adopted() !== named)
        throw new NetworkError();
      return response;
    } catch (error) {
      if (!isProblem(error) || !error.is('conversation/other-generation')) throw error;
      // Nothing was carried out. To whoever called, the server that they know does not answer.
      if (named !== null) this.params.generations.refused(named);
      throw new NetworkError();
    }
  }

  /** A token may end early (a restart with new signing keys): once, a fresh one is tried. */
  private async authorized(request: HttpRequest): Promise<HttpResponse> {
    const { tokens } = this;
    if (tokens === null) throw problem('auth/unauthenticated');
    const send = async (): Promise<{ readonly token: string; readonly response: HttpResponse }> => {
      const token = await tokens.accessToken();
      const headers = { ...request.headers, authorization: `Bearer ${token}` };
      return { token, response: await this.params.http({ ...request, headers }) };
    };
    const first = await send();
    if (first.response.status !== 401) return checked(first.response);
    tokens.refused(first.token);
    return checked((await send()).response);
  }

  private async urlOf(route: Route, params: CallParams<Route>): Promise<string> {
    const url = new URL(pathOf(route, params.path), await this.baseOf(route));
    for (const [name, value] of Object.entries(params.query ?? {})) url.searchParams.set(name, String(value));
    return url.href;
  }

  private async baseOf(route: Route): Promise<string> {
    const locations = await this.discover();
    if (route.path.startsWith('/v1/auth')) return locations.authUrl;
    return isOfLogs(route) ? locations.conversationsUrl : locations.keysUrl;
  }

  private async readLocations(): Promise<ServerLocations> {
    const { http, serverUrl } = this.params;
    const response = checked(
      await http({ method: 'GET', url: new URL(authRoutes.discovery.path, serverUrl).href, headers: {} }),
    );
    const parsed = authRoutes.discovery.response.safeParse(parseJson(response.body));
    if (!parsed.success) throw problem('service/internal');
    return parsed.data;
  }
}

function isOfLogs(route: Route): boolean {
  return route.path.startsWith('/v1/conversations');
}

function bodyOf(route: Route, params: CallParams<Route>): Pick<HttpRequest, 'headers' | 'body'> {
  if (params.binary !== undefined)
    return { headers: { 'content-type': binaryMediaType }, body: params.binary };
  if (route.request === undefined) return { headers: {} };
  const encoded: unknown = route.request.encode((params as { readonly request?: never }).request);
  return {
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(encoded)),
  };
}

/** @throws ProblemError when the status is not a success. */
function checked(response: HttpResponse): HttpResponse {
  if (response.status >= 200 && response.status < 300) return response;
  throw problemOf(response);
}

function problemOf(response: HttpResponse): ProblemError {
  const body = parseJson(response.body);
  if (typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string')
    return problemFrom(body.code, body);
  // Not from our services: a proxy that found none of them alive, or that limits by itself.
  const retryAfterMs = Number(response.header('retry-after') ?? '1') * 1000 || 1000;
  if (response.status === 429) return problem('request/rate-limited', { retryAfterMs });
  return response.status >= 502
    ? problem('service/unavailable', { retryAfterMs })
    : problem('service/internal');
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    // What is not JSON has no fields; the caller judges that.
    return null;
  }
}
