/** A clock that only moves when a test lets it. */
type Due = { readonly atMs: number; readonly order: number; readonly act: () => void };

export class VirtualTime {
  private now = 0;
  private orders = 0;
  private due: Due[] = [];

  readonly nowMs = (): number => this.now;

  readonly later = (delayMs: number, act: () => void): (() => void) => {
    const entry: Due = { atMs: this.now + delayMs, order: this.orders++, act };
    this.due.push(entry);
    return () => {
      this.due = this.due.filter((each) => each !== entry);
    };
  };

  /** Time passes while something runs: what falls due meanwhile is late. */
  stall(ms: number): void {
    this.now += ms;
  }

  /** All that falls due in so many milliseconds from now, in order, with what it leads to. */
  async run(ms: number): Promise<void> {
    const untilMs = this.now + ms;
    for (;;) {
      await new Promise(setImmediate); // what promises lead to, however long their chain
      const [next] = this.due.toSorted((one, other) => one.atMs - other.atMs || one.order - other.order);
      if (next === undefined || next.atMs > untilMs) break;
      this.due = this.due.filter((each) => each !== next);
      this.now = Math.max(this.now, next.atMs);
      next.act();
    }
    this.now = Math.max(this.now, untilMs);
  }
}
