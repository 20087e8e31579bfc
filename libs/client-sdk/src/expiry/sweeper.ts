/**
 * Takes away what is due: once when the client opens, and whenever something comes due. What is due is a fact of the
 * stored rows, so that a crash between any two steps leaves it to the next sweep.
 */
import type { ConversationId } from '@cipherchat/protocol';
import { isExpectedFailure } from '../connection/expected-failure.js';
import type { CancelTimer, Clock } from '../ports/clock.js';
import type { Memory } from '../state/memory.js';
import type { Steps } from '../state/steps.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { beginRead } from './begin-expiry.js';
import { disappear } from './disappear.js';
import { countedTime, observed } from './expiry-clock.js';

/** In one write. */
const maxSweptPerStep = 100;
/** How often the clock is looked at while anything counts: what a step back may add to a message's life. */
const maxWaitMs = 5 * 60_000;
/** Conversations with unread messages that are to count, looked for at once. */
const pageRows = 500;

export class Sweeper {
  private cancel: CancelTimer = () => undefined;
  /** When the next sweep begins, as messages count; `null`: nothing counts. */
  private nextMs: number | null = null;

  constructor(
    private readonly ports: {
      readonly steps: Steps;
      readonly memory: Memory;
      readonly clock: Clock;
      readonly fault: (during: string, error: unknown) => void;
    },
  ) {}

  /** The client opens: what came due meanwhile is shown to nobody. */
  async begin(): Promise<void> {
    await this.carryOut(async () => {
      await this.beginWhatWasRead();
      await this.sweepAll(0);
    });
  }

  /** Whether the time of a message is over that is still here. */
  async hasDue(): Promise<boolean> {
    const { steps, memory, clock } = this.ports;
    const [first] = await steps.reader().scan(tables.expiries, { prefix: '', limit: 1 });
    return (
      first !== undefined &&
      first.row.dueMs <= observed(memory.expiryClock, { nowMs: clock.nowMs() }).countedMs
    );
  }

  /** Something counts, and is due then. */
  note(dueMs: number): void {
    if (this.nextMs === null || dueMs < this.nextMs) this.waitUntil(dueMs);
  }

  /** Reading begun and not finished: a crash came between two of its steps. */
  private async beginWhatWasRead(): Promise<void> {
    const { steps } = this.ports;
    for (const conversation of await steps.read(conversationsWithUnread)) await this.beginAll(conversation);
  }

  /** What was read in a conversation. */
  async beginAll(conversation: ConversationId): Promise<void> {
    while ((await this.beginSome(conversation)) === 'more');
  }

  private beginSome(conversation: ConversationId): Promise<'all' | 'more'> {
    const { steps, memory, clock } = this.ports;
    return steps.run('expiry/begin', (transaction) =>
      beginRead({ transaction, memory }, { conversation, nowMs: clock.nowMs() }),
    );
  }

  private async sweepAll(atLeastMs: number): Promise<void> {
    while ((await this.sweepSome(atLeastMs)) === 'more');
  }

  private sweepSome(atLeastMs: number): Promise<'all' | 'more'> {
    const { steps, memory, clock } = this.ports;
    return steps.run('expiry/sweep', async (transaction) => {
      const found = await transaction.scan(tables.expiries, { prefix: '', limit: maxSweptPerStep + 1 });
      if (found.length === 0) return 'all';
      const countedMs = countedTime({ transaction, memory }, { nowMs: clock.nowMs(), atLeastMs });
      const due = found.slice(0, maxSweptPerStep).filter(({ row }) => row.dueMs <= countedMs);
      for (const { row } of due) await disappear({ transaction, memory }, row);
      // Within the step, so before what a later one adds.
      transaction.after(() => this.plan(found.at(due.length)?.row.dueMs ?? null));
      return due.length < maxSweptPerStep ? 'all' : 'more';
    });
  }

  private plan(nextMs: number | null): void {
    this.cancel();
    this.nextMs = null;
    if (nextMs !== null) this.waitUntil(nextMs);
  }

  private waitUntil(dueMs: number): void {
    const { memory, clock } = this.ports;
    const { countedMs } = observed(memory.expiryClock, { nowMs: clock.nowMs() });
    const waitMs = Math.min(Math.max(0, dueMs - countedMs), maxWaitMs);
    const untilMs = countedMs + waitMs;
    this.cancel();
    this.nextMs = dueMs;
    this.cancel = clock.setTimer(() => void this.carryOut(() => this.sweepAll(untilMs)), waitMs);
  }

  private async carryOut(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.ports.fault('expiry', error);
      // The store has failed, or another has it: whoever opens it next sweeps.
      if (!isExpectedFailure(error)) this.waitUntil(Infinity);
    }
  }
}

async function conversationsWithUnread(reader: Transaction): Promise<readonly ConversationId[]> {
  const found = new Set<ConversationId>();
  for (let after: string | undefined; ;) {
    const rows = await reader.scan(tables.expiriesToBegin, {
      prefix: '',
      limit: pageRows,
      ...(after === undefined ? {} : { after }),
    });
    for (const { key } of rows) found.add(keyOf.conversationOf(key));
    after = rows.at(-1)?.key;
    if (after === undefined || rows.length < pageRows) return [...found];
  }
}
