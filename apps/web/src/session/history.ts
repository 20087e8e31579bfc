/** One conversation's messages, read from the client page by page, and kept true by its events. */
import type { ConversationId, Message, MessageId } from '@cipherchat/client-sdk';
import {
  withAdded,
  withChanged,
  withNewer,
  withOlder,
  withEmptied,
  withoutMessages,
  withRoomAbove,
  withRoomBelow,
  type MessageWindow,
} from './message-window.js';
import type { Call } from './session.js';
import { Watched } from './watched.js';

const pageMessages = 60;

/** `null` until the first page was read. */
export type HistoryState = MessageWindow | null;

/** A message that somebody wants to see: another one each time, so that going there twice is seen as twice. */
export type HistoryTarget = { readonly message: MessageId };

export class History {
  readonly window = new Watched<HistoryState>(null);
  /** What the history is to show, until `arrived`. */
  readonly target = new Watched<HistoryTarget | null>(null);
  /** Removed while somebody looks on: drawn going at first, and then a line without height. */
  readonly gone = new Watched<ReadonlyMap<MessageId, 'leaving' | 'left'>>(new Map());
  private onlookers = 0;
  private reading: Promise<void> | null = null;

  constructor(
    private readonly call: Call,
    readonly conversation: ConversationId,
  ) {}

  /** Reads the newest page, or the one around the first unread message, unless something is there. */
  open(firstUnread: MessageId | null): void {
    if (this.window.read() !== null) return;
    if (firstUnread === null) void this.newest();
    else void this.around(firstUnread);
  }

  newest(): Promise<void> {
    return this.alone(async () => this.window.set(await this.page({})));
  }

  /** Reads what stands around a message; the newest page when it is not here any more. */
  around(message: MessageId): Promise<void> {
    return this.alone(async () => {
      const page = await this.page({ around: message }).catch(() => this.page({}));
      this.window.set(page);
    });
  }

  /**
   * Shows one message among those around it, on the screen or as soon as the conversation is opened: `gone` when it is not
   * on this device any more, and then what is shown stays.
   */
  async goTo(message: MessageId): Promise<'shown' | 'gone'> {
    const target: HistoryTarget = { message };
    this.target.set(target);
    while (this.reading !== null) await this.reading;
    if (!this.holds(message)) await this.readAround(message);
    if (this.holds(message)) return 'shown';
    this.arrived(target);
    return 'gone';
  }

  /** The message was seen. */
  arrived(target: HistoryTarget): void {
    if (this.target.read() === target) this.target.set(null);
  }

  /** Reads the page before what is there. */
  older(): Promise<void> {
    return this.alone(async () => {
      const window = this.window.read();
      const before = window?.messages[0]?.place;
      if (window === null || before === undefined || !window.hasOlder) return;
      this.window.set(withRoomAbove(window, pageMessages));
      const page = await this.page({ before });
      this.window.set(withOlder(this.window.read() ?? window, page));
    });
  }

  /** Reads the page behind what is there. */
  newer(): Promise<void> {
    return this.alone(async () => {
      const window = this.window.read();
      const after = window?.messages.at(-1)?.place;
      if (window === null || after === undefined || !window.hasNewer) return;
      this.window.set(withRoomBelow(window, pageMessages));
      const page = await this.page({ after });
      this.window.set(withNewer(this.window.read() ?? window, page));
    });
  }

  /** What was told meanwhile is not known here: the same stretch again, or the newest. */
  readAnew(): Promise<void> {
    const window = this.window.read();
    const last = window?.messages.at(-1);
    return window?.hasNewer === true && last !== undefined ? this.around(last.id) : this.newest();
  }

  added(message: Message): void {
    const window = this.window.read();
    if (window !== null) this.window.set(withAdded(window, message));
  }

  changed(message: Message): void {
    const window = this.window.read();
    if (window !== null) this.window.set(withChanged(window, message));
  }

  /** From now on what is removed is drawn going, until `left`; until the end of this, which is returned. */
  watch(): () => void {
    this.onlookers += 1;
    return () => {
      this.onlookers -= 1;
      if (this.onlookers > 0) return;
      this.drop(this.gone.read());
      this.gone.set(new Map());
    };
  }

  /** Its time is over, or it was given up. */
  removed(message: MessageId): void {
    if (!this.holds(message)) return;
    if (this.onlookers === 0) return this.drop(new Set([message]));
    this.gone.set(new Map(this.gone.read()).set(message, 'leaving'));
  }

  /** They were drawn going. */
  left(messages: readonly MessageId[]): void {
    const gone = new Map(this.gone.read());
    const leaving = new Set(messages.filter((message) => gone.get(message) === 'leaving'));
    for (const message of leaving) gone.set(message, 'left');
    const window = this.window.read();
    if (leaving.size === 0 || window === null) return;
    this.window.set(withEmptied(window, leaving));
    this.gone.set(gone);
  }

  private drop(gone: Pick<ReadonlySet<MessageId>, 'has' | 'size'>): void {
    const window = this.window.read();
    if (window !== null && gone.size > 0) this.window.set(withoutMessages(window, gone));
  }

  private holds(message: MessageId): boolean {
    if (this.gone.read().has(message)) return false;
    return this.window.read()?.messages.some(({ id }) => id === message) === true;
  }

  private readAround(message: MessageId): Promise<void> {
    return this.alone(async () => {
      const page = await this.page({ around: message }).catch(() => null);
      this.window.set(page ?? this.window.read() ?? (await this.page({})));
    });
  }

  private page(params: {
    readonly before?: string;
    readonly after?: string;
    readonly around?: MessageId;
  }): Promise<MessageWindow> {
    return this.call('page', { conversation: this.conversation, limit: pageMessages, ...params });
  }

  /** One page at a time: two of them would not know of each other. */
  private async alone(read: () => Promise<void>): Promise<void> {
    if (this.reading !== null) return this.reading;
    this.reading = read().finally(() => (this.reading = null));
    return this.reading;
  }
}
