/**
 * Healing: from time to time a device renews the keys of its leaf, so that one who once stole its state is shut out.
 *
 * With the first message after joining (until then the leaf stands on a key package that lay on a server), then
 * after every 50 own messages or a day. Any own commit counts; members wait a while each, so that a group does
 * not do it all at once. Never before the connection is live: a commit made on an old state would only lose.
 */
import type { Clock } from '../ports/clock.js';
import { randomFraction, type Random } from '../ports/random.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow } from '../state/rows.js';
import type { Steps } from '../state/steps.js';
import { tables } from '../state/tables.js';
import { addIntent } from './intent-table.js';
import type { Performed } from './perform.js';

const healAfterMessages = 50;
const healAfterMs = 24 * 60 * 60 * 1000;
/** Per device in the group: a minute for 120 devices. */
const jitterPerDeviceMs = 500;

export function isHealingDue(params: { readonly row: ConversationRow; readonly nowMs: number }): boolean {
  const { row, nowMs } = params;
  const { sentSinceUpdate, updatedAtMs, repliedOnce } = row.healing;
  if (row.phase !== 'active' || sentSinceUpdate === 0) return false;
  return !repliedOnce || sentSinceUpdate >= healAfterMessages || nowMs - updatedAtMs >= healAfterMs;
}

/** Called when a conversation has nothing else to do. */
export async function planHealing(
  ports: {
    readonly steps: Steps;
    readonly memory: Memory;
    readonly clock: Clock;
    readonly random: Random;
    readonly isLive: () => boolean;
  },
  row: ConversationRow,
): Promise<Performed> {
  const nowMs = ports.clock.nowMs();
  if (!ports.isLive() || !isHealingDue({ row, nowMs })) return { kind: 'waiting' };
  const isPlanned = await ports.steps.run('outbox/add-intent', async (transaction) => {
    const current = await transaction.get(tables.conversations, row.id);
    if (current === null || !isHealingDue({ row: current, nowMs })) return false;
    const devices = (await transaction.get(tables.rosters, row.id))?.members.length ?? 1;
    const notBeforeMs = nowMs + Math.floor(randomFraction(ports.random) * devices * jitterPerDeviceMs);
    await addIntent(
      { transaction, memory: ports.memory },
      { conversation: row.id, work: { kind: 'update' }, addedAtMs: nowMs, notBeforeMs },
    );
    return true;
  });
  // A client that was superseded and does not know it yet would otherwise ask its successor's disk for ever.
  return { kind: isPlanned ? 'progressed' : 'waiting' };
}
