/** Tells others that one is typing: at the first key, then now and then, and once that it stopped. */

/** Others take a notice for over after some seconds, so it is repeated a little sooner. */
const repeatMs = 4_000;
const idleMs = 5_000;

export class TypingNotice {
  private toldAtMs = -Infinity;
  private active = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly tell: (active: boolean) => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** A key was pressed; `line` is what has been typed so far. */
  pressed(line: string): void {
    // Commands are not for others.
    if (line === '' || line.startsWith('/')) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stop(), idleMs);
    this.timer.unref();
    if (this.active && this.nowMs() - this.toldAtMs < repeatMs) return;
    this.active = true;
    this.toldAtMs = this.nowMs();
    this.tell(true);
  }

  /** The message itself says that typing has ended. */
  sent(): void {
    clearTimeout(this.timer);
    this.active = false;
    this.toldAtMs = -Infinity;
  }

  stop(): void {
    clearTimeout(this.timer);
    if (!this.active) return;
    this.sent();
    this.tell(false);
  }
}
