/** The piece of a text that shows why it was found: in a line, from shortly before the first match on. */
import type { TextRange } from '@cipherchat/client-sdk';
import { cutTo, inLine } from './plain.js';

/** Two lines on a phone. */
const maxLength = 140;
/** The match stands in the first line, with some words before it. */
const maxBefore = 32;

export type SnippetPart = { readonly kind: 'plain' | 'match'; readonly text: string };

/** `ranges` as the SDK says them: in order, apart from each other. */
export function snippetOf(text: string, ranges: readonly TextRange[]): readonly SnippetPart[] {
  const start = startBefore(text, ranges[0]?.start ?? 0);
  const parts: SnippetPart[] = start === 0 ? [] : [{ kind: 'plain', text: '…' }];
  let room = maxLength;
  const add = (kind: SnippetPart['kind'], raw: string): void => {
    if (raw === '' || room <= 0) return;
    // What is far behind the end is not looked at, however long the text is.
    const near = raw.slice(0, room * 2);
    const line = inLine(near);
    const shown = cutTo(line, room);
    room = near.length < raw.length ? 0 : room - line.length;
    if (shown !== '') parts.push({ kind, text: shown });
  };
  let at = start;
  for (const range of ranges) {
    add('plain', text.slice(at, range.start));
    add('match', text.slice(range.start, range.end));
    at = range.end;
  }
  add('plain', text.slice(at));
  return parts;
}

/** At the beginning of a word, else of a character. */
function startBefore(text: string, match: number): number {
  if (match <= maxBefore) return 0;
  const from = match - maxBefore;
  const space = text.slice(from, match).search(/\s/u);
  if (space !== -1) return from + space + 1;
  const isHalf = /[\udc00-\udfff]/.test(text.charAt(from));
  return isHalf ? from + 1 : from;
}
