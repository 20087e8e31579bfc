/** One conversation's messages, read from the client page by page, and kept true by its events. */
import type { ConversationId, Message } from '@cipherchat/client-sdk';
import { emptyWindow, withAdded, withChanged, withOlder, type MessageWindow } from './message-window.js';
import type { Call } from './session.js';
import { Watched } from './watched.js';

const pageMessages = 60;

/** `null` until the first page was read. */
export type HistoryState = MessageWindow | null;

export class History {
  readonly window = new Watched<HistoryState>(null);
  private reading: Promise<void> | null = null;

  constructor(
    private readonly call: Call,
    readonly conversation: ConversationId,
  ) {}

  /** Reads the newest page, unless something is there. */
  open(): void {
    if (this.window.read() === null) void this.readAnew();
  }

  readAnew(): Promise<void> {
    return this.alone(async () => {
      const messages = await this.page({});
      this.window.set(withOlder(emptyWindow, { messages, limit: pageMessages }));
    });
  }

  /** Reads the page before what is there. */
  older(): Promise<void> {
    return this.alone(async () => {
      const window = this.window.read();
      const before = window?.messages[0]?.place;
      if (window === null || before === undefined || !window.hasOlder) return;
      const messages = await this.page({ before });
      this.window.set(withOlder(this.window.read() ?? window, { messages, limit: pageMessages }));
    });
  }

  added(message: Message): void {
    const window = this.window.read();
    if (window !== null) this.window.set(withAdded(window, message));
  }

  changed(message: Message): void {
    const window = this.window.read();
    if (window !== null) this.window.set(withChanged(window, message));
  }

  private page(params: { readonly before?: string }): Promise<readonly Message[]> {
    return this.call('messages', { conversation: this.conversation, limit: pageMessages, ...params });
  }

  /** One page at a time: two of them would not know of each other. */
  private async alone(read: () => Promise<void>): Promise<void> {
    if (this.reading !== null) return this.reading;
    this.reading = read().finally(() => (this.reading = null));
    return this.reading;
  }
}
