import {
  NetworkError,
  ProblemError,
  type CipherChat,
  type Conversation,
  type ConversationInfo,
  type UserId,
} from '@cipherchat/client-sdk';
import { CliFailure } from './exit-codes.js';
import { safeLine } from './terminal/safe-text.js';

/** Usernames of people: from the profile where they are known, else from the server, else a piece of the id. */
export class People {
  private readonly names = new Map<UserId, string>();

  constructor(private readonly client: CipherChat) {
    this.names.set(client.self.user, client.self.username);
  }

  /** Looks up who is not known yet. Without a network the rest stays unnamed. */
  async learn(users: readonly UserId[]): Promise<void> {
    const unknown = [...new Set(users)].filter((user) => !this.names.has(user));
    if (unknown.length === 0) return;
    try {
      for (const [user, username] of await this.client.usernames(unknown)) this.names.set(user, username);
    } catch (error) {
      if (!(error instanceof NetworkError || error instanceof ProblemError)) throw error;
    }
  }

  nameOf(user: UserId): string {
    return this.names.get(user) ?? `user-${user.slice(0, 8)}`;
  }

  async nameFor(user: UserId): Promise<string> {
    await this.learn([user]);
    return this.nameOf(user);
  }
}

/** What a conversation is called: `ben`, or `#holiday`. Safe to print. */
export async function titleOf(info: ConversationInfo, people: People): Promise<string> {
  if (info.peer !== null) return safeLine(await people.nameFor(info.peer));
  return `#${info.name === null ? info.id.slice(0, 8) : safeLine(info.name)}`;
}

const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a person means a group: `#name`, or an id. */
export function isGroupName(target: string): boolean {
  return target.startsWith('#') || idPattern.test(target);
}

/**
 * The conversation that a person means: `#name` or an id for a group, anything else is a username (and
 * the 1:1 with it is made when there is none).
 * @throws CliFailure; ProblemError `directory/user-unknown`; NetworkError
 */
export async function findConversation(client: CipherChat, target: string): Promise<Conversation> {
  if (isGroupName(target)) return findGroup(client, target);
  const user = await findPerson(client, target);
  if (user === client.self.user)
    throw new CliFailure('usage', 'that is you', { hint: 'A conversation needs somebody else.' });
  return client.direct(user);
}

/** @throws CliFailure when none, or more than one, has that name */
export function findGroup(client: CipherChat, target: string): Conversation {
  const name = target.replace(/^#/, '');
  const isMeant = (info: ConversationInfo): boolean =>
    info.id === name ||
    (info.kind === 'group' && (info.name === name || info.id.startsWith(name.toLowerCase())));
  const byName = client.conversations().filter((info) => info.kind === 'group' && info.name === name);
  const found =
    byName.length > 0
      ? byName
      : client.conversations().filter((info) => name.length >= minIdPrefix && isMeant(info));
  const [only, ...others] = found;
  if (only === undefined)
    throw new CliFailure('refused', `you are in no group "${safeLine(name)}"`, {
      hint: 'See them with: cipherchat groups list',
    });
  if (others.length > 0) {
    throw new CliFailure('usage', `several groups are called "${safeLine(name)}"`, {
      hint: `Use the id of one: ${found.map(({ id }) => id).join(', ')}`,
    });
  }
  return client.conversation(only.id);
}

const minIdPrefix = 8;

/** A person by username, with or without `@`. Known ones need no network. */
export async function findPerson(client: CipherChat, username: string): Promise<UserId> {
  const name = username.replace(/^@/, '');
  const known = await knownPerson(client, name);
  if (known !== undefined) return known;
  return (await client.findUser(requireUsername(name))).user;
}

export async function findPeople(
  client: CipherChat,
  usernames: readonly string[],
): Promise<readonly UserId[]> {
  const users: UserId[] = [];
  for (const username of usernames) users.push(await findPerson(client, username));
  return users;
}

/** Somebody one has a 1:1 with: so that writing to them works without a network. */
async function knownPerson(client: CipherChat, username: string): Promise<UserId | undefined> {
  if (username === client.self.username) return client.self.user;
  const peers = client.conversations().flatMap(({ peer }) => peer ?? []);
  if (peers.length === 0) return undefined;
  const people = new People(client);
  await people.learn(peers);
  return peers.find((peer) => people.nameOf(peer) === username);
}

const usernamePattern = /^[a-z][a-z0-9._-]{2,31}$/;

/** @throws CliFailure `usage`, saying what a username looks like */
export function requireUsername(username: string): string {
  if (usernamePattern.test(username)) return username;
  throw new CliFailure('usage', `"${safeLine(username)}" cannot be a username`, {
    hint: 'Lower-case letters, digits, ".", "_" and "-"; it begins with a letter and has 3 to 32 characters.',
  });
}
