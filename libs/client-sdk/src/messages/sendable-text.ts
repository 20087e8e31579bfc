/** Texts as they can be sent. */
import { maxTextBytes } from '@cipherchat/protocol';
import { CallRefusedError } from '../call-refused.js';

/** The longest text of one message, in bytes of UTF-8; of a reply 18 less. */
export { maxTextBytes };

/** Lone surrogates have no UTF-8: what is shown here is what arrives there. @throws CallRefusedError */
export function sendable(text: string, maxBytes: number): string {
  const wellFormed = text.toWellFormed();
  if (wellFormed.length === 0) throw new CallRefusedError('text-empty');
  if (utf8Length(wellFormed) > maxBytes) throw new CallRefusedError('text-too-long');
  return wellFormed;
}

export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
