/**
 * A TCP proxy on loopback that can break the line: `cut` ends all connections and refuses new ones, as a partition
 * with resets does; `stall` keeps them open and passes nothing, as a partition that drops packets does, and what
 * was under way arrives when it heals; `slow` passes everything later.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

type Line = 'whole' | 'cut' | 'stalled';

export class TcpProxy {
  private line: Line = 'whole';
  private delayMs = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: { readonly host: string; readonly port: number },
  ) {
    server.on('connection', (socket) => this.pass(socket));
  }

  static async start(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, target);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port: 0, host: '127.0.0.1' }, resolve);
    });
    server.unref();
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  cut(): void {
    this.line = 'cut';
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  stall(): void {
    this.line = 'stalled';
    for (const socket of this.sockets) socket.pause();
  }

  slow(delayMs: number): void {
    this.delayMs = delayMs;
  }

  heal(): void {
    this.line = 'whole';
    this.delayMs = 0;
    for (const socket of this.sockets) socket.resume();
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private pass(near: Socket): void {
    if (this.line === 'cut') {
      near.resetAndDestroy();
      return;
    }
    const far = connect(this.target);
    this.join(near, far);
    this.join(far, near);
    if (this.line === 'stalled') for (const socket of [near, far]) socket.pause();
  }

  private join(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.setNoDelay(true);
    // Only so much waits here for a slow reader: the sender then waits, as on a line without a proxy.
    from.on('data', (bytes) => {
      this.later(() => {
        if (to.destroyed || to.write(bytes)) return;
        from.pause();
        to.once('drain', () => {
          if (this.line !== 'stalled') from.resume();
        });
      });
    });
    from.on('end', () => this.later(() => to.end()));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.sockets.delete(from);
      this.later(() => to.destroySoon());
    });
  }

  /** Timers of one delay run in order, so that bytes do. */
  private later(action: () => void): void {
    if (this.delayMs === 0) action();
    else setTimeout(action, this.delayMs);
  }
}
