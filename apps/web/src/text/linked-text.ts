/**
 * Links in a message. A link goes where it says: what is shown is the address itself, its host in the spelling that the
 * network uses, and only `http` and `https` are links at all.
 */
import { LinkifyIt } from 'linkify-it';

export type TextPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly href: string; readonly text: string };

/** A message with more is text from there on: each link is an element. */
const maxLinks = 100;
/** Longer than any address that works. */
const maxLinkLength = 2_048;
/** Anything in it that reorders or hides text makes it no link. */
const deceiving = /[\p{Cf}\p{Cc}\p{Zl}\p{Zp}]/u;

const linkify = new LinkifyIt({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false })
  .add('ftp:', null)
  .add('//', null)
  .add('mailto:', null);

/** The text in parts, which put together are the text again, but for hosts in their network spelling. */
export function linkedParts(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const { index, lastIndex, raw } of (linkify.match(text) ?? []).slice(0, maxLinks)) {
    const link = linkOf(raw);
    if (link === null) continue;
    if (index > end) parts.push({ kind: 'text', text: text.slice(end, index) });
    parts.push(link);
    end = lastIndex;
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) });
  return parts;
}

function linkOf(raw: string): TextPart | null {
  if (raw.length > maxLinkLength || deceiving.test(raw) || !URL.canParse(raw)) return null;
  const { protocol, username, password, href, host } = new URL(raw);
  // `https://bank.example@evil.example` reads as the bank.
  if ((protocol !== 'https:' && protocol !== 'http:') || username !== '' || password !== '') return null;
  return { kind: 'link', href, text: shownAs(raw, host) };
}

/** Letters of other scripts can look like ours: then the host is shown as `xn--…`. */
function shownAs(raw: string, host: string): string {
  return raw.replace(/^(https?:\/\/)([^/?#]*)/i, (_match, scheme: string) => `${scheme}${host}`);
}
