/**
 * Introductions: how somebody who holds an invite with a token shows it to whom the invite names. What they send, end to end
 * encrypted, is no token but a proof of it (HMAC, RFC 2104, cut to its first half by §5):
 *
 *     HMAC-SHA-256(token, context ‖ host's id ‖ host's account key ‖ guest's id ‖ guest's account key), 16 bytes
 *
 * So who reads the proof (a member, a device, a copy of the conversation) cannot come by it in a name of their own, nor to
 * another host, and learns nothing of the token. Since the account keys are in it, a host to whom the server has named
 * another key for the guest finds a proof that is none.
 *
 * Not protected: who has the token is let in, whoever gave it to them, until the host takes it back.
 */
import { equalBytes } from '@noble/ciphers/utils.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { RandomBytes } from './account-key.js';
import type { Person } from './safety-number.js';
import { idToBytes, joinBytes } from './verify/binary.js';
import { publicKeyBytes } from './verify/ed25519.js';

/** Whose invite it is, what is secret in it, and who shows it. */
export type Introduction = {
  /** 16 bytes. */
  readonly token: Uint8Array;
  readonly host: Person;
  readonly guest: Person;
};

/** 128 bits: nobody guesses it, and a link or QR code stays short. */
export const inviteTokenBytes = 16;
const proofBytes = 16;
const context = new TextEncoder().encode('CipherChat introduction v1\0');

/** 16 bytes. */
export function generateInviteToken(random: RandomBytes): Uint8Array {
  return random(inviteTokenBytes);
}

/** 16 bytes. @throws RangeError for a token or key of a wrong length, or an id that is none */
export function introductionProof({ token, host, guest }: Introduction): Uint8Array {
  if (token.length !== inviteTokenBytes) throw new RangeError('token length');
  return hmac(sha256, token, joinBytes([context, bytesOf(host), bytesOf(guest)])).slice(0, proofBytes);
}

/** Whether a proof, of any length, is that of this token. In constant time: who sends it may measure. */
export function isIntroductionProof({
  proof,
  ...introduction
}: Introduction & { readonly proof: Uint8Array }): boolean {
  return equalBytes(introductionProof(introduction), proof);
}

function bytesOf({ user, accountKey }: Person): Uint8Array {
  if (accountKey.length !== publicKeyBytes) throw new RangeError('account key length');
  return joinBytes([idToBytes(user), accountKey]);
}
