/** Conversations that somebody began who is no contact: to be accepted or declined. */
import type { CipherChat, Conversation } from '@cipherchat/client-sdk';
import type { Context } from '../context.js';
import { CliFailure } from '../exit-codes.js';
import { withClient } from '../open-client.js';
import { findGroup, findPerson, People, titleOf } from '../people.js';
import { safeLine } from '../terminal/safe-text.js';

export type DeclineOptions = { readonly block?: boolean };

export async function requests(context: Context): Promise<void> {
  await withClient(context, async (client) => {
    const people = new People(client);
    const found = client.conversations().filter(({ standing }) => standing === 'request');
    if (found.length === 0) context.output.note('Nobody asks.');
    for (const info of found) {
      const title = await titleOf(info, people);
      const by = info.addedBy === null ? null : await people.nameFor(info.addedBy);
      const from = by === null || info.kind === 'direct' ? '' : `  from ${safeLine(by)}`;
      context.output.result({
        json: {
          kind: 'request',
          conversation: info.id,
          type: info.kind,
          title,
          from: by,
          unread: info.unreadCount,
        },
        text: `${title.padEnd(24)} ${info.unreadCount} unread${from}`,
      });
    }
  });
}

export async function acceptRequest(context: Context, target: string): Promise<void> {
  await withClient(context, async (client) => {
    const { id } = await findRequest(client, target);
    await client.accept(id);
    context.output.result({ json: { kind: 'request-accepted', conversation: id }, text: 'Accepted.' });
  });
}

export async function declineRequest(
  context: Context,
  target: string,
  options: DeclineOptions,
): Promise<void> {
  await withClient(context, async (client) => {
    const { id } = await findRequest(client, target);
    await client.decline({ conversation: id, block: options.block === true ? 'block' : 'no-block' });
    context.output.result({
      json: { kind: 'request-declined', conversation: id, blocked: options.block === true },
      text: options.block === true ? 'Declined, and blocked.' : 'Declined: nothing of it is kept here.',
    });
  });
}

/** By what is there: nobody is written to because somebody mistyped a name. */
async function findRequest(client: CipherChat, target: string): Promise<Conversation> {
  if (target.startsWith('#')) return findGroup(client, target);
  const user = await findPerson(client, target);
  const found = client.conversations().find(({ peer }) => peer === user);
  if (found !== undefined) return client.conversation(found.id);
  throw new CliFailure('refused', `${safeLine(target)} has not written to you`, {
    hint: 'See who has: cipherchat requests',
  });
}
