import type { WebSocket } from 'ws';
import {
  decodeServerFrame,
  encodeClientFrame,
  type ClientFrame,
  type ServerFrame,
} from '@cipherchat/protocol';

/** On a machine that does other things as well. */
const patienceMs = 10_000;

export type ServerFrameOf<Type extends ServerFrame['type']> = Extract<ServerFrame, { readonly type: Type }>;

/** A client's socket: what came is kept in order, and can be waited for. */
export class SocketClient {
  readonly frames: ServerFrame[] = [];
  closed: { readonly code: number; readonly reason: string } | null = null;
  private readonly wakes = new Set<() => void>();

  constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => {
      this.frames.push(decodeServerFrame(data as Buffer));
      this.wake();
    });
    socket.on('error', () => {}); // `close` follows
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.wake();
    });
  }

  send(frame: ClientFrame): void {
    this.socket.send(encodeClientFrame(frame));
  }

  /** The next frame of a type that was not taken yet, now or soon. */
  async take<Type extends ServerFrame['type']>(type: Type): Promise<ServerFrameOf<Type>> {
    await this.until(() => this.closed !== null || this.frames.some((frame) => frame.type === type), type);
    if (!this.frames.some((frame) => frame.type === type))
      throw new Error(`closed ${this.closed?.code} before ${type}`);
    const index = this.frames.findIndex((frame) => frame.type === type);
    return this.frames.splice(index, 1)[0] as ServerFrameOf<Type>;
  }

  async closing(): Promise<number> {
    await this.until(() => this.closed !== null, 'close');
    return this.closed?.code ?? 0;
  }

  ofType<Type extends ServerFrame['type']>(type: Type): readonly ServerFrameOf<Type>[] {
    return this.frames.filter((frame): frame is ServerFrameOf<Type> => frame.type === type);
  }

  async until(holds: () => boolean, what = 'condition'): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.wakes.delete(look);
        reject(
          new Error(
            `waited in vain for ${what}; got ${this.frames.map(({ type }) => type).join(' ')}${this.closed === null ? '' : ` and close ${this.closed.code}`}`,
          ),
        );
      }, patienceMs);
      const look = (): void => {
        if (!holds()) return;
        clearTimeout(timer);
        this.wakes.delete(look);
        resolve();
      };
      this.wakes.add(look);
    });
  }

  private wake(): void {
    for (const wake of [...this.wakes]) wake();
  }
}
