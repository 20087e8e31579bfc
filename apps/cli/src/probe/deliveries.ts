/**
 * What became of the messages of a probe: each is sent, then shown in time, too late, never, or twice.
 *
 * sent → (shown) → delivered → (shown again) → duplicate
 *      → (nothing, for long) → lost → (shown after all) → late
 *
 * Invariants: each message is counted as sent once, and as delivered, late or still lost at most once; what was never sent
 * here is counted nowhere. Bounded: who was shown longest ago is forgotten first, and a duplicate of it with them.
 */
export type Outcome = 'delivered' | 'lost' | 'late' | 'duplicate';

type Sent = { readonly atMs: number };

export type DeliveriesParams = {
  /** Not shown for so long, a message counts as lost. */
  readonly lostAfterMs: number;
  /** Of how many that are over it is remembered what they were. */
  readonly remembered: number;
  readonly count: (outcome: Outcome, delayMs: number | null) => void;
};

export class Deliveries {
  private readonly waiting = new Map<string, Sent>();
  private readonly lost = new Map<string, Sent>();
  private readonly shownOnce = new Set<string>();

  constructor(private readonly params: DeliveriesParams) {}

  get pending(): number {
    return this.waiting.size;
  }

  sent({ id, atMs }: { readonly id: string; readonly atMs: number }): void {
    this.waiting.set(id, { atMs });
  }

  shown({ id, atMs }: { readonly id: string; readonly atMs: number }): void {
    const { count } = this.params;
    const waiting = this.waiting.get(id);
    const missed = this.lost.get(id);
    if (this.shownOnce.has(id)) return count('duplicate', null);
    if (waiting === undefined && missed === undefined) return;
    this.waiting.delete(id);
    this.lost.delete(id);
    this.shownOnce.add(id);
    this.forgetOldest(this.shownOnce);
    if (waiting !== undefined) count('delivered', atMs - waiting.atMs);
    else if (missed !== undefined) count('late', atMs - missed.atMs);
  }

  /** Those that nobody was shown for too long are lost now. */
  passTime(nowMs: number): void {
    const { lostAfterMs, count } = this.params;
    for (const [id, sent] of this.waiting) {
      if (nowMs - sent.atMs < lostAfterMs) continue;
      this.waiting.delete(id);
      this.lost.set(id, sent);
      this.forgetOldest(this.lost);
      count('lost', null);
    }
  }

  private forgetOldest(known: {
    readonly size: number;
    keys(): Iterator<string>;
    delete(id: string): boolean;
  }): void {
    if (known.size <= this.params.remembered) return;
    const oldest = known.keys().next();
    if (oldest.done !== true) known.delete(oldest.value);
  }
}
