import { fromJson } from './fake-bytes.js';
import type { Commit, Message } from './fake-group.js';

/** What all fake engines of a test share: names of epochs, and the evidence. */
export class FakeUniverse {
  private count = 0;
  private readonly sentUnder = new Map<string, string>();
  /** Broken rules, for a test to find none. */
  readonly violations: string[] = [];
  /** Leaf keys, joined, that nobody may let into a group. */
  readonly strangers = new Set<string>();

  fresh(what: string): string {
    return `${what}-${++this.count}`;
  }

  /** Called with every ciphertext that left a device. */
  observe(ciphertext: Uint8Array): void {
    const message = fromJson<Message | Commit>(ciphertext);
    if (message?.type === 'commit' && this.hasStranger(message))
      this.violations.push(`a stranger is given the keys of ${message.next.name}`);
    if (message?.type !== 'message') return;
    const step = `${message.epoch}/${message.sender.device}/${message.generation}`;
    const text = new TextDecoder().decode(ciphertext);
    const known = this.sentUnder.get(step);
    if (known !== undefined && known !== text) this.violations.push(`ratchet step used twice: ${step}`);
    this.sentUnder.set(step, text);
  }

  private hasStranger({ next }: Commit): boolean {
    return this.strangers.size > 0 && next.members.some(({ leafKey }) => this.strangers.has(leafKey.join()));
  }
}
