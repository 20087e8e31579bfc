/** One conversation as applications use it. */
import {
  idFromRandom,
  maxContentBodyBytes,
  maxGroupNameBytes,
  maxReplyTextBytes,
  type ContentBody,
  type ConversationId,
  type MessageId,
  type UserId,
} from '@cipherchat/protocol';
import { putConversation, viewConversation } from './conversations/conversation-row.js';
import { addMessage, findMessage, viewMessage } from './messages/message-table.js';
import { addIntent, maxIntents } from './outbox/intent-table.js';
import { intentKey, type IntentWork } from './outbox/intents.js';
import type { Runtime } from './runtime.js';
import { placeOfPending } from './state/places.js';
import type { ConversationRow, MessageRow } from './state/rows.js';
import { keyOf, only, tables } from './state/tables.js';
import type { ConversationInfo, Member, Message } from './views.js';

/** Why a call was refused at once. What fails later stands on the message, or is told as `action-failed`. */
export class CallRefusedError extends Error {
  override readonly name = 'CallRefusedError';
  constructor(
    readonly reason:
      | 'text-too-long' // more than `maxTextBytes` of UTF-8
      | 'text-empty'
      | 'unknown-message' // no such message is on this device
      | 'not-a-member' // this device is no longer in the conversation
      | 'unknown-conversation'
      | 'too-many-waiting', // 10,000 things wait for a connection
  ) {
    super(`refused: ${reason}`);
  }
}

/** The longest text of one message, in bytes of UTF-8; of a reply 18 less. */
export const maxTextBytes = maxContentBodyBytes;

const maxPageMessages = 500;

/** A handle: cheap, holds no state of its own, and stays right when the conversation is replaced by another. */
export class Conversation {
  constructor(
    private readonly runtime: Runtime,
    private readonly firstId: ConversationId,
  ) {}

  /** Its id now: of two simultaneous creations of a 1:1 the loser's handle follows the winner. */
  get id(): ConversationId {
    let id = this.firstId;
    for (;;) {
      const next = this.runtime.memory.conversations.get(id)?.replacedBy ?? null;
      if (next === null) return id;
      id = next;
    }
  }

  /** What is known of it. @throws CallRefusedError `unknown-conversation` */
  get info(): ConversationInfo {
    return viewConversation(this.row());
  }

  /**
   * Sends a text. Resolves when it is stored here, with the message as it stands in the conversation; the server may be
   * anywhere. How far it came is told by `message-changed`.
   * @param params.replyTo a message that it answers.
   * @param params.message its id, by default a new one. Called again with the same id it is the same message: for callers
   * that may not have heard the answer.
   * @throws CallRefusedError `text-too-long`, `text-empty`, `unknown-message`, `not-a-member`, `too-many-waiting`
   */
  async send(
    text: string,
    params: { readonly replyTo?: MessageId; readonly message?: MessageId } = {},
  ): Promise<Message> {
    const { replyTo, message } = params;
    // Lone surrogates have no UTF-8: what is shown here is what arrives there.
    const wellFormed = text.toWellFormed();
    if (wellFormed.length === 0) throw new CallRefusedError('text-empty');
    const maxBytes = replyTo === undefined ? maxTextBytes : maxReplyTextBytes;
    if (utf8Length(wellFormed) > maxBytes) throw new CallRefusedError('text-too-long');
    const body = { kind: 'text', text: wellFormed, ...(replyTo === undefined ? {} : { replyTo }) } as const;
    return this.sendBody(body, message);
  }

  /** Names the conversation for all members, encrypted. @throws CallRefusedError as `send`; a name has at most 256 bytes. */
  async rename(name: string): Promise<void> {
    const wellFormed = name.toWellFormed();
    if (utf8Length(wellFormed) > maxGroupNameBytes) throw new CallRefusedError('text-too-long');
    await this.sendBody({ kind: 'group-profile', name: wellFormed });
  }

  /** Adds people with all their devices. @throws CallRefusedError */
  add(users: readonly UserId[]): Promise<void> {
    return this.want({ kind: 'add', users });
  }

  /** Removes people with all their devices. @throws CallRefusedError */
  remove(users: readonly UserId[]): Promise<void> {
    return this.want({ kind: 'remove', users });
  }

  /** Leaves: the server refuses this account's devices at once, the others remove them. @throws CallRefusedError */
  leave(): Promise<void> {
    return this.want({ kind: 'leave' });
  }

  /**
   * Messages in order, oldest first: the last `limit` (50 by default, at most 500) before the place `before`, or the newest.
   */
  async messages(
    params: { readonly before?: string; readonly limit?: number } = {},
  ): Promise<readonly Message[]> {
    const row = this.row();
    const limit = Math.min(params.limit ?? 50, maxPageMessages);
    const after = params.before === undefined ? undefined : keyOf.message(row.id, params.before);
    const found = await this.runtime.steps.reader().scan(tables.messages, {
      prefix: keyOf.groupPrefix(row.id),
      limit,
      order: 'descending',
      ...(after === undefined ? {} : { after }),
    });
    const view = { profile: this.runtime.memory.profile, conversation: row };
    return found.map((item) => viewMessage(item.row, view)).reverse();
  }

  /** Devices in the group, and whether each was found to belong to whom it names. */
  async members(): Promise<readonly Member[]> {
    const roster = await this.runtime.steps.reader().get(tables.rosters, this.id);
    return (roster?.members ?? []).map(({ user, device, check }) => ({ user, device, check }));
  }

  /** Who has this message, and who has seen it, by user: of other members only. */
  async receipts(message: Pick<Message, 'seq'>): Promise<ReadonlyMap<UserId, 'sent' | 'delivered' | 'read'>> {
    const reader = this.runtime.steps.reader();
    const roster = await reader.get(tables.rosters, this.id);
    const rows = await reader.scan(tables.receipts, {
      prefix: keyOf.groupPrefix(this.id),
      limit: maxPageMessages * 2,
    });
    const seq = message.seq ?? Infinity;
    const others = new Set(
      (roster?.members ?? [])
        .map(({ user }) => user)
        .filter((user) => user !== this.runtime.memory.profile.user),
    );
    const stateOf = (user: UserId): 'sent' | 'delivered' | 'read' => {
      const own = rows.map((item) => item.row).filter((receipt) => receipt.user === user);
      if (own.some(({ readSeq }) => readSeq >= seq)) return 'read';
      return own.some(({ deliveredSeq }) => deliveredSeq >= seq) ? 'delivered' : 'sent';
    };
    return new Map([...others].map((user) => [user, stateOf(user)]));
  }

  /** The person has seen everything that is here now. Others are told, unless that is switched off. */
  markRead(): Promise<void> {
    return this.runtime.signals.markRead(this.id, this.row().cursorSeq);
  }

  /** Tells members that the person is typing, or stopped; lost when there is no connection. */
  setTyping(active: boolean): void {
    this.runtime.signals.sendTyping(this.id, active);
  }

  private row(): ConversationRow {
    const row = this.runtime.memory.conversations.get(this.id);
    if (row === undefined) throw new CallRefusedError('unknown-conversation');
    return row;
  }

  private async sendBody(body: ContentBody, id?: MessageId): Promise<Message> {
    const { steps, memory, outbox, ports } = this.runtime;
    const message = id ?? idFromRandom<MessageId>(ports.random);
    const nowMs = ports.clock.nowMs();
    return steps.run('outbox/add-intent', async (transaction) => {
      const row = await this.writableRow(transaction);
      const sent =
        id === undefined ? null : await findMessage({ transaction, conversation: row.id, message });
      if (sent !== null) return viewMessage(sent, { profile: memory.profile, conversation: row });
      if (body.kind === 'text' && body.replyTo !== undefined)
        await answerable({ transaction, conversation: row.id, message: body.replyTo });
      const device = (await transaction.get(tables.device, only)) ?? memory.device;
      const pending: MessageRow = {
        message,
        conversation: row.id,
        place: placeOfPending(Number(intentKey(device.nextIntentOrder))),
        seq: null,
        atMs: nowMs,
        sender: { user: memory.profile.user, device: memory.profile.device },
        body,
        state: { kind: 'queued' },
      };
      await addIntent(
        { transaction, memory },
        { conversation: row.id, work: { kind: 'message', message, body }, addedAtMs: nowMs },
      );
      const next: ConversationRow = {
        ...row,
        name: body.kind === 'group-profile' ? body.name : row.name,
        lastActivityMs: nowMs,
      };
      const view = { profile: memory.profile, conversation: next };
      addMessage({ transaction, row: pending, view });
      putConversation(transaction, next);
      transaction.after(() => outbox.wake(row.id));
      return viewMessage(pending, view);
    });
  }

  private async want(work: IntentWork): Promise<void> {
    const { steps, memory, outbox, ports } = this.runtime;
    await steps.run('outbox/add-intent', async (transaction) => {
      const row = await this.writableRow(transaction);
      await addIntent(
        { transaction, memory },
        { conversation: row.id, work, addedAtMs: ports.clock.nowMs() },
      );
      if (work.kind === 'leave') putConversation(transaction, { ...row, phase: 'leaving' });
      transaction.after(() => outbox.wake(row.id));
    });
  }

  /** Decided inside the step: the conversation may have been replaced, or left, while the call waited its turn. */
  private async writableRow(
    transaction: Parameters<Parameters<Runtime['steps']['run']>[1]>[0],
  ): Promise<ConversationRow> {
    const row = await transaction.get(tables.conversations, this.id);
    if (row === null) throw new CallRefusedError('unknown-conversation');
    if (row.phase === 'removed' || row.phase === 'leaving') throw new CallRefusedError('not-a-member');
    if (this.runtime.memory.intents.size >= maxIntents) throw new CallRefusedError('too-many-waiting');
    return row;
  }
}

/** @throws CallRefusedError `unknown-message`: it is not here, or is a mark and nobody's message. */
async function answerable(params: Parameters<typeof findMessage>[0]): Promise<void> {
  const found = await findMessage(params);
  if (found === null || found.body.kind === 'gap' || found.body.kind === 'membership')
    throw new CallRefusedError('unknown-message');
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
