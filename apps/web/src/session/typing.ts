/** Who is typing where. The client says when somebody stops, or went silent. */
import type { ClientEvents, ConversationId, Message, UserId } from '@cipherchat/client-sdk';
import { Watched } from './watched.js';

export type TypingPeople = ReadonlyMap<ConversationId, readonly UserId[]>;

export class Typing {
  readonly people = new Watched<TypingPeople>(new Map());

  told({ conversation, user, typing }: ClientEvents['typing']): void {
    const others = (this.people.read().get(conversation) ?? []).filter((other) => other !== user);
    this.put(conversation, typing ? [...others, user] : others);
  }

  /** What was typed has come. */
  wrote({ conversation, sender }: Message): void {
    if (sender === null || this.people.read().get(conversation) === undefined) return;
    const { user } = sender;
    this.put(
      conversation,
      (this.people.read().get(conversation) ?? []).filter((other) => other !== user),
    );
  }

  private put(conversation: ConversationId, users: readonly UserId[]): void {
    const people = new Map(this.people.read());
    if (users.length === 0) people.delete(conversation);
    else people.set(conversation, users);
    this.people.set(people);
  }
}
