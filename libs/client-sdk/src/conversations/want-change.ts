/** What a person wants changed about who is in a conversation: stored as a wish, with what the members are to know of it. */
import { timerInForce } from '../expiry/timer.js';
import { writeHidden } from '../messages/write-hidden.js';
import { addIntent } from '../outbox/intent-table.js';
import type { IntentWork } from '../outbox/intents.js';
import { acceptRow } from '../people/standing.js';
import type { Runtime } from '../runtime.js';
import type { ConversationRow } from '../state/rows.js';
import type { Transaction } from '../state/transaction.js';
import { putConversation } from './conversation-row.js';
import { writableRow, type Where } from './writable-row.js';

/** @throws CallRefusedError */
export async function wantChange(runtime: Runtime, where: Where, work: IntentWork): Promise<void> {
  const { steps, memory, outbox, ports } = runtime;
  await steps.run('outbox/add-intent', async (transaction) => {
    const known = await writableRow(runtime, transaction, where);
    const row = work.kind === 'leave' ? known : await acceptRow({ transaction, memory }, known);
    if (work.kind === 'leave') await sayThatWeLeave(runtime, transaction, row);
    await addIntent({ transaction, memory }, { conversation: row.id, work, addedAtMs: ports.clock.nowMs() });
    if (work.kind === 'add') await sayAgain(runtime, transaction, row);
    const next: ConversationRow = work.kind === 'leave' ? { ...row, phase: 'leaving' } : row;
    if (next !== known) putConversation(transaction, next);
    transaction.after(() => outbox.wake(row.id));
  });
}

/** So that nobody reads that we were removed: the commit is another member's. */
async function sayThatWeLeave(
  { memory, ports }: Runtime,
  transaction: Transaction,
  { id, kind, phase, standing }: ConversationRow,
): Promise<void> {
  if (kind === 'direct' || phase !== 'active' || standing !== 'accepted') return;
  const body = { kind: 'left' } as const;
  const { random, clock } = ports;
  const params = { conversation: id, body, kept: body, random, nowMs: clock.nowMs() };
  await writeHidden({ transaction, memory }, params);
}

/** A newcomer cannot read what was said before, the name and the timer included. */
async function sayAgain(
  { memory, ports }: Runtime,
  transaction: Transaction,
  { id, name, timer }: ConversationRow,
): Promise<void> {
  const { random, clock } = ports;
  const here = { transaction, memory };
  const params = { conversation: id, random, nowMs: clock.nowMs() };
  if (name !== null) {
    const body = { kind: 'group-profile', name } as const;
    await writeHidden(here, { ...params, body, kept: { kind: 'told-name' } });
  }
  const told = { kind: 'told-timer' } as const;
  if (timerInForce(timer) !== null) await writeHidden(here, { ...params, body: told, kept: told });
}
