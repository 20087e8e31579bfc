/** The histories that were opened in this tab; the last few are kept, so that going back to one is at once. */
import type { ClientEvents, ConversationId, Message } from '@cipherchat/client-sdk';
import { History } from './history.js';
import type { Call } from './session.js';

const maxKept = 8;

export class Histories {
  /** The last used last. */
  private readonly kept = new Map<ConversationId, History>();

  constructor(private readonly call: Call) {}

  of(conversation: ConversationId): History {
    const history = this.kept.get(conversation) ?? new History(this.call, conversation);
    this.kept.delete(conversation);
    this.kept.set(conversation, history);
    for (const id of this.kept.keys()) {
      if (this.kept.size <= maxKept) break;
      this.kept.delete(id);
    }
    return history;
  }

  /** Nothing of it is to be seen any more, in whichever tab that was decided. */
  forget(conversation: ConversationId): void {
    this.kept.delete(conversation);
  }

  added(message: Message): void {
    this.kept.get(message.conversation)?.added(message);
  }

  changed(message: Message): void {
    this.kept.get(message.conversation)?.changed(message);
  }

  removed({ conversation, message }: ClientEvents['message-removed']): void {
    this.kept.get(conversation)?.removed(message);
  }

  /** What was told while no host served is not known here. */
  readAnew(): void {
    for (const history of this.kept.values()) void history.readAnew();
  }

  /** The messages of the one stand in the other now. */
  replaced({ from, to }: { readonly from: ConversationId; readonly to: ConversationId }): void {
    this.kept.delete(from);
    void this.kept.get(to)?.readAnew();
  }
}
