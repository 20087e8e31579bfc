/** Other people, as the owner of this account arranges them. */
import type { UserId } from '@cipherchat/protocol';
import { compareScanned, markVerified, unmarkVerified, type ScannedCode } from '../keys/account-keys.js';
import type { Runtime } from '../runtime.js';
import { tables } from '../state/tables.js';
import { isBlocked } from './blocks.js';
import { inviteLink } from './invite-link.js';
import { openInvite } from './open-invite.js';
import { hasTokens, linkWithToken, resetTokens, type LinkWithToken } from './own-invites.js';
import { viewPeople, type PersonInfo } from './people.js';
import { setProfile, viewProfile, type Profile } from './profiles.js';

/** Rows of people, known in any way. */
const maxListed = 10_000;

/** Invites and blocks, profiles and verification. */
export class ContactList {
  constructor(private readonly runtime: Runtime) {}

  /**
   * A link by which others find this account, on this server and with this account key: also the text of a QR code.
   * It is no secret, works as often as it is opened, and is the same each time. Who writes by it makes a request.
   */
  inviteLink(): string {
    const { serverUrl, user, accountKey } = this.runtime.memory.profile;
    return inviteLink({ serverUrl, user, accountKey, token: null });
  }

  /**
   * The same link with a secret token in it: who opens it and writes is a contact at once, unless they are blocked, and what
   * else they begin is no request either. Whoever comes to have it is let in, up to 50 people in 30 days, until
   * `resetInviteTokens`; no server sees it. The same for a week, then a new one, while those before work on. Works without a
   * network. Known on this device alone.
   */
  inviteLinkWithToken(): Promise<LinkWithToken> {
    const { steps, memory, ports } = this.runtime;
    return linkWithToken({ steps, memory, clock: ports.clock, random: ports.random });
  }

  /** Whether links with a token, handed out before, let their holders in. */
  hasInviteTokens(): Promise<boolean> {
    const { steps, memory, ports } = this.runtime;
    return hasTokens({ steps, memory, clock: ports.clock });
  }

  /** From now on no link of before lets anybody in: who writes by it makes a request. Whom it has let in stays a contact. */
  resetInviteTokens(): Promise<void> {
    return resetTokens(this.runtime);
  }

  /**
   * Whom a link or a scanned code names; write to them with `direct`. Their account key is kept from it, so that no
   * server can name another one. Where the link has a token, they are shown that this account holds it, encrypted and
   * before what is written to them, and take this account for a contact. Works without a network.
   * @throws InviteRefusedError for a link that is none, of another server, or that contradicts what is known.
   */
  openInvite(link: string): Promise<UserId> {
    return openInvite(this.runtime, link);
  }

  /** People whose conversations are no requests. */
  async list(): Promise<readonly UserId[]> {
    const found = await this.runtime.steps.reader().scan(tables.contacts, { prefix: '', limit: maxListed });
    return found.flatMap(({ row: { user, accepted } }) => (accepted ? [user] : []));
  }

  /** What is known of people, in the order of asking, each also where nothing but the id is. Works without a network. */
  people(users: readonly UserId[]): Promise<readonly PersonInfo[]> {
    return viewPeople(this.runtime, users);
  }

  /** What this account says of itself. */
  get profile(): Profile {
    return viewProfile(this.runtime.memory.ownProfile);
  }

  /**
   * What this account says of itself from now on, encrypted for the members of accepted conversations, and for who joins
   * them. Works without a network.
   * @throws CallRefusedError `text-too-long` (128 bytes of UTF-8), `not-a-picture`
   */
  async setProfile(params: {
    readonly name: string | null;
    /** WebP, PNG, JPEG or AVIF of at most 24 KiB, shown as it is. */
    readonly picture: Uint8Array | null;
  }): Promise<void> {
    const { steps, memory, ports, outbox } = this.runtime;
    await setProfile({ steps, memory, clock: ports.clock }, params);
    outbox.wakeToGive();
  }

  /** The digits of `safetyNumber` were compared with the person: shown as verified while that account key is theirs. @throws SafetyNumberDiffersError */
  markVerified(params: { readonly user: UserId; readonly digits: string }): Promise<void> {
    return markVerified(this.runtime.leafCheck, params);
  }

  unmarkVerified(user: UserId): Promise<void> {
    return unmarkVerified(this.runtime.leafCheck, user);
  }

  /** What a code scanned from a person's screen says (theirs shows the `code` of `safetyNumber`). Changes nothing. @throws NoSuchUserError */
  compareScanned(params: { readonly user: UserId; readonly code: string }): Promise<ScannedCode> {
    return compareScanned(this.runtime.leafCheck, params);
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
