/**
 * Invite links: `https://chat.example.org/invite#AXE…`. What names the person stands in the fragment, which browsers
 * send to no server: who invites whom, with which key and which token, is in no log of any web server on the way.
 */
import { decodeInviteCode, encodeInviteCode } from '@cipherchat/crypto';
import { base64urlToBytes, bytesToBase64url, type UserId } from '@cipherchat/protocol';

/** Whom an invite names, where, and by which account key (Ed25519, 32 bytes); and what lets its holder in (16 bytes), or `null`. */
export type InvitedPerson = {
  /** Origin of the deployment, `https://chat.example.org`. */
  readonly serverUrl: string;
  readonly user: UserId;
  readonly accountKey: Uint8Array;
  readonly token: Uint8Array | null;
};

/** What a text turned out to be that was opened or scanned as an invite. */
export type InviteLinkVerdict =
  | ({ readonly kind: 'person' } & InvitedPerson)
  /** Of a newer build. */
  | { readonly kind: 'newer-version' }
  | { readonly kind: 'malformed' };

const invitePath = '/invite';
/** A host name has at most 253 characters, the code 92. */
const maxLinkLength = 400;
const malformed: InviteLinkVerdict = { kind: 'malformed' };

/** The link, also the text of a QR code: some 100 characters. @throws RangeError for a key or token of a wrong length */
export function inviteLink({ serverUrl, user, accountKey, token }: InvitedPerson): string {
  const url = new URL(invitePath, serverUrl);
  url.hash = bytesToBase64url(encodeInviteCode({ person: { user, accountKey }, token }));
  return url.href;
}

/** Takes any text, and throws nothing. Spaces around it are passed over: links are pasted. */
export function readInviteLink(text: string): InviteLinkVerdict {
  const trimmed = text.length > maxLinkLength * 2 ? text : text.trim();
  if (trimmed.length > maxLinkLength || !URL.canParse(trimmed)) return malformed;
  const { protocol, origin, pathname, search, username, password, hash } = new URL(trimmed);
  const isOurs = (protocol === 'https:' || protocol === 'http:') && pathname === invitePath;
  if (!isOurs || search !== '' || username !== '' || password !== '') return malformed;
  const code = bytesOf(hash.slice(1));
  if (code === null) return malformed;
  const verdict = decodeInviteCode(code);
  if (verdict.kind !== 'person') return verdict;
  const { user, accountKey } = verdict.person;
  return { kind: 'person', serverUrl: origin, user: user as UserId, accountKey, token: verdict.token };
}

/** `null` unless it is unpadded base64url in its one spelling. */
function bytesOf(text: string): Uint8Array | null {
  try {
    const bytes = base64urlToBytes(text);
    return bytesToBase64url(bytes) === text ? bytes : null;
  } catch {
    // No base64 at all: there is nothing to tell apart.
    return null;
  }
}
