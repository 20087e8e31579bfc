/** One HTTP exchange: passed in, so that a simulator can be the server. */
export type Http = (request: HttpRequest) => Promise<HttpResponse>;

/** A request; `body` is absent where there is none. */
export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
};

/** An answer, whatever its status. */
export type HttpResponse = {
  readonly status: number;
  /** Value of a header by its lower-case name, or `null`. */
  readonly header: (name: string) => string | null;
  readonly body: Uint8Array;
};

/** No answer: the network is down, the server does not listen, or it took too long. Whether the request was carried out is not known. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  constructor() {
    super('no answer from the server');
  }
}

/** A bundle of 8 MiB over a slow line; a request without an answer by then is given up. */
const timeoutMs = 60_000;

/** The global `fetch`. */
export const fetchHttp: Http = async (request) => {
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      signal: AbortSignal.timeout(timeoutMs),
      // Tokens travel in a header. The one cookie there is tells a browser that lost its storage (`tabs/known-account.ts`).
      credentials: 'same-origin',
      cache: 'no-store',
      ...(request.body === undefined ? {} : { body: request.body as Uint8Array<ArrayBuffer> }),
    });
    const body = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, header: (name) => response.headers.get(name), body };
  } catch {
    // fetch rejects only where there was no answer; its reasons differ between platforms.
    throw new NetworkError();
  }
};
