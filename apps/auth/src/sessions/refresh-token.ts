/**
 * A refresh token is `<session id>.<32 random bytes, base64url>`. Only the SHA-256 of the newest one of a
 * session is kept: a device that proves its key with any other has one that was used before.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { bytesToBase64url, isIdText, type SessionId } from '@cipherchat/protocol';
import type { RandomBytes } from '@cipherchat/service-kit';
import { bounds } from '../bounds.js';

export function newRefreshToken(params: {
  readonly session: SessionId;
  readonly random: RandomBytes;
}): string {
  return `${params.session}.${bytesToBase64url(params.random(bounds.refreshTokenBytes))}`;
}

/** The session that a token names; `undefined` for what is no token of ours. */
export function sessionOf(refreshToken: string): SessionId | undefined {
  const [session = '', secret, ...rest] = refreshToken.split('.');
  return isIdText(session) && secret !== undefined && rest.length === 0 ? (session as SessionId) : undefined;
}

/** SHA-256 suffices for secrets of 32 random bytes: there is nothing to guess. */
export function hashOf(token: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(createHash('sha256').update(token, 'utf8').digest());
}

export function isSameHash(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
