/** Invites and blocks. */
import { NetworkError, type CipherChat } from '@cipherchat/client-sdk';
import type { Context } from '../context.js';
import { withClient } from '../open-client.js';
import { findPerson, People } from '../people.js';
import { safeLine } from '../terminal/safe-text.js';

/** Prints the link by which others find this account, key included. */
export async function showInvite(context: Context): Promise<void> {
  await withClient(context, (client) => {
    const link = client.contacts.inviteLink();
    context.output.result({ json: { kind: 'invite-link', link }, text: link });
    return Promise.resolve();
  });
}

/** Takes the key from a link, so that no server can name another one. */
export async function openInvite(context: Context, link: string): Promise<void> {
  await withClient(context, async (client) => {
    const user = await client.contacts.openInvite(link);
    const username = await new People(client).nameFor(user);
    context.output.result({
      json: { kind: 'invite-opened', user, username },
      text: `This is ${safeLine(username)}, and their key is known now. Write to them: cipherchat chat ${safeLine(username)}`,
    });
  });
}

export async function setBlocked(
  context: Context,
  username: string,
  wish: 'blocked' | 'unblocked',
): Promise<void> {
  await withClient(context, async (client) => {
    const user = await findPerson(client, username);
    if (wish === 'blocked') await client.contacts.block(user);
    else await client.contacts.unblock(user);
    const isTold = await toldServer(client);
    if (!isTold)
      context.output.note('The server does not answer: it is told with the next command that reaches it.');
    const text =
      wish === 'blocked'
        ? `Blocked ${safeLine(username)}: you hear nothing of them, and they can begin no conversation with you.`
        : `${safeLine(username)} is blocked no more.`;
    context.output.result({ json: { kind: `contact-${wish}`, user, username, told: isTold }, text });
  });
}

async function toldServer(client: CipherChat): Promise<boolean> {
  try {
    await client.contacts.tellServer();
    return true;
  } catch (error) {
    // It is kept, and told later.
    if (error instanceof NetworkError) return false;
    throw error;
  }
}

/** Lists whom this account has blocked. */
export async function listBlocked(context: Context): Promise<void> {
  await withClient(context, async (client) => {
    const people = new People(client);
    const users = client.contacts.blocked();
    await people.learn(users);
    if (users.length === 0) context.output.note('Nobody is blocked.');
    for (const user of users) {
      const username = people.nameOf(user);
      context.output.result({ json: { kind: 'blocked', user, username }, text: safeLine(username) });
    }
  });
}
