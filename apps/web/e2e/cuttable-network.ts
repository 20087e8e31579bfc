/**
 * The network of one browser context: a proxy that passes everything to the one origin of the system, and can be cut. What
 * a page, its workers, their sockets and its service worker ask for all comes through here: Playwright's own `setOffline`
 * leaves the open sockets of workers alone. Whatever is asked of another origin is refused, and remembered.
 */
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** Chromium asks its maker about the fields of forms, whatever page they stand on. Refused like all others. */
const ofTheBrowser = 'content-autofill.googleapis.com:443';

/** What somebody who stands between answers. `ask` asks the system, with another question if need be. */
type Forged = (question: string, ask: (question: string) => Promise<string>) => Promise<string>;

export class CuttableNetwork {
  /** What was asked of others than the system. Nothing should be. */
  readonly foreign: string[] = [];
  private line: 'whole' | 'cut' | 'unanswered' = 'whole';
  private faults = 0;
  private readonly sockets = new Set<Socket>();
  /** Towards the system, of sockets that a page opened. */
  private readonly far = new Set<Socket>();
  /** Whose answers did not arrive. */
  private readonly unanswered = new Set<ServerResponse>();
  private readonly forged = new Map<string, Forged>();
  private readonly server: Server = createServer((asked, answer) => this.pass(asked, answer));

  private constructor(private readonly target: URL) {
    this.server.on('connection', (socket) => this.arrived(socket));
    this.server.on('connect', (asked, near: Socket, head) => this.tunnel(asked.url ?? '', { near, head }));
  }

  static async start(origin: string): Promise<CuttableNetwork> {
    const network = new CuttableNetwork(new URL(origin));
    await new Promise<void>((resolve, reject) => {
      network.server.once('error', reject);
      network.server.listen({ port: 0, host: '127.0.0.1' }, resolve);
    });
    return network;
  }

  /** For the browser context. */
  get proxy(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Whether it ever failed: a browser complains in its console about what it then could not have. */
  get hasFailed(): boolean {
    return this.faults > 0;
  }

  /** Ends all that is under way, and refuses what is new. */
  cut(): void {
    this.fail('cut');
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** What is said still reaches the system, and nothing of what it answers comes back. */
  loseAnswers(): void {
    this.fail('unanswered');
    for (const socket of this.far) socket.pause();
  }

  /** Somebody stands between, and answers what is asked by this path. */
  answerOtherwise(path: string, forged: Forged): void {
    this.forged.set(path, forged);
  }

  heal(): void {
    this.line = 'whole';
    for (const socket of this.far) socket.resume();
    for (const answer of this.unanswered) answer.destroy();
    this.unanswered.clear();
  }

  private fail(line: 'cut' | 'unanswered'): void {
    this.line = line;
    this.faults += 1;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private arrived(socket: Socket): void {
    if (this.line === 'cut') {
      socket.resetAndDestroy();
      return;
    }
    this.keep(socket);
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.sockets.delete(socket));
  }

  /** A request in the clear names its whole address. */
  private pass(asked: IncomingMessage, answer: ServerResponse): void {
    const url = new URL(asked.url ?? '', this.target);
    if (url.host !== this.target.host) {
      this.foreign.push(url.origin);
      answer.writeHead(403).end();
      return;
    }
    const forged = this.forged.get(url.pathname);
    if (forged !== undefined) {
      void this.forge({ asked, answer, url, forged });
      return;
    }
    const { method, headers } = asked;
    const passed = request({
      host: '127.0.0.1',
      port: this.target.port,
      path: `${url.pathname}${url.search}`,
      ...(method === undefined ? {} : { method }),
      headers,
    });
    passed.on('socket', (socket) => this.sockets.has(socket) || this.keep(socket));
    passed.on('response', (response) => {
      if (this.line === 'unanswered') {
        this.unanswered.add(answer);
        response.resume();
        return;
      }
      answer.writeHead(response.statusCode ?? 502, response.rawHeaders);
      response.pipe(answer);
      response.on('error', () => answer.destroy());
    });
    passed.on('error', () => answer.destroy());
    asked.on('error', () => passed.destroy());
    asked.pipe(passed);
  }

  private async forge(params: {
    readonly asked: IncomingMessage;
    readonly answer: ServerResponse;
    readonly url: URL;
    readonly forged: Forged;
  }): Promise<void> {
    const { asked, answer, url, forged } = params;
    const { method = 'GET', headers } = asked;
    const { authorization = '', 'content-type': type = '' } = headers;
    let answered = new Headers();
    const ask = async (body: string): Promise<string> => {
      const init = { method, headers: { authorization, 'content-type': type } };
      const response = await fetch(
        new URL(url.pathname, this.target),
        method === 'GET' ? init : { ...init, body },
      );
      answered = new Headers(response.headers);
      return response.text();
    };
    try {
      const body = await forged(await text(asked), ask);
      for (const ofTheLine of ['connection', 'content-encoding', 'content-length', 'transfer-encoding'])
        answered.delete(ofTheLine);
      answer.writeHead(200, Object.fromEntries(answered)).end(body);
    } catch {
      // The page sees a network that failed, and the story a page that complains.
      answer.destroy();
    }
  }

  /** Sockets are asked for by host and port. */
  private tunnel(host: string, { near, head }: { readonly near: Socket; readonly head: Buffer }): void {
    if (host !== this.target.host) {
      if (host !== ofTheBrowser) this.foreign.push(host);
      near.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const far = connect({ host: '127.0.0.1', port: Number(this.target.port) });
    this.keep(far);
    this.far.add(far);
    far.once('connect', () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n');
      far.write(head);
    });
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => near.write(bytes));
    if (this.line === 'unanswered') far.pause();
    far.on('close', () => {
      this.far.delete(far);
      near.destroy();
    });
    near.on('close', () => far.destroy());
  }
}
