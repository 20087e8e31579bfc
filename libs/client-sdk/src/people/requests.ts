/**
 * What a person decides about a conversation that somebody else began. Each decision is one step, and the same when it is
 * taken twice; what it deletes goes afterwards, in steps of its own, and goes on after a crash.
 */
import type { ConversationId } from '@cipherchat/protocol';
import { CallRefusedError } from '../call-refused.js';
import { putConversation } from '../conversations/conversation-row.js';
import { contactOf, putContact } from '../keys/contacts.js';
import { addIntent, deleteIntent, intentsOf } from '../outbox/intent-table.js';
import { dropDraft } from '../messages/drafts.js';
import type { Clock } from '../ports/clock.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow } from '../state/rows.js';
import type { Steps } from '../state/steps.js';
import { tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { putWish } from './blocks.js';
import { forgetMessages, lastPlace } from './forget-messages.js';
import { acceptRow } from './standing.js';

/** Whether who is declined is blocked as well. */
export type DeclinedPerson = 'block' | 'no-block';

export type RequestPorts = {
  readonly steps: Steps;
  readonly memory: Memory;
  readonly clock: Clock;
  /** Its intents, or what it has to give to its members, may go on. */
  readonly wake: (conversation: ConversationId) => void;
  /** The server has to be told. */
  readonly blocked: () => void;
};

export class Requests {
  constructor(private readonly ports: RequestPorts) {}

  /** @throws CallRefusedError `unknown-conversation`; `not-a-request` of a group that was declined, and so left */
  async accept(conversation: ConversationId): Promise<void> {
    const { steps, memory, wake } = this.ports;
    await steps.run('people/accept', async (transaction) => {
      const row = await knownRow(transaction, conversation);
      if (row.standing === 'declined' && row.kind !== 'direct') throw new CallRefusedError('not-a-request');
      const accepted = await acceptRow({ transaction, memory }, row);
      if (accepted === row) return;
      putConversation(transaction, accepted);
      transaction.after(() => wake(conversation));
    });
  }

  /** @throws CallRefusedError `unknown-conversation`, `not-a-request`; TooManyBlocksError */
  async decline(conversation: ConversationId, person: DeclinedPerson): Promise<void> {
    const { steps, memory } = this.ports;
    await steps.run('people/decline', async (transaction) => {
      const row = await knownRow(transaction, conversation);
      if (row.standing === 'accepted') throw new CallRefusedError('not-a-request');
      if (person === 'block') await this.block(transaction, row);
      if (row.standing === 'declined') return;
      await this.putDeclined(transaction, row);
    });
    await forgetMessages({ steps, memory }, conversation);
  }

  /** What a crash has left of those that were declined. */
  async forgetDeclined(): Promise<void> {
    const { steps, memory } = this.ports;
    const declined = [...memory.conversations.values()].filter(({ forgetThrough }) => forgetThrough !== null);
    for (const { id } of declined) await forgetMessages({ steps, memory }, id);
  }

  private async block(transaction: Transaction, row: ConversationRow): Promise<void> {
    const user = row.peer ?? row.addedBy?.user;
    if (user === undefined) return;
    await putWish({ transaction, memory: this.ports.memory }, { user, wish: 'blocked' });
    transaction.after(this.ports.blocked);
  }

  /**
   * A group is left. Of two people there is one conversation for ever, so that leaving it would leave no way back: there
   * it is only forgotten.
   */
  private async putDeclined(transaction: Transaction, row: ConversationRow): Promise<void> {
    const { memory, clock, wake } = this.ports;
    const isLeft = row.kind !== 'direct' && row.phase !== 'removed';
    const declined: ConversationRow = {
      ...row,
      phase: isLeft ? 'leaving' : row.phase,
      standing: 'declined',
      forgetThrough: (await lastPlace(transaction, row.id)) ?? '',
    };
    putConversation(transaction, declined);
    await dropDraft({ transaction, memory }, row.id);
    if (row.peer !== null) {
      const contact = await contactOf(transaction, row.peer);
      if (contact.accepted) putContact(transaction, contact, { accepted: false });
    }
    if (!isLeft) return;
    for (const intent of intentsOf({ transaction, memory, conversation: row.id }))
      if (intent.state.kind === 'queued') deleteIntent(transaction, intent);
    const work = { kind: 'leave' } as const;
    await addIntent({ transaction, memory }, { conversation: row.id, work, addedAtMs: clock.nowMs() });
    transaction.after(() => wake(row.id));
  }
}

async function knownRow(transaction: Transaction, conversation: ConversationId): Promise<ConversationRow> {
  const row = await transaction.get(tables.conversations, conversation);
  if (row === null) throw new CallRefusedError('unknown-conversation');
  return row;
}
