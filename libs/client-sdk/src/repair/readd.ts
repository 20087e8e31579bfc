/**
 * The rung after the external commit: a device that cannot get back in asks in the log, and a member removes its old
 * leaf and adds it anew, with a fresh key package, in one commit. The person's own other devices go first; of
 * the others, whoever's wait is shortest.
 */
import { idFromRandom, type EnvelopeId } from '@cipherchat/protocol';
import type { DeviceRef } from '@cipherchat/crypto';
import type { Applying } from '../inbox/context.js';
import { waitForOthersMs } from '../keys/departures.js';
import { addIntent, deleteIntent, intentsOf } from '../outbox/intent-table.js';
import type { ConversationRow } from '../state/rows.js';
import { tables } from '../state/tables.js';

/** What an external commit could not do is asked of the others. In the step that gave up. */
export async function planReaddRequest(
  ports: Pick<Applying, 'transaction' | 'memory' | 'clock' | 'random'>,
  row: ConversationRow,
): Promise<void> {
  const { transaction, memory, clock, random } = ports;
  const work = { kind: 'ask-readd', envelope: idFromRandom<EnvelopeId>(random) } as const;
  await addIntent({ transaction, memory }, { conversation: row.id, work, addedAtMs: clock.nowMs() });
}

/** A request in the log: it is done by whoever comes first. */
export async function applyReaddRequest(applying: Applying, row: ConversationRow): Promise<ConversationRow> {
  const { transaction, memory, conversation, entry, clock, random } = applying;
  const [target] = entry.devices;
  if (target === undefined || target.device === memory.profile.device || row.phase !== 'active') return row;
  const roster = await transaction.get(tables.rosters, conversation);
  const isMember = roster?.members.some(
    ({ user, device }) => device === target.device && user === target.user,
  );
  const isPlanned = intentsOf({ transaction, memory, conversation }).some(
    ({ work }) => work.kind === 'readd' && work.device.device === target.device,
  );
  if (isMember !== true || isPlanned) return row;
  const nowMs = clock.nowMs();
  const waitMs = waitForOthersMs({ isOwn: target.user === memory.profile.user, random });
  await addIntent(
    { transaction, memory },
    { conversation, work: { kind: 'readd', device: target }, addedAtMs: nowMs, notBeforeMs: nowMs + waitMs },
  );
  return row;
}

/** Whoever has come in anew, by whichever way, needs no more help. */
export function dropReadds(applying: Applying, added: readonly DeviceRef[]): void {
  const { transaction, memory, conversation } = applying;
  for (const intent of intentsOf({ transaction, memory, conversation })) {
    const { work } = intent;
    if (work.kind === 'readd' && added.some(({ device }) => device === work.device.device))
      deleteIntent(transaction, intent);
  }
}
