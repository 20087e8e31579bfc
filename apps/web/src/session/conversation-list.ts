/** The conversations, newest activity first. */
import type { ConversationId, ConversationInfo } from '@cipherchat/client-sdk';
import type { Call } from './session.js';
import { Watched } from './watched.js';

export class ConversationList {
  /** As far as they were read: those that a list begins with, and then all. */
  readonly all = new Watched<readonly ConversationInfo[]>([]);
  readonly isWhole = new Watched(false);
  /** Of conversations that lost to another: what stands in an address may be one of them. */
  private readonly replacements = new Map<ConversationId, ConversationId>();

  constructor(private readonly call: Call) {}

  async read(): Promise<void> {
    if (!this.isWhole.read()) this.all.set(await this.call('front', undefined));
    this.all.set(await this.call('conversations', undefined));
    this.isWhole.set(true);
  }

  changed(info: ConversationInfo): void {
    const others = this.all.read().filter(({ id }) => id !== info.id);
    const index = others.findIndex(({ lastActivityMs }) => lastActivityMs <= info.lastActivityMs);
    this.all.set(others.toSpliced(index === -1 ? others.length : index, 0, info));
  }

  replaced({ from, to }: { readonly from: ConversationId; readonly to: ConversationId }): void {
    this.replacements.set(from, to);
    this.all.set(this.all.read().filter(({ id }) => id !== from));
  }

  /** The id that a conversation has now. */
  currentId(id: ConversationId): ConversationId {
    const next = this.replacements.get(id);
    return next === undefined ? id : this.currentId(next);
  }

  find(id: ConversationId): ConversationInfo | null {
    return this.all.read().find((info) => info.id === id) ?? null;
  }
}
