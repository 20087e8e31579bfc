/** What happened in a run, as a hash, so that two runs of a seed can be compared; and as lines, for who asks for them. */
export class Trace {
  private high = 0xdeadbeef;
  private low = 0x41c6ce57;
  private count = 0;

  constructor(
    private readonly nowMs: () => number,
    private readonly say: ((line: string) => void) | null = null,
  ) {}

  note(line: string): void {
    const text = `${this.nowMs()} ${line}`;
    this.count++;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      this.high = Math.imul(this.high ^ code, 2654435761);
      this.low = Math.imul(this.low ^ code, 1597334677);
    }
    this.say?.(text);
  }

  get hash(): string {
    return `${(this.high >>> 0).toString(16)}-${(this.low >>> 0).toString(16)}-${this.count}`;
  }
}
