/** A process of a service: alive until it is crashed, and dead for good then. Another takes its place. */
import type { CrashPoint, ProcessKind } from './crash-points.js';

/** Called at every crash point; may crash the process. */
export type Probe = (process: Process, point: CrashPoint) => void;

export class Process {
  private alive = true;

  constructor(
    readonly kind: ProcessKind,
    readonly name: string,
    private readonly probe: Probe,
  ) {}

  get isAlive(): boolean {
    return this.alive;
  }

  /** Nothing more of it is seen. */
  end(): void {
    this.alive = false;
  }

  /** Whether it goes on from here. */
  passes(work: string, point: string): boolean {
    if (!this.alive) return false;
    this.probe(this, `${this.kind} ${work}@${point}`);
    return this.alive;
  }

  /** As `passes`; what waits on a dead process waits for ever. */
  async at(work: string, point: string): Promise<void> {
    if (!this.passes(work, point)) await new Promise<never>(() => undefined);
  }
}
