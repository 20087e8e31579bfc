/**
 * What others wrote, made safe to print. A terminal obeys control characters: without this a message
 * could move the cursor and forge a line of somebody else, retitle the window, or answer on the user's
 * keyboard. Characters that reorder text (bidirectional overrides) would let "exe.txt" read as "txt.exe".
 *
 * Such characters are shown as `<U+001B>` instead of being dropped: a reader should see that they were
 * there. Right-to-left letters are untouched; only the invisible commands around them are shown.
 */

/** Everything that is not text: controls but for line feed and tab, and what only steers how text is shown. */
const commands =
  /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\u{FEFF}\u{FFF9}-\u{FFFB}\u{206A}-\u{206F}\u{E0001}\u{E0020}-\u{E007F}]/gu;
const loneSurrogate = /\p{Cs}/gu;
/** A flag such as Scotland's is a black flag, then tag characters, then an end; there they are letters, not commands. */
const subdivisionFlag = /\u{1F3F4}[\u{E0020}-\u{E007E}]+\u{E007F}/gu;
const tabWidth = 4;

/** Several lines stay several lines. */
export function safeText(text: string): string {
  const withoutCarriageReturns = text.replaceAll('\r\n', '\n').replaceAll(loneSurrogate, '\uFFFD');
  let safe = '';
  let end = 0;
  for (const flag of withoutCarriageReturns.matchAll(subdivisionFlag)) {
    safe += neutralised(withoutCarriageReturns.slice(end, flag.index)) + flag[0];
    end = flag.index + flag[0].length;
  }
  return safe + neutralised(withoutCarriageReturns.slice(end));
}

/** For names and everything else that must stay on its line. */
export function safeLine(text: string): string {
  return safeText(text).replaceAll('\n', '⏎');
}

function neutralised(text: string): string {
  return text.replaceAll(commands, (character) => {
    if (character === '\n') return '\n';
    if (character === '\t') return ' '.repeat(tabWidth);
    return `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}

/** JSON on one line, in ASCII-safe form as far as terminals obey: the value is unchanged for whoever parses it. */
export function safeJson(value: unknown): string {
  // Bytes as base64url: JSON would make an object of numbers of them.
  const json = JSON.stringify(value, (_, part: unknown) =>
    part instanceof Uint8Array ? Buffer.from(part).toString('base64url') : part,
  );
  return json.replaceAll(commands, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
