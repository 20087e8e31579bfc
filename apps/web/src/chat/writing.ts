/**
 * What is being written in one conversation: the text, and what it is about. The client keeps it as a draft when the typing
 * rests and when the person leaves, so that no letter costs a write.
 *
 * Invariants (`writing.spec.ts`):
 * - What another tab keeps is shown here too, unless something was typed here that is not kept yet: no letter is taken away.
 * - A text is sent under the id of its draft, and the client drops both or neither. Whoever types on in another tab's draft
 *   begins one of their own. Where two tabs send two states of one draft before they have heard of each other, the client
 *   takes the first: it takes no id twice.
 */
import type { ClientEvents, Clock, ConversationId, Draft, Message, MessageId } from '@cipherchat/client-sdk';
import type { Call } from '../session/session.js';
import { Watched } from '../session/watched.js';
import { Rest } from './rest.js';

/** What it is about, besides a new message. */
export type Topic =
  { readonly kind: 'reply'; readonly to: Message } | { readonly kind: 'edit'; readonly message: Message };

type Written = {
  /** Under which it will be sent; an edit has the id of its message. */
  readonly message: MessageId;
  readonly text: string;
  readonly topic: Topic | null;
};

export type WritingPorts = {
  readonly call: Call;
  readonly clock: Clock;
  readonly newId: () => MessageId;
};

export class Writing {
  readonly state: Watched<Written>;
  /** A new message that was begun before the edit that is shown. */
  private aside: Written | null = null;
  /** What the client holds, as far as is known here. */
  private kept: Draft | null = null;
  /** What is shown came from the client so, perhaps from another tab. */
  private adopted: MessageId | null = null;
  private isUnkept = false;
  /** Counts what was typed and told: what is read meanwhile comes too late. */
  private turn = 0;
  /** Calls that keep something and are not answered. */
  private keeping = 0;
  /** Something was told while more was written here. */
  private missed = false;
  private readonly rest: Rest;

  constructor(
    private readonly ports: WritingPorts,
    private readonly conversation: ConversationId,
  ) {
    this.state = new Watched(this.nothing());
    this.rest = new Rest(ports.clock, () => this.keep());
  }

  /** Shows what the client holds. */
  async open(): Promise<void> {
    const { turn } = this;
    const draft = await this.ports.call('draft', { conversation: this.conversation }).catch(() => null);
    if (draft !== null && turn === this.turn) await this.adopt(draft);
  }

  typed(text: string): void {
    this.write({ ...this.state.read(), text });
  }

  /** Begins an answer or an edit, or ends it without sending. */
  setTopic(topic: Topic | null): void {
    const shown = this.state.read();
    const isEdit = shown.topic?.kind === 'edit';
    if (topic?.kind === 'edit') {
      if (!isEdit) this.aside = shown;
      const { id, body } = topic.message;
      return this.write({ message: id, text: body.kind === 'text' ? body.text : '', topic });
    }
    const { message, text } = isEdit ? this.takeAside() : shown;
    this.write({ message, text, topic });
  }

  /** @throws what the call throws; the text is back then, unless another was begun */
  async send(): Promise<void> {
    const { kept } = this;
    const written = this.state.read();
    // The client holds another draft, which this one came from: it goes with this one.
    if (kept !== null && idOf(kept) !== written.message) this.keep();
    const sent = this.carryOut(written);
    this.kept = null;
    const isEdit = written.topic?.kind === 'edit';
    this.begin(isEdit ? this.takeAside() : this.nothing());
    const next = this.state.read();
    try {
      await sent;
    } catch (error) {
      this.kept ??= kept;
      if (this.state.read() === next) {
        if (isEdit) this.aside = next;
        this.write(written);
      }
      throw error;
    }
    if (!this.missed || this.isUnkept) return;
    this.missed = false;
    await this.open();
  }

  /** Another tab kept something, or the client dropped what is gone. */
  told({ conversation, draft }: ClientEvents['draft']): void {
    if (conversation !== this.conversation) return;
    if (this.isUnkept || this.keeping > 0) {
      this.missed = true;
      if (draft === null) this.beginAnew();
      return;
    }
    this.turn += 1;
    if (draft !== null) return void this.adopt(draft);
    this.kept = null;
    this.begin(this.nothing());
  }

  /** The person goes, or the page does. */
  leave(): void {
    if (this.isUnkept) this.keep();
  }

  /** Another tab sent what was typed on here: the rest is a message of its own, for the client takes no id twice. */
  private beginAnew(): void {
    const shown = this.state.read();
    if (this.kept?.kind !== 'message' || this.kept.message !== shown.message) return;
    this.kept = null;
    this.write({ ...shown, message: this.ports.newId() });
  }

  private nothing(): Written {
    return { message: this.ports.newId(), text: '', topic: null };
  }

  private takeAside(): Written {
    const { aside } = this;
    this.aside = null;
    return aside ?? this.nothing();
  }

  private begin(written: Written): void {
    if (written.text !== '' || written.topic !== null) return this.write(written);
    this.rest.stop();
    this.turn += 1;
    this.isUnkept = false;
    this.state.set(written);
  }

  private write(written: Written): void {
    const isAdopted = written.message === this.adopted && written.topic?.kind !== 'edit';
    this.adopted = null;
    this.turn += 1;
    this.isUnkept = true;
    this.state.set(isAdopted ? { ...written, message: this.ports.newId() } : written);
    this.rest.touched();
  }

  private async adopt(draft: Draft): Promise<void> {
    const { turn } = this;
    const topic = await this.topicOf(draft);
    const isGone = draft.kind === 'edit' && topic === null;
    if (turn !== this.turn || isGone) return;
    this.kept = draft;
    this.adopted = idOf(draft);
    this.state.set({ message: idOf(draft), text: draft.text, topic });
  }

  private async topicOf(draft: Draft): Promise<Topic | null> {
    const about = draft.kind === 'edit' ? draft.target : draft.replyTo;
    if (about === null) return null;
    const asked = { conversation: this.conversation, around: about, limit: 1 };
    const page = await this.ports.call('page', asked).catch(() => null);
    const message = page?.messages[0];
    if (message === undefined) return null;
    return draft.kind === 'edit' ? { kind: 'edit', message } : { kind: 'reply', to: message };
  }

  private keep(): void {
    this.rest.stop();
    const draft = draftOf(this.state.read());
    this.kept = draft;
    this.isUnkept = false;
    this.keeping += 1;
    this.ports
      .call('setDraft', { conversation: this.conversation, draft })
      // Too long, or nothing can be written there: it is here as long as the page is.
      .catch(() => (this.isUnkept = true))
      .finally(() => (this.keeping -= 1));
  }

  private carryOut({ message, text, topic }: Written): Promise<unknown> {
    const { conversation } = this;
    if (topic?.kind === 'edit') return this.ports.call('edit', { conversation, message, text });
    const replyTo = topic === null ? {} : { replyTo: topic.to.id };
    return this.ports.call('send', { conversation, message, text, ...replyTo });
  }
}

function draftOf({ message, text, topic }: Written): Draft | null {
  if (topic?.kind === 'edit') return { kind: 'edit', target: message, text };
  if (text === '' && topic === null) return null;
  return { kind: 'message', message, text, replyTo: topic?.to.id ?? null };
}

function idOf(draft: Draft): MessageId {
  return draft.kind === 'edit' ? draft.target : draft.message;
}
