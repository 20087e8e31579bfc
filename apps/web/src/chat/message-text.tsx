/** A message's text: letters and links, never anything else. A very long one is opened by whoever wants all of it. */
import { memo, useState, type ReactNode } from 'react';
import { useText } from '../catalogue/language-context.js';
import { linkedParts } from '../text/linked-text.js';
import { cutTo, messageText } from '../text/plain.js';

/** A page of print: more in one bubble hides the conversation. */
const foldedLength = 3_000;
const foldedLines = 40;

export const MessageText = memo(function MessageText({ text }: { readonly text: string }): ReactNode {
  const t = useText();
  const [isOpen, setOpen] = useState(false);
  const whole = messageText(text);
  const folded = fold(whole);
  return (
    <>
      <p className="message-text" dir="auto">
        {linkedParts(isOpen ? whole : folded).map((part, index) =>
          part.kind === 'text' ? (
            part.text
          ) : (
            <a key={index} href={part.href} target="_blank" rel="noopener noreferrer nofollow" dir="ltr">
              {part.text}
            </a>
          ),
        )}
      </p>
      {folded !== whole && (
        <button type="button" className="text-button" onClick={() => setOpen(!isOpen)}>
          {isOpen ? t.chat.showLess : t.chat.showMore}
        </button>
      )}
    </>
  );
});

function fold(text: string): string {
  const lines = text.split('\n', foldedLines + 1);
  const short = lines.length > foldedLines ? `${lines.slice(0, foldedLines).join('\n')}…` : text;
  return cutTo(short, foldedLength);
}
