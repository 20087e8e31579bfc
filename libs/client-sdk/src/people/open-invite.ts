/** Opening an invite: its account key is pinned before any server was asked, so that none can name another one first. */
import type { UserId } from '@cipherchat/protocol';
import { contactOf, putContact } from '../keys/contacts.js';
import { equalBytes } from '../keys/equal-bytes.js';
import type { Memory } from '../state/memory.js';
import type { Steps } from '../state/steps.js';
import { befriend } from './standing.js';
import { readInviteLink } from './invite-link.js';

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
export async function openInvite(
  { steps, memory }: { readonly steps: Steps; readonly memory: Memory },
  link: string,
): Promise<UserId> {
  const invited = readInviteLink(link);
  if (invited.kind !== 'person') throw new InviteRefusedError(invited.kind);
  const { user, accountKey, serverUrl } = invited;
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
  });
  return user;
}
