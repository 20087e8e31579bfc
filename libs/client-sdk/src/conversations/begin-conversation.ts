/** A conversation that this person begins: stored with the wish to make it, which waits where there is no connection. */
import { idFromRandom, type ConversationId, type UserId } from '@cipherchat/protocol';
import { addIntent } from '../outbox/intent-table.js';
import { introduce } from '../people/introduce.js';
import { acceptRow } from '../people/standing.js';
import type { Runtime } from '../runtime.js';
import type { Memory } from '../state/memory.js';
import { newConversationRow, putConversation } from './conversation-row.js';

/** `id`: the caller's, or a new one. */
export type WantedConversation = {
  readonly kind: 'direct' | 'group';
  readonly users: readonly UserId[];
  readonly peer: UserId | null;
  readonly id?: ConversationId;
};

/** The one there is, with this person or of this id, or a new one. */
export async function beginConversation(
  { steps, memory, outbox, ports }: Runtime,
  params: WantedConversation,
): Promise<ConversationId> {
  const { id = idFromRandom<ConversationId>(ports.random) } = params;
  const nowMs = ports.clock.nowMs();
  return steps.run('outbox/add-intent', async (transaction) => {
    // Looked for inside the step: it may be asked for twice at once.
    const known = memory.conversations.has(id) ? id : null;
    const existing = params.peer === null ? known : directWith(memory, params.peer);
    if (existing !== null) return existing;
    const row = newConversationRow({
      id,
      kind: params.kind,
      phase: 'creating',
      standing: 'accepted',
      peer: params.peer,
      suite: memory.profile.suite,
      nowMs,
    });
    putConversation(transaction, await acceptRow({ transaction, memory }, row));
    await addIntent(
      { transaction, memory },
      { conversation: id, work: { kind: 'create', users: params.users }, addedAtMs: nowMs },
    );
    const { random } = ports;
    if (params.peer !== null)
      await introduce({ transaction, memory }, { conversation: id, user: params.peer, random, nowMs });
    transaction.after(() => outbox.wake(id));
    return id;
  });
}

/** The 1:1 with this person that this device is a member of. */
export function directWith({ conversations }: Memory, user: UserId): ConversationId | null {
  const existing = [...conversations.values()].find(
    ({ kind, peer, replacedBy, phase }) =>
      kind === 'direct' && peer === user && replacedBy === null && phase !== 'removed',
  );
  return existing?.id ?? null;
}
