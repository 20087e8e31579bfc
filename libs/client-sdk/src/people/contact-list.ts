/** Other people, as the owner of this account arranges them. */
import type { UserId } from '@cipherchat/protocol';
import type { Runtime } from '../runtime.js';
import { inviteLink } from './invite-link.js';
import { openInvite } from './open-invite.js';

/** Invites, and what follows from them. */
export class ContactList {
  constructor(private readonly runtime: Runtime) {}

  /**
   * A link by which others find this account, on this server and with this account key: also the text of a QR code.
   * It is no secret, works as often as it is opened, and is the same each time.
   */
  inviteLink(): string {
    const { serverUrl, user, accountKey } = this.runtime.memory.profile;
    return inviteLink({ serverUrl, user, accountKey });
  }

  /**
   * Whom a link or a scanned code names; write to them with `direct`. Their account key is kept from it, so that no
   * server can name another one. Works without a network.
   * @throws InviteRefusedError for a link that is none, of another server, or that contradicts what is known.
   */
  openInvite(link: string): Promise<UserId> {
    return openInvite(this.runtime, link);
  }
}
