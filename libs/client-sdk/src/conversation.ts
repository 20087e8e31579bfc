/** One conversation as applications use it. */
import {
  isDisappearAfter,
  isReactionEmoji,
  maxGroupNameBytes,
  maxReferringTextBytes,
  type ConversationId,
  type EffectBody,
  type MessageId,
  type UserId,
} from '@cipherchat/protocol';
import { CallRefusedError } from './call-refused.js';
import { viewConversation } from './conversations/conversation-row.js';
import { wantChange } from './conversations/want-change.js';
import { keepDraft, readDraft } from './messages/drafts.js';
import { viewMessage } from './messages/message-table.js';
import { lookUp, readPage, shownBefore, type PageQuery } from './messages/pages.js';
import { maxTextBytes, sendable, utf8Length } from './messages/sendable-text.js';
import { summaryOf } from './messages/summaries.js';
import { whoHas } from './messages/who-has.js';
import { writeEffect, writeMessage } from './messages/write-message.js';
import { discardMessage, retryMessage } from './outbox/failed-messages.js';
import type { Runtime } from './runtime.js';
import type { Draft } from './state/draft-row.js';
import type { ConversationRow } from './state/rows.js';
import { tables } from './state/tables.js';
import type { ConversationInfo, FoundMessage, Member, Message, MessagePage } from './views.js';

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
    return viewConversation(this.row(), this.runtime.memory);
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
    const maxBytes = replyTo === undefined ? maxTextBytes : maxReferringTextBytes;
    const body = { kind: 'text' as const, text: sendable(text, maxBytes) };
    return writeMessage(this.runtime, this, {
      body: replyTo === undefined ? body : { ...body, replyTo },
      id: message ?? null,
    });
  }

  /**
   * Reacts to a message, with one emoji; as often as one likes with others. Shown at once, sent like a message.
   * @throws CallRefusedError `not-an-emoji`, `too-many-reactions`, `unknown-message`, `message-deleted`, and as `send`
   */
  react(message: MessageId, emoji: string): Promise<void> {
    return this.changeReaction({ kind: 'reaction', target: message, change: 'set', emoji });
  }

  /** Takes a reaction back. @throws CallRefusedError as `react` */
  unreact(message: MessageId, emoji: string): Promise<void> {
    return this.changeReaction({ kind: 'reaction', target: message, change: 'taken-back', emoji });
  }

  /**
   * Another text for a message of one's own. Who has the message sees that it was edited, and when.
   * @throws CallRefusedError `not-own-text`, `text-too-long`, `text-empty`, `unknown-message`, `message-deleted`, and as `send`
   */
  async edit(message: MessageId, text: string): Promise<void> {
    await writeEffect(this.runtime, this, {
      kind: 'edit',
      target: message,
      text: sendable(text, maxReferringTextBytes),
    });
  }

  /**
   * Deletes a message of one's own: its text goes from this device at once and for good, and from those of the others
   * when they get to know. What somebody has read, kept or copied is theirs.
   * @throws CallRefusedError `not-own-text`, `unknown-message`, and as `send`
   */
  delete(message: MessageId): Promise<void> {
    return writeEffect(this.runtime, this, { kind: 'deletion', target: message });
  }

  /**
   * Sends a message anew that failed, behind all that waits; nothing where it did not fail. Who has it already does not see
   * it twice. @throws CallRefusedError `unknown-message`, `message-deleted`, and as `send`
   */
  retry(message: MessageId): Promise<void> {
    return retryMessage(this.runtime, this, message);
  }

  /**
   * Gives a message up that failed: it goes from here, told as `message-removed`. Nothing where it did not fail; what had
   * been sent before the server was restored stays. @throws CallRefusedError `unknown-message`, `unknown-conversation`
   */
  discard(message: MessageId): Promise<void> {
    return discardMessage(this.runtime, this, message);
  }

  /** Names the conversation for all members, encrypted. @throws CallRefusedError as `send`; a name has at most 256 bytes. */
  async rename(name: string): Promise<void> {
    const wellFormed = name.toWellFormed();
    if (utf8Length(wellFormed) > maxGroupNameBytes) throw new CallRefusedError('text-too-long');
    await writeMessage(this.runtime, this, { body: { kind: 'group-profile', name: wellFormed }, id: null });
  }

  /**
   * How long what anybody here writes from now on stays, in seconds from 1 to a year, or `null`: for good. All members see
   * who set it; what was written before stays as long as was said then. The time of a message begins for who sent it when
   * the server has it, for the others when they have read it. It keeps nobody from copying what they see.
   * @throws CallRefusedError `not-a-duration`, and as `send`
   */
  async setTimer(disappearAfterS: number | null): Promise<void> {
    if (disappearAfterS !== null && !isDisappearAfter(disappearAfterS))
      throw new CallRefusedError('not-a-duration');
    if (this.info.disappearAfterS === disappearAfterS) return;
    await writeMessage(this.runtime, this, {
      body: { kind: 'timer', change: 'set', disappearAfterS },
      id: null,
    });
  }

  /** Adds people with all their devices. @throws CallRefusedError */
  add(users: readonly UserId[]): Promise<void> {
    return wantChange(this.runtime, this, { kind: 'add', users });
  }

  /** Removes people with all their devices. @throws CallRefusedError */
  remove(users: readonly UserId[]): Promise<void> {
    return wantChange(this.runtime, this, { kind: 'remove', users });
  }

  /** Leaves: the server refuses this account's devices at once, the others remove them. Nothing where that is done. @throws CallRefusedError */
  async leave(): Promise<void> {
    const { phase } = this.row();
    if (phase !== 'leaving' && phase !== 'removed') await wantChange(this.runtime, this, { kind: 'leave' });
  }

  /**
   * Messages in order, oldest first: the last `limit` (50 by default, at most 500) before the place `before`, or the newest.
   */
  async messages(
    params: { readonly before?: string; readonly limit?: number } = {},
  ): Promise<readonly Message[]> {
    const row = this.row();
    const { steps, memory } = this.runtime;
    const limit = pageLimit(params.limit);
    const rows = await shownBefore(steps.reader(), {
      conversation: row.id,
      limit,
      ...(params.before === undefined ? {} : { before: params.before }),
    });
    const view = { profile: memory.profile, conversation: row };
    return rows.map((found) => viewMessage(found, view));
  }

  /**
   * Messages before a place, after a place, or around a message (an answer's target, a find, the first unread), 50 by
   * default and at most 500. Places stay where they are while messages arrive; one that waits to be sent gets another
   * when it is sent, which `message-changed` tells. It costs the same in a conversation of any length.
   * @throws CallRefusedError `unknown-message` when what it is to be around is not on this device
   */
  async page(query: Partial<PageQuery> = {}): Promise<MessagePage> {
    const { memory, steps } = this.runtime;
    const { id: conversation } = this.row();
    const limit = pageLimit(query.limit);
    const page = await steps.read((reader) => readPage(reader, { ...query, limit, conversation }));
    const view = { profile: memory.profile, conversation: this.row() };
    const messages = page.rows.map((found) => viewMessage(found, view));
    return { messages, hasOlder: page.hasOlder, hasNewer: page.hasNewer };
  }

  /** One message: what an answer answers, which may stand far from it, be over, or never have come. */
  message(id: MessageId): Promise<FoundMessage> {
    const { memory, steps } = this.runtime;
    const row = this.row();
    const view = { profile: memory.profile, conversation: row };
    return steps.read((transaction) => lookUp({ transaction, conversation: row.id, message: id, view }));
  }

  /** Devices in the group, and whether each was found to belong to whom it names. */
  async members(): Promise<readonly Member[]> {
    const roster = await this.runtime.steps.reader().get(tables.rosters, this.id);
    return (roster?.members ?? []).map(({ user, device, check }) => ({ user, device, check }));
  }

  /**
   * Who has this message, and who has seen it: of the others who were members then and are now. That it is another is told
   * by `receipts`. @throws CallRefusedError `unknown-message`
   */
  receipts(message: MessageId): Promise<ReadonlyMap<UserId, 'sent' | 'delivered' | 'read'>> {
    const { steps, memory } = this.runtime;
    const about = { conversation: this.id, self: memory.profile.user, message };
    return steps.read((reader) => whoHas(reader, about));
  }

  /**
   * The person has seen everything up to this message, or all that is here now. It stays so through restarts. Others are
   * told, unless that is switched off.
   */
  async markRead(params: { readonly upTo?: MessageId } = {}): Promise<void> {
    const { upTo } = params;
    await this.runtime.signals.markRead(
      this.row().id,
      upTo === undefined ? { kind: 'all' } : { kind: 'message', message: upTo },
    );
  }

  /** Whether this device calls the person for what is written here. @throws CallRefusedError `unknown-conversation` */
  async setNotify(notify: ConversationInfo['notify']): Promise<void> {
    const { steps, memory } = this.runtime;
    const { id } = this.row();
    await steps.run('conversation/set-notify', (transaction) => {
      const summary = summaryOf({ transaction, memory }, id);
      if (summary.notify !== notify) transaction.put(tables.summaries, id, { ...summary, notify });
    });
  }

  /** What the person has begun to write here. @throws CallRefusedError `unknown-conversation` */
  draft(): Promise<Draft | null> {
    return this.runtime.steps.read((reader) => readDraft(reader, this.row().id));
  }

  /**
   * Keeps what the person has begun to write, `null` for nothing; told as `draft`. It goes by itself when its message is
   * sent (`send` with its id) or its edit made, and is not taken when that is done already. A text of four times what can be
   * sent is kept, a longer one refused. @throws CallRefusedError `text-too-long`, `not-a-member`, `unknown-conversation`
   */
  setDraft(draft: Draft | null): Promise<void> {
    return keepDraft(this.runtime, this, draft);
  }

  /** Tells members that the person is typing, or stopped; lost when there is no connection. */
  setTyping(active: boolean): void {
    this.runtime.signals.sendTyping(this.id, active);
  }

  private async changeReaction(body: Extract<EffectBody, { readonly kind: 'reaction' }>): Promise<void> {
    if (!isReactionEmoji(body.emoji)) throw new CallRefusedError('not-an-emoji');
    await writeEffect(this.runtime, this, body);
  }

  private row(): ConversationRow {
    const row = this.runtime.memory.conversations.get(this.id);
    if (row === undefined) throw new CallRefusedError('unknown-conversation');
    return row;
  }
}

function pageLimit(asked = 50): number {
  return Math.max(1, Math.min(Math.trunc(asked), maxPageMessages));
}
