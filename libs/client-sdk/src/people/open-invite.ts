/** Opening an invite: its account key is pinned before any server was asked, so that none can name another one first. */
import type { UserId } from '@cipherchat/protocol';
import { directWith } from '../conversations/begin-conversation.js';
import { contactOf, putContact } from '../keys/contacts.js';
import { equalBytes } from '../keys/equal-bytes.js';
import type { Runtime } from '../runtime.js';
import { tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { introduce, keepIntroduction } from './introduce.js';
import { readInviteLink } from './invite-link.js';
import { befriend } from './standing.js';

/** Why an invite was not taken; nothing was changed. */
export type InviteRefusal =
  | 'malformed'
  /** Of a newer build than this. */
  | 'newer-version'
  /** Of a person on another server than ours. */
  | 'other-server'
  /** Our own. */
  | 'own'
  /** We know that person by another account key: their safety number tells which is right. */
  | 'key-differs';

/** An invite was not taken; `reason` says why. */
export class InviteRefusedError extends Error {
  override readonly name = 'InviteRefusedError';
  constructor(readonly reason: InviteRefusal) {
    super(`the invite was not taken: ${reason}`);
  }
}

/** @throws InviteRefusedError */
export async function openInvite(runtime: Runtime, link: string): Promise<UserId> {
  const invited = readInviteLink(link);
  if (invited.kind !== 'person') throw new InviteRefusedError(invited.kind);
  const { user, accountKey, serverUrl } = invited;
  const { steps, memory } = runtime;
  const { profile } = memory;
  if (serverUrl !== new URL(profile.serverUrl).origin) throw new InviteRefusedError('other-server');
  if (user === profile.user) throw new InviteRefusedError('own');
  await steps.run('people/open-invite', async (transaction) => {
    const contact = await contactOf(transaction, user);
    // A link may have passed through anybody's hands: it never takes the place of a key that is known.
    if (contact.pin !== null && !equalBytes(contact.pin, accountKey))
      throw new InviteRefusedError('key-differs');
    if (contact.pin === null) putContact(transaction, contact, { pin: accountKey });
    // Who opens it wants to hear from who made it.
    await befriend({ transaction, memory }, { user, within: null });
    await keepIntroduction({ transaction, memory }, invited);
    await introduceAtOnce(runtime, transaction, user);
  });
  return user;
}

/** In the 1:1 that there is; else it begins with that. */
async function introduceAtOnce(
  { memory, ports, outbox }: Runtime,
  transaction: Transaction,
  user: UserId,
): Promise<void> {
  const id = directWith(memory, user);
  const row = id === null ? null : await transaction.get(tables.conversations, id);
  if (row?.standing !== 'accepted') return;
  const params = { conversation: row.id, user, random: ports.random, nowMs: ports.clock.nowMs() };
  if (await introduce({ transaction, memory }, params)) transaction.after(() => outbox.wake(row.id));
}
