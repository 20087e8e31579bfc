/** Somebody with the SDK and OpenMLS on a SQLite file, and what they were told. */
import path from 'node:path';
import {
  CipherChat,
  type ConversationId,
  type Message,
  type StopReason,
  type UserId,
} from '@cipherchat/client-sdk';
import { openSqliteStore } from '@cipherchat/client-sdk/sqlite';
import type { RoomView } from './account.js';

/** `writer.number.probe`, then filling. */
const textPattern = /^([a-z][a-z0-9-]*)\.(\d+)\.(\d+) /;
const filling = 'x'.repeat(100);
const pageMessages = 500;
/** Far more than a room of the drill ever has. */
const maxPages = 100;

export type PersonParams = {
  readonly name: string;
  readonly username: string;
  readonly serverUrl: string;
  readonly folder: string;
  /** Something that a client should never meet. */
  readonly complain: (text: string) => void;
  readonly acknowledged: (room: ConversationId, key: string) => void;
};

export class Person {
  private client: CipherChat | null = null;
  private number = 0;
  private stopped: StopReason | null = null;
  private readonly told = new Map<string, number>();
  private readonly probes = new Map<string, number>();

  private constructor(private readonly params: PersonParams) {}

  /** A new account, or the one in the file. */
  static async open(params: PersonParams): Promise<Person> {
    const person = new Person(params);
    await person.open();
    return person;
  }

  get name(): string {
    return this.params.name;
  }

  get isOpen(): boolean {
    return this.client !== null;
  }

  get stopReason(): StopReason | null {
    return this.stopped;
  }

  get user(): UserId {
    return this.sdk.self.user;
  }

  get sdk(): CipherChat {
    if (this.client === null) throw new RangeError(`${this.name} is away`);
    return this.client;
  }

  /** What the SDK keeps of it all. */
  get file(): string {
    return path.join(this.params.folder, `${this.params.username}.db`);
  }

  async open(): Promise<void> {
    const { username, serverUrl, complain } = this.params;
    const store = openSqliteStore({ file: this.file });
    const client = await CipherChat.open({ store }).catch((error: unknown) => {
      if (!(error instanceof Error && error.name === 'NoProfileError')) throw error;
      return CipherChat.register({ store, serverUrl, username });
    });
    this.client = client;
    const wrong = (text: string): void => complain(`${this.name}: ${text}`);
    client.on('fault', ({ during, error }) =>
      wrong(`fault during ${during}: ${error instanceof Error ? error.stack : String(error)}`),
    );
    client.on('alarm', ({ reason }) => wrong(`alarm: ${reason}`));
    client.on('action-failed', ({ action, failure }) => {
      // A key update that was due when they were removed. Who is removed wrongly does not read the next probe.
      if (failure !== 'removed-from-conversation') wrong(`${action} failed: ${failure}`);
    });
    client.on('connection', (state) => {
      if (state.kind === 'stopped' && state.reason !== 'closed') this.stopped = state.reason;
    });
    client.on('message', (message) => this.hear(message));
    client.on('message-changed', (message) => this.changed(message));
  }

  async close(): Promise<void> {
    await this.client?.close();
    this.client = null;
  }

  /** As an app does when its network is back. */
  hurry(): void {
    if (this.client?.connection.kind === 'waiting') this.client.connectNow();
  }

  isIn(room: ConversationId): boolean {
    return (
      this.client !== null &&
      this.client.conversations().some(({ id, phase }) => id === room && phase === 'active')
    );
  }

  async write(room: ConversationId, probe = 0): Promise<void> {
    await this.sdk.conversation(room).send(`${this.name}.${++this.number}.${probe} ${filling}`);
  }

  /** The newest probe of that writer which was shown here. */
  probeOf(room: ConversationId, writer: string): number {
    return this.probes.get(`${room} ${writer}`) ?? 0;
  }

  /** All that is stored. */
  async view(room: ConversationId): Promise<RoomView> {
    const shown: { key: string; text: string }[] = [];
    let [gaps, waiting] = [0, 0];
    for (const message of await this.stored(room)) {
      if (message.body.kind === 'gap') gaps += message.body.count;
      const written = readText(message);
      if (written === null) continue;
      shown.push(written);
      if (message.delivery?.kind === 'queued' || message.delivery?.kind === 'failed') waiting++;
    }
    const toldTwice = [...this.told].filter(([key, times]) => times > 1 && key.startsWith(room));
    return { member: this.name, shown, gaps, toldTwice: toldTwice.map(([key]) => key), waiting };
  }

  private hear(message: Message): void {
    const written = readText(message);
    if (written === null) return;
    const key = `${message.conversation} ${written.key}`;
    this.told.set(key, (this.told.get(key) ?? 0) + 1);
    const { conversation } = message;
    // Older ones come late to those who join anew.
    const newest = Math.max(written.probe, this.probeOf(conversation, written.writer));
    this.probes.set(`${conversation} ${written.writer}`, newest);
  }

  private changed(message: Message): void {
    const written = readText(message);
    const { delivery, seq, conversation } = message;
    if (written?.writer !== this.name || delivery === null || seq === null) return;
    if (delivery.kind !== 'queued' && delivery.kind !== 'failed')
      this.params.acknowledged(conversation, written.key);
  }

  private async stored(room: ConversationId): Promise<readonly Message[]> {
    const conversation = this.sdk.conversation(room);
    let found: Message[] = [];
    for (let pages = 0; pages < maxPages; pages++) {
      const before = found[0]?.place;
      const page = await conversation.messages({
        limit: pageMessages,
        ...(before === undefined ? {} : { before }),
      });
      found = [...page, ...found];
      if (page.length < pageMessages) break;
    }
    return found;
  }
}

function readText({ body }: Message) {
  const found = body.kind === 'text' ? textPattern.exec(body.text) : null;
  if (found === null || body.kind !== 'text') return null;
  const [, writer = '', number = '', probe = ''] = found;
  return { writer, key: `${writer}.${number}`, probe: Number(probe), text: body.text };
}
