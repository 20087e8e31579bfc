/**
 * Stands between the clients and the services, and keeps what passes: the bodies of HTTP requests and
 * answers, and the frames of sockets as the server sees them (on the wire a client masks its frames,
 * RFC 6455 §5.3, so that a capture of the network would find nothing).
 */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import type { Captured } from '../detector/secret.js';

/** Where a service listens, and where its proxy does. */
export type ProxiedOrigin = { readonly upstream: string; readonly port: number };

export type RecordingProxy = {
  /** The proxy's origin for a service's. */
  readonly originOf: (upstream: string) => string;
  readonly captured: () => readonly Captured[];
  /** Cuts every open socket, as a lost network does. */
  readonly cutSockets: () => void;
  readonly stop: () => Promise<void>;
};

const hopHeaders = ['host', 'connection', 'content-length', 'transfer-encoding'];

export async function startRecordingProxy(origins: readonly ProxiedOrigin[]): Promise<RecordingProxy> {
  const captured: Captured[] = [];
  const keep = (item: Captured): void => void (item.bytes.length > 0 && captured.push(item));
  const proxyOrigins = new Map(origins.map(({ upstream, port }) => [upstream, `http://127.0.0.1:${port}`]));
  // The discovery document names the services: through the proxy it names their proxies.
  const rewrite = (text: string): string =>
    [...proxyOrigins].reduce(
      (rewritten, [upstream, proxy]) => rewriteOrigin({ text: rewritten, upstream, proxy }),
      text,
    );
  const sockets = new Set<WebSocket>();
  const servers = origins.map(({ upstream, port }) => {
    const server = createServer((request, response) =>
      forward({ request, response, upstream, keep, rewrite }),
    );
    const acceptor = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      handleProtocols: (offered) => [...offered][0] ?? false,
    });
    server.on('upgrade', (request, socket, head) => {
      acceptor.handleUpgrade(request, socket, head, (client) => {
        sockets.add(client);
        client.once('close', () => sockets.delete(client));
        bridge({ client, request, upstream, keep });
      });
    });
    return { server, listening: new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve)) };
  });
  await Promise.all(servers.map(({ listening }) => listening));
  return {
    originOf: (upstream) => proxyOrigins.get(upstream) ?? upstream,
    captured: () => [...captured],
    cutSockets: () => sockets.forEach((socket) => socket.terminate()),
    stop: async () => {
      for (const socket of sockets) socket.terminate();
      await Promise.all(
        servers.map(
          ({ server }) =>
            new Promise<void>((resolve) => {
              server.close(() => resolve());
              server.closeAllConnections();
            }),
        ),
      );
    },
  };
}

/** Sockets are named `ws:` where HTTP is named `http:`. */
function rewriteOrigin(params: {
  readonly text: string;
  readonly upstream: string;
  readonly proxy: string;
}): string {
  const { text, upstream, proxy } = params;
  const asSocket = (origin: string): string => origin.replace(/^http/, 'ws');
  return text.replaceAll(upstream, proxy).replaceAll(asSocket(upstream), asSocket(proxy));
}

type Keep = (item: Captured) => void;

function forward(params: {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upstream: string;
  readonly keep: Keep;
  readonly rewrite: (text: string) => string;
}): void {
  const { request, response, upstream, keep, rewrite } = params;
  const name = `${request.method ?? ''} ${request.url ?? ''}`;
  void (async () => {
    const body = await readAll(request);
    keep({
      place: 'http',
      location: `${name} (line and headers)`,
      bytes: Buffer.from(`${name}\n${headerText(request)}`),
    });
    keep({ place: 'http', location: `${name} (request)`, bytes: body });
    const answer = await send({ request, upstream, body });
    const answered = await readAll(answer);
    keep({ place: 'http', location: `${name} (answer)`, bytes: answered });
    const isDiscovery = (request.url ?? '').startsWith('/.well-known/');
    const headers = Object.fromEntries(
      Object.entries(answer.headers).filter(([header]) => !hopHeaders.includes(header)),
    );
    response
      .writeHead(answer.statusCode ?? 502, headers)
      .end(isDiscovery ? rewrite(answered.toString('utf8')) : answered);
  })().catch(() => response.destroy());
}

function headerText(request: IncomingMessage): string {
  return Object.entries(request.headers)
    .map(([header, value]) => `${header}: ${String(value)}`)
    .join('\n');
}

function send(params: {
  readonly request: IncomingMessage;
  readonly upstream: string;
  readonly body: Buffer;
}): Promise<IncomingMessage> {
  const { request, upstream, body } = params;
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([header]) => !hopHeaders.includes(header)),
  );
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      new URL(request.url ?? '/', upstream),
      { method: request.method ?? 'GET', headers: { ...headers, 'content-length': body.length } },
      resolve,
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function bridge(params: {
  readonly client: WebSocket;
  readonly request: IncomingMessage;
  readonly upstream: string;
  readonly keep: Keep;
}): void {
  const { client, request, upstream, keep } = params;
  const url = new URL(request.url ?? '/', upstream.replace(/^http/, 'ws'));
  const origin = request.headers.origin;
  const server = new WebSocket(url, client.protocol === '' ? [] : [client.protocol], {
    perMessageDeflate: false,
    ...(origin === undefined ? {} : { origin }),
  });
  const waiting: RawData[] = [];
  client.on('message', (data: RawData) => {
    keep({ place: 'socket', location: 'frame of a client', bytes: bytesOf(data) });
    if (server.readyState === WebSocket.OPEN) server.send(bytesOf(data));
    else waiting.push(data);
  });
  server.on('open', () => waiting.splice(0).forEach((data) => server.send(bytesOf(data))));
  server.on('message', (data: RawData) => {
    keep({ place: 'socket', location: 'frame of a gateway', bytes: bytesOf(data) });
    client.send(bytesOf(data));
  });
  // Neither side may notice more of the proxy than of a network.
  server.on('close', (code, reason) => (isSendable(code) ? client.close(code, reason) : client.terminate()));
  client.on('close', (code, reason) => (isSendable(code) ? server.close(code, reason) : server.terminate()));
  server.on('error', () => client.terminate());
  client.on('error', () => server.terminate());
}

/** 1005, 1006 and 1015 are never sent (RFC 6455 §7.4.1). */
function isSendable(code: number): boolean {
  return (
    code === 1000 ||
    (code > 1000 && code < 1015 && code !== 1004 && code !== 1005 && code !== 1006) ||
    code >= 3000
  );
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
