/**
 * Stands between the clients and the services, and keeps what passes: the bodies of HTTP requests and
 * answers, and the frames of sockets as the server sees them (on the wire a client masks its frames,
 * RFC 6455 §5.3, so that a capture of the network would find nothing).
 */
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import type { Captured } from '../detector/secret.js';

export type RecordingProxy = {
  /** Puts a proxy in front of a service and returns its origin, by which clients are to reach the service. */
  readonly inFrontOf: (upstream: string) => Promise<string>;
  readonly captured: () => readonly Captured[];
  /** Cuts every open socket, as a lost network does. */
  readonly cutSockets: () => void;
  readonly stop: () => Promise<void>;
};

const hopHeaders = ['host', 'connection', 'content-length', 'transfer-encoding'];

export function createRecordingProxy(): RecordingProxy {
  const captured: Captured[] = [];
  const keep = (item: Captured): void => void (item.bytes.length > 0 && captured.push(item));
  const sockets = new Set<WebSocket>();
  const servers: Server[] = [];
  return {
    inFrontOf: async (upstream) => {
      const server = createServer((request, response) => forward({ request, response, upstream, keep }));
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
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    captured: () => [...captured],
    cutSockets: () => sockets.forEach((socket) => socket.terminate()),
    stop: async () => {
      for (const socket of sockets) socket.terminate();
      await Promise.all(servers.map(close));
    },
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

type Keep = (item: Captured) => void;

function forward(params: {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upstream: string;
  readonly keep: Keep;
}): void {
  const { request, response, upstream, keep } = params;
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
    const headers = Object.fromEntries(
      Object.entries(answer.headers).filter(([header]) => !hopHeaders.includes(header)),
    );
    response.writeHead(answer.statusCode ?? 502, headers).end(answered);
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
