/** Other people, as the owner of this account arranges them. */
import type { UserId } from '@cipherchat/protocol';
import type { Runtime } from '../runtime.js';
import { isBlocked } from './blocks.js';
import { inviteLink } from './invite-link.js';
import { openInvite } from './open-invite.js';

/** Invites and blocks. */
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

  /** Whom this account has blocked. */
  blocked(): readonly UserId[] {
    const { memory } = this.runtime;
    return [...memory.blocks.keys()].filter((user) => isBlocked(memory, user));
  }

  /**
   * From now on nothing of this person is told: the 1:1 with them is not listed, what they write makes no event, and
   * they see no read mark and no typing. As soon as the server knows it, they can begin no conversation with this
   * account and add it to none; they are told only that it takes none from them. What stands in groups already stays
   * there. Works without a network; holds on all devices of the account.
   * @throws TooManyBlocksError
   */
  async block(user: UserId): Promise<void> {
    await this.runtime.blocks.wish(user, 'blocked');
    this.settle();
  }

  /** Undoes a block. What they wrote meanwhile in a 1:1 or group of before is there. */
  async unblock(user: UserId): Promise<void> {
    await this.runtime.blocks.wish(user, 'unblocked');
    this.settle();
  }

  /** Ends when the server knows all of it. @throws NetworkError, ProblemError when it cannot be told now: it is told later. */
  tellServer(): Promise<void> {
    return this.runtime.blocks.settle();
  }

  /** What cannot be told to the server now is told when the client is live again. */
  private settle(): void {
    const { blocks, inBackground } = this.runtime;
    inBackground('blocks', () => blocks.settle());
  }
}
