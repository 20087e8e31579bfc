/**
 * Time as messages count it: it goes with the device's clock, and never back.
 *
 * Note [A clock that was set back]. A due time by the clock of the device alone would keep a message for as long as
 * somebody set that clock back. The largest time ever seen would be no better: a clock that was a year ahead for a minute
 * would end no message that is written in the year after. So what is counted is how far the clock went on since it was
 * looked at last: where it went back, nothing, and at least as long as a timer of ours has run meanwhile. What a step back
 * adds to a message's life is at most the time since the last look, which is stored with what the messages count.
 */
import type { Memory } from '../state/memory.js';
import type { ExpiryClockRow } from '../state/expiry-rows.js';
import { only, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';

/** `atLeastMs`: a timer was to fire then, and did. */
export function observed(
  known: ExpiryClockRow | null,
  { nowMs, atLeastMs = 0 }: { readonly nowMs: number; readonly atLeastMs?: number },
): ExpiryClockRow {
  const before = known ?? { seenAtMs: nowMs, countedMs: nowMs };
  const passedMs = Math.max(0, nowMs - before.seenAtMs);
  return { seenAtMs: nowMs, countedMs: Math.max(before.countedMs + passedMs, atLeastMs) };
}

/** The time that messages count, as of this step, which remembers it. */
export function countedTime(
  { transaction, memory }: { readonly transaction: Transaction; readonly memory: Memory },
  at: Parameters<typeof observed>[1],
): number {
  const known = transaction.changed(tables.expiryClock, only) ?? memory.expiryClock;
  const clock = observed(known, at);
  transaction.put(tables.expiryClock, only, clock);
  return clock.countedMs;
}
