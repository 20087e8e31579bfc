/** Somebody without a browser: a client of the SDK in this process. What they send goes the way of all messages. */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CipherChat,
  createMemoryStore,
  type Conversation,
  type ConversationInfo,
  type DeliveryState,
  type UserId,
} from '@cipherchat/client-sdk';
import { expect } from '@playwright/test';
import type { Person } from '../person.js';

const pollMs = 100;
/** Ten thousand messages, on a machine that is busy with other things. */
const maxWaitMs = 240_000;

/** How far messages have come. */
type Stage = Extract<DeliveryState['kind'], 'sent' | 'delivered'>;

export class Correspondent {
  private constructor(readonly client: CipherChat) {}

  static async arrive(params: { readonly origin: string; readonly name: string }): Promise<Correspondent> {
    const username = `${params.name}.${randomBytes(4).toString('hex')}`;
    const client = await CipherChat.register({
      store: createMemoryStore(),
      serverUrl: params.origin,
      username,
    });
    return new Correspondent(client);
  }

  get username(): string {
    return this.client.self.username;
  }

  /** Writes first, and is answered: from then on what this one begins is no request. */
  async acquaint(person: Person): Promise<Conversation> {
    const conversation = await this.client.direct(await this.userOf(person));
    await conversation.send('Hello!');
    await person.acceptRequest();
    await expect(person.message('Hello!')).toHaveCount(1);
    return conversation;
  }

  /** New groups with one other person, and a message in each. */
  async makeGroups(person: Person, count: number): Promise<void> {
    const user = await this.userOf(person);
    for (let number = 1; number <= count; number++) {
      const group = await this.client.group({ users: [user], name: `Group ${number}` });
      await group.send(`Welcome to group ${number}.`);
    }
  }

  /** Until all that this one wrote has come so far, in all conversations. */
  async untilAll(stage: Stage): Promise<void> {
    const deadline = performance.now() + maxWaitMs;
    while (!this.client.conversations().every((info) => hasCome(info, stage))) {
      if (performance.now() > deadline) throw new Error(`what ${this.username} wrote is not all ${stage}`);
      await pause(pollMs);
    }
  }

  /** Where this one is connected, once it is. */
  async gateway(): Promise<string> {
    await expect.poll(() => this.client.connection.kind).toBe('live');
    const { connection } = this.client;
    return connection.kind === 'live' ? connection.gateway : '';
  }

  leave(): Promise<void> {
    return this.client.close();
  }

  private async userOf({ username }: Person): Promise<UserId> {
    return (await this.client.findUser(username)).user;
  }
}

function hasCome({ lastMessage }: ConversationInfo, stage: Stage): boolean {
  if (lastMessage === null) return false;
  // What the other wrote came from there.
  if (lastMessage.delivery === null) return true;
  switch (lastMessage.delivery.kind) {
    case 'queued':
      return false;
    case 'sent':
      return stage === 'sent';
    case 'delivered':
    case 'read':
      return true;
    case 'failed':
      throw new Error(`a message failed: ${JSON.stringify(lastMessage.delivery.failure)}`);
  }
}
