/**
 * A real nginx with the configuration of deploy/nginx, on a folder that looks like a build of the web app. The services
 * behind it are small servers of the story, which keep what reached them.
 */
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { gzipSync } from 'node:zlib';
import {
  startNginx,
  temporaryFolder,
  randomFreePort,
  type NginxParams,
  type RunningServer,
} from '@cipherchat/test-kit';

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};
export type Asked = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** The client's address. */
  readonly from?: string;
};
export type Reached = {
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly bodyBytes: number;
};

export const appHtml = '<!doctype html><title>CipherChat</title>';
export const appScript = `export const text = ${JSON.stringify('script '.repeat(200))};`;
const wasmMagic = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

export class NginxWorld {
  readonly reached: Reached[] = [];
  /** Gateways that take no more sockets, as one that ends. */
  readonly draining = new Set<string>();
  private readonly servers = new Map<string, { readonly server: Server; readonly sockets: Set<Socket> }>();

  private constructor(
    readonly folder: ReturnType<typeof temporaryFolder>,
    private readonly logFile: string,
  ) {}

  nginx!: RunningServer;

  static async start(more: Partial<NginxParams> = {}): Promise<NginxWorld> {
    const folder = temporaryFolder('nginx-story');
    const world = new NginxWorld(folder, path.join(folder.path, 'nginx.log'));
    const addresses = new Map<string, string>();
    for (const service of ['auth', 'key-directory', 'message-store', 'gateway-1', 'gateway-2'])
      addresses.set(service, await world.serve(service));
    const of = (service: string): string => addresses.get(service) ?? '';
    world.nginx = await startNginx({
      port: await randomFreePort(),
      transport: { kind: 'plain' },
      webRoot: buildOfAnApp(folder.path),
      auth: of('auth'),
      keyDirectory: of('key-directory'),
      messageStore: of('message-store'),
      gateways: [of('gateway-1'), of('gateway-2')],
      logFile: world.logFile,
      ...more,
    });
    return world;
  }

  async stop(): Promise<void> {
    await this.nginx.stop();
    for (const service of [...this.servers.keys()]) this.kill(service);
    this.folder.remove();
  }

  /** As a crash ends it. */
  kill(service: string): void {
    const { server, sockets } = this.servers.get(service) ?? {};
    server?.close();
    for (const socket of sockets ?? []) socket.destroy();
    this.servers.delete(service);
  }

  /** The path goes out as it is given, dots and all. */
  ask(target: string, asked: Asked = {}): Promise<Answer> {
    const { method = 'GET', headers = {}, body, from } = asked;
    return new Promise((resolve, reject) => {
      const send = this.nginx.url.startsWith('https') ? httpsRequest : httpRequest;
      const request = send(
        {
          host: '127.0.0.1',
          port: this.nginx.port,
          path: target,
          method,
          headers: { host: 'localhost', ...headers },
          agent: false,
          rejectUnauthorized: false,
          ...(from === undefined ? {} : { localAddress: from }),
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).toString('latin1'),
            }),
          );
        },
      );
      request.once('error', reject);
      request.end(body);
    });
  }

  /** A socket through nginx and who has its other end; what is written to it comes back. */
  socket(
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly stream: Duplex; readonly gateway: string }> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        host: '127.0.0.1',
        port: this.nginx.port,
        path: '/v1/socket',
        agent: false,
        headers: { host: 'localhost', connection: 'upgrade', upgrade: 'websocket', ...headers },
      });
      request.once('upgrade', (response, stream) =>
        resolve({ stream, gateway: String(response.headers['x-gateway']) }),
      );
      request.once('response', (response) => reject(new Error(`answered ${response.statusCode}`)));
      request.once('error', reject);
      request.end();
    });
  }

  log(): readonly string[] {
    return readFileSync(this.logFile, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  }

  private async serve(service: string): Promise<string> {
    const sockets = new Set<Socket>();
    const server = createServer((request, response) => {
      let bodyBytes = 0;
      request.on('data', (chunk: Buffer) => (bodyBytes += chunk.length));
      request.once('end', () => {
        const { method = '', url = '', headers } = request;
        this.reached.push({ service, method, path: url, headers, bodyBytes });
        response.writeHead(200, {
          'content-type': 'application/json',
          'cache-control': 'private',
          'x-content-type-options': 'nosniff',
        });
        response.end('{}');
      });
    });
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      socket.on('error', () => {});
    });
    server.on('upgrade', ({ method = '', url = '', headers }, socket: Duplex) => {
      if (this.draining.has(service))
        return socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n');
      this.reached.push({ service, method, path: url, headers, bodyBytes: 0 });
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\nX-Gateway: ${service}\r\n\r\n`,
      );
      socket.pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.servers.set(service, { server, sockets });
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}

function buildOfAnApp(folder: string): string {
  const root = path.join(folder, 'web root');
  mkdirSync(path.join(root, 'assets'), { recursive: true });
  const files: Readonly<Record<string, string | Uint8Array>> = {
    'index.html': appHtml,
    'sw.js': 'self.skipWaiting();',
    'manifest.webmanifest': '{"name":"CipherChat"}',
    '.hidden.json': '{}',
    'assets/app-1a2b3c4d.js': appScript,
    'assets/app-1a2b3c4d.js.gz': gzipSync(appScript),
    'assets/app-5e6f7a8b.css': 'body{margin:0}',
    'assets/mls-9c0d1e2f.wasm': wasmMagic,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(root, name), content);
  writeFileSync(path.join(folder, 'outside.txt'), 'outside');
  return root;
}
