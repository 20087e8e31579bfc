import type { Writable } from 'node:stream';

/**
 * Writes of one turn of the event loop go to a socket together: the answer to a message and its delivery arrive in
 * one read from NATS, and a system call costs more than everything else that is done for a frame.
 */
export class HeldWrites {
  private held = new Set<Writable>();

  hold(stream: Writable): void {
    if (this.held.has(stream)) return;
    if (this.held.size === 0) setImmediate(() => this.release());
    this.held.add(stream);
    stream.cork();
  }

  private release(): void {
    const { held } = this;
    this.held = new Set();
    for (const stream of held) stream.uncork();
  }
}
