/** Which processes of a run die, and where; and that time goes on. */
import type { CrashCounts, CrashPoint } from './crash-points.js';
import type { PlannedCrash } from './mix.js';
import type { Process } from './process.js';

/** Of all processes within one millisecond; runs that are well stay under 300. */
const maxPointsAtOnce = 5_000;

export class CrashPlan {
  /** How often a process crashed at each point. */
  readonly counts: Record<string, number> & CrashCounts = {};
  private planned: readonly PlannedCrash[];
  private readonly passed = new Map<PlannedCrash, number>();
  private pointsNow = 0;
  private pointsAtMs = 0;

  constructor(planned: readonly PlannedCrash[]) {
    this.planned = planned;
  }

  /** Time stands still while everything that is due is done, which no loop may keep from ending. */
  at(params: {
    readonly process: Process;
    readonly point: CrashPoint;
    readonly nowMs: number;
  }): 'go-on' | 'crash' | 'goes-round' {
    const { process, point, nowMs } = params;
    this.pointsNow = nowMs === this.pointsAtMs ? this.pointsNow + 1 : 1;
    this.pointsAtMs = nowMs;
    if (this.pointsNow > maxPointsAtOnce) return 'goes-round';
    const crash = this.planned.find((plan) => this.isDue(plan, process, point));
    if (crash === undefined) return 'go-on';
    this.planned = this.planned.filter((plan) => plan !== crash);
    this.counts[point] = (this.counts[point] ?? 0) + 1;
    return 'crash';
  }

  /** From now on processes die only where that was planned by name: some steps are come by only in calm. */
  calm(): void {
    this.planned = this.planned.filter(({ point }) => point !== null);
  }

  private isDue(plan: PlannedCrash, process: Process, point: CrashPoint): boolean {
    if (plan.kind !== process.kind || (plan.point !== null && plan.point !== point)) return false;
    const passed = (this.passed.get(plan) ?? 0) + 1;
    this.passed.set(plan, passed);
    return passed >= plan.after;
  }
}
