/** Calls `write` so many times a second, whatever became of the earlier ones (open loop). */
const tickMs = 10;

export class OpenLoop {
  /** How often `write` was called. */
  offered = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly write: (index: number) => void) {}

  /** Replaces the rate; 0 ends it. */
  run(perSecond: number): void {
    clearInterval(this.timer);
    if (perSecond === 0) return;
    const startedAtMs = performance.now();
    let written = 0;
    this.timer = setInterval(() => {
      // What a stall of this process made late is written now.
      const due = Math.floor(((performance.now() - startedAtMs) * perSecond) / 1_000);
      for (; written < due; written++) this.write(this.offered++);
    }, tickMs);
  }
}
