/** Invites and blocks. */
import { NetworkError, type CipherChat } from '@cipherchat/client-sdk';
import type { Context } from '../context.js';
import { withClient } from '../open-client.js';
import { findPerson, People } from '../people.js';
import { safeLine } from '../terminal/safe-text.js';
import { readStandardInput } from '../terminal/standard-input.js';

export type InviteOptions = { readonly withToken?: boolean };

/** Prints the link by which others find this account, key included; with a token, who opens it is let in at once. */
export async function showInvite(context: Context, options: InviteOptions): Promise<void> {
  await withClient(context, async (client) => {
    const { contacts } = client;
    if (options.withToken !== true) {
      const link = contacts.inviteLink();
      context.output.result({ json: { kind: 'invite-link', link, token: null }, text: link });
      return;
    }
    const { link, usesLeft, endsAtMs } = await contacts.inviteLinkWithToken();
    const ends = new Date(endsAtMs);
    const token = { usesLeft, endsAt: ends.toISOString() };
    context.output.result({ json: { kind: 'invite-link', link, token }, text: link });
    context.output.note(
      `Whoever has it and writes is your contact at once: ${usesLeft} people, until ${ends.toLocaleDateString()}. Take it back: cipherchat contacts reset-links`,
    );
  });
}

/** Links with a token that were handed out before let nobody in any more. */
export async function resetInvites(context: Context): Promise<void> {
  await withClient(context, async (client) => {
    await client.contacts.resetInviteTokens();
    context.output.result({
      json: { kind: 'invite-links-reset' },
      text: 'Reset. Who opens a link that you gave away before has to be accepted by you.',
    });
  });
}

/** Takes the key from a link, so that no server can name another one. An argument stays in the history of the shell; what is typed in does not. */
export async function openInvite(context: Context, given: string | undefined): Promise<void> {
  const link = given ?? (await readStandardInput(context, 'the link'));
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
