/** Where it is typed what to look for. */
import { X } from 'lucide-react';
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { useText } from '../catalogue/language-context.js';
import { IconButton } from '../controls/button.js';
import { useSession } from '../session/session-context.js';
import { firstResult } from './result-keys.js';

const maxLength = 256;

export function SearchField({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const t = useText();
  const { search } = useSession();
  const field = useRef<HTMLInputElement>(null);
  // What was typed before is typed over, or gone on with.
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const clear = (): void => {
    search.type('');
    field.current?.focus();
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape' && text !== '') return clear();
    if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
    const first = firstResult(event.currentTarget);
    if (first === null) return;
    event.preventDefault();
    if (event.key === 'Enter') first.click();
    else first.focus();
  };
  return (
    <div className="search-field">
      <input
        ref={field}
        // Not of type "search": its own button to clear has no name.
        type="text"
        inputMode="search"
        enterKeyHint="search"
        aria-label={label}
        placeholder={label}
        value={text}
        maxLength={maxLength}
        dir="auto"
        autoComplete="off"
        autoCapitalize="none"
        // Some browsers ask a server how a word is spelled.
        spellCheck={false}
        onChange={({ currentTarget }) => search.type(currentTarget.value)}
        onKeyDown={pressed}
      />
      {text !== '' && (
        <IconButton label={t.search.clear} onClick={clear}>
          <X size={18} aria-hidden="true" />
        </IconButton>
      )}
    </div>
  );
}
