/**
 * A commit that is void for everyone: the epoch stays, and the next commit builds on its place all the same. But the
 * store could not tell. It took over the device list, so that it may refuse members and route to strangers, and keeps
 * the GroupInfo for joiners. The next commit that is not void puts both right; if nobody makes one, we do.
 */
import type { ConversationRow } from '../state/rows.js';
import { randomFraction } from '../ports/random.js';
import { addIntent, intentsOf } from '../outbox/intent-table.js';
import type { Applying } from '../inbox/context.js';

/** Every member finds it at about the same time; the first commit wins, and the others find nothing to do. */
const mendWaitMs = 2_000;
/** Per device in the list, up to `maxSpreadMs`: a thousand devices should not all try. */
const spreadPerDeviceMs = 20;
const maxSpreadMs = 20_000;

export async function passVoidCommit(applying: Applying, row: ConversationRow): Promise<ConversationRow> {
  const { transaction, memory, conversation, entry, clock, random } = applying;
  const isLeftOut = !entry.devices.some(({ device }) => device === memory.profile.device);
  const isPlanned = intentsOf({ transaction, memory, conversation }).some(({ work }) => work.kind === 'mend');
  if (!isPlanned) {
    const nowMs = clock.nowMs();
    const spreadMs = Math.min(maxSpreadMs, mendWaitMs + entry.devices.length * spreadPerDeviceMs);
    // Whom the store refuses says so at once: it can do nothing else meanwhile.
    const waitMs = isLeftOut ? 0 : Math.floor(randomFraction(random) * spreadMs);
    await addIntent(
      { transaction, memory },
      { conversation, work: { kind: 'mend' }, addedAtMs: nowMs, notBeforeMs: nowMs + waitMs },
    );
  }
  return { ...row, lastCommitSeq: entry.seq, leftOutSeq: isLeftOut ? entry.seq : row.leftOutSeq };
}
