/** The rows that a client keeps of other people. */
import type { UserId } from '@cipherchat/protocol';

/** Somebody who is blocked, or was and the server has yet to be told. */
export type BlockRow = {
  readonly user: UserId;
  readonly wish: 'blocked' | 'unblocked';
  /** The server's generation in which it was told; `null` when it was not. */
  readonly toldIn: number | null;
};

/** What we hold of an account: the first key we saw is pinned, versions only grow. */
export type ContactRow = {
  readonly user: UserId;
  readonly username: string | null;
  /** The account key seen first. Only a person's choice replaces it. */
  readonly pin: Uint8Array | null;
  /** The highest manifest ever seen under the pinned key. */
  readonly manifest: Uint8Array | null;
  /** A manifest of another account key, until the person has said which is right; it blocks sending. */
  readonly offered: Uint8Array | null;
  /** The server once gave something that contradicts what we hold; it was not taken over. */
  readonly alarm: ContactAlarm | null;
  /** Whether this person wants to hear from them: what they begin, or add this account to, is no request. */
  readonly accepted: boolean;
  /** The account key with which this person compared safety numbers. It counts while it is the pinned one. */
  readonly verified: Uint8Array | null;
  /** The proof that this person came by an invite of theirs with a token, until they were sent it. */
  readonly introduction: Uint8Array | null;
};
export type ContactAlarm = 'account-key-changed' | 'forked' | 'other-user' | 'invalid';

/** Tokens of this account's invite links, newest first; see `people/invite-tokens.ts`. */
export type InvitesRow = { readonly tokens: readonly InviteTokenRow[] };
export type InviteTokenRow = {
  /** 16 bytes. */
  readonly token: Uint8Array;
  /** In the time that messages count, which does not go back. */
  readonly madeAtMs: number;
  /** How many people it still lets in. */
  readonly usesLeft: number;
};

/** What a person says of themselves, this account's own among them; empty where they say nothing. */
export type PersonProfileRow = {
  readonly user: UserId;
  /** The highest counts. */
  readonly revision: number;
  readonly presence: 'kept' | 'shared';
  readonly name: string;
  readonly picture: Uint8Array;
};
