import type { CipherChat, ClientEvents, Conversation, UserId } from '@cipherchat/client-sdk';
import type { Context } from '../context.js';
import { CliFailure } from '../exit-codes.js';
import { withClient } from '../open-client.js';
import { findGroup, findPeople, People, titleOf } from '../people.js';
import { failureText } from '../terminal/message-text.js';
import { safeLine } from '../terminal/safe-text.js';
import { waitUntil } from '../waiting.js';
import { conversations } from './conversations.js';

/** Adding a hundred people is one commit; catching up before it may take longer. */
const actionTimeoutMs = 60_000;

export async function createGroup(
  context: Context,
  name: string,
  usernames: readonly string[],
): Promise<void> {
  await withClient(context, async (client) => {
    const users = await findPeople(client, usernames);
    const group = await client.group({ users, name });
    await carriedOut({
      context,
      client,
      group,
      isDone: () => group.info.phase === 'active' && nothingMissing(group, users),
    });
    await tellGroup(context, client, group, 'created');
  });
}

export async function addToGroup(
  context: Context,
  target: string,
  usernames: readonly string[],
): Promise<void> {
  await withClient(context, async (client) => {
    const group = findGroup(client, target);
    const users = await findPeople(client, usernames);
    await group.add(users);
    await carriedOut({ context, client, group, isDone: () => nothingMissing(group, users) });
    await tellGroup(context, client, group, 'changed');
  });
}

export async function removeFromGroup(
  context: Context,
  target: string,
  usernames: readonly string[],
): Promise<void> {
  await withClient(context, async (client) => {
    const group = findGroup(client, target);
    const users = await findPeople(client, usernames);
    await group.remove(users);
    const isDone = async (): Promise<boolean> => {
      const left = await membersOf(group);
      return users.every((user) => !left.has(user));
    };
    await carriedOut({ context, client, group, isDone });
    await tellGroup(context, client, group, 'changed');
  });
}

export async function leaveGroup(context: Context, target: string): Promise<void> {
  await withClient(context, async (client) => {
    const group = findGroup(client, target);
    const title = await titleOf(group.info, new People(client));
    await group.leave();
    await carriedOut({
      context,
      client,
      group,
      // 'leaving' says only that this device wants to; the server's answer makes it 'removed'.
      isDone: () => group.info.phase === 'removed',
    });
    context.output.result({
      json: { kind: 'left', conversation: group.id, title },
      text: `You have left ${title}.`,
    });
  });
}

export async function renameGroup(context: Context, target: string, name: string): Promise<void> {
  await withClient(context, async (client) => {
    const group = findGroup(client, target);
    await group.rename(name);
    const isSent = async (): Promise<boolean> => {
      const last = (await group.messages({ limit: 50 })).findLast(
        ({ own, body }) => own && body.kind === 'group-profile',
      );
      return last !== undefined && last.delivery?.kind !== 'queued';
    };
    await carriedOut({ context, client, group, isDone: isSent });
    await tellGroup(context, client, group, 'changed');
  });
}

export async function listGroups(context: Context): Promise<void> {
  await conversations(context, ({ kind }) => kind === 'group');
}

export async function groupMembers(context: Context, target: string): Promise<void> {
  await withClient(context, async (client) => {
    const group = findGroup(client, target);
    const people = new People(client);
    const members = await group.members();
    await people.learn(members.map(({ user }) => user));
    for (const user of new Set(members.map((member) => member.user))) {
      const devices = members.filter((member) => member.user === user);
      const name = people.nameOf(user);
      const doubt = devices.find(({ check }) => check !== 'genuine')?.check;
      context.output.result({
        json: {
          kind: 'member',
          user,
          username: name,
          devices: devices.map(({ device, check }) => ({ device, check })),
        },
        text: `${safeLine(name).padEnd(24)} ${devices.length === 1 ? '1 device' : `${devices.length} devices`}${doubt === undefined ? '' : `  (keys: ${doubt})`}`,
      });
    }
  });
}

async function membersOf(group: Conversation): Promise<ReadonlySet<UserId>> {
  return new Set((await group.members()).map(({ user }) => user));
}

async function nothingMissing(group: Conversation, users: readonly UserId[]): Promise<boolean> {
  const members = await membersOf(group);
  return users.every((user) => members.has(user));
}

/** Waits until the group has changed as asked; it has when the server stored the commit and this device merged it. */
async function carriedOut(params: {
  readonly context: Context;
  readonly client: CipherChat;
  readonly group: Conversation;
  readonly isDone: () => boolean | Promise<boolean>;
}): Promise<void> {
  const { context, client, group, isDone } = params;
  let failed: ClientEvents['action-failed'] | undefined;
  const stop = client.on('action-failed', (event) => {
    if (event.conversation === group.id) failed = event;
  });
  const isOver = async (): Promise<boolean> => failed !== undefined || (await isDone());
  try {
    const over = await waitUntil({
      client,
      isSo: isOver,
      timeoutMs: actionTimeoutMs,
      interrupted: context.interrupted,
    });
    if (failed !== undefined)
      throw new CliFailure('refused', `the group was not changed: ${failureText(failed.failure)}`);
    if (!over)
      throw new CliFailure('unreachable', 'the server did not answer in time', {
        hint: 'The change is kept in this profile and made when it connects: cipherchat listen',
      });
  } finally {
    stop();
  }
}

async function tellGroup(
  context: Context,
  client: CipherChat,
  group: Conversation,
  what: 'created' | 'changed',
): Promise<void> {
  const people = new People(client);
  const users = [...(await membersOf(group))];
  await people.learn(users);
  const names = users.map((user) => people.nameOf(user)).sort();
  const title = await titleOf(group.info, people);
  context.output.result({
    json: { kind: 'group', conversation: group.id, title, members: names, what },
    text: `${title}: ${names.map(safeLine).join(', ')}  ${context.output.styled('dim', group.id)}`,
  });
}
