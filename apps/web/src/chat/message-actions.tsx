/** What can be done with a message. Beside it with a mouse, behind a button everywhere. */
import { Ellipsis } from 'lucide-react';
import { useId, useLayoutEffect, useRef, useState, type FocusEvent, type ReactNode } from 'react';
import type { Message } from '@cipherchat/client-sdk';
import { useText } from '../catalogue/language-context.js';
import { IconButton } from '../controls/button.js';
import { Confirm } from '../controls/dialog.js';
import { useSession } from '../session/session-context.js';
import { MessageDetails } from './message-details.js';
import type { Topic } from './writing.js';

const quickEmoji = ['👍', '❤️', '😂', '😮', '😢', '🙏', '🎉', '👀'];

export function MessageActions({
  message,
  isOpen,
  onOpen,
  onClose,
  onTopic,
}: {
  readonly message: Message;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
  readonly onClose: () => void;
  readonly onTopic: (topic: Topic) => void;
}): ReactNode {
  const t = useText();
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const actions = useRef<HTMLDivElement>(null);
  const wasOpen = useRef(false);
  // When the menu is gone, and a dialog of it too, which lets nobody else have the focus.
  useLayoutEffect(() => {
    if (wasOpen.current && !isOpen && document.activeElement === document.body) button.current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  const left = ({ relatedTarget }: FocusEvent): void => {
    if (isOpen && relatedTarget instanceof Node && !actions.current?.contains(relatedTarget)) onClose();
  };
  return (
    <div ref={actions} className={`message-actions ${isOpen ? 'open' : ''}`} onBlur={left}>
      <IconButton
        ref={button}
        label={t.chat.actions}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={isOpen ? onClose : onOpen}
      >
        <Ellipsis size={18} aria-hidden="true" />
      </IconButton>
      {isOpen && (
        <MenuPane id={id} onClose={onClose}>
          <Menu message={message} onDone={onClose} onTopic={onTopic} />
        </MenuPane>
      )}
    </div>
  );
}

/** Below its button, or above it where the history ends. */
function MenuPane({
  id,
  onClose,
  children,
}: {
  readonly id: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}): ReactNode {
  const t = useText();
  const pane = useRef<HTMLDivElement>(null);
  const [{ side, roomPx, leftPx }, setPlace] = useState<MenuPlace>(unplaced);
  useLayoutEffect(() => {
    const place = (): void => {
      if (pane.current !== null) setPlace(placeOf(pane.current));
    };
    place();
    pane.current?.querySelector('button')?.focus({ preventScroll: true });
    // A phone that is turned has its room elsewhere.
    addEventListener('resize', place);
    return () => removeEventListener('resize', place);
  }, []);
  // A press anywhere else is meant for what is there, and closes it.
  useLayoutEffect(() => {
    const pressed = ({ target }: PointerEvent): void => {
      if (target instanceof Node && pane.current?.parentElement?.contains(target) === false) onClose();
    };
    document.addEventListener('pointerdown', pressed);
    return () => document.removeEventListener('pointerdown', pressed);
  });
  return (
    <div
      ref={pane}
      className={`message-menu ${side}`}
      style={roomPx === null ? undefined : { maxBlockSize: roomPx, left: leftPx }}
      id={id}
      role="group"
      aria-label={t.chat.actions}
      onKeyDown={({ key }) => key === 'Escape' && onClose()}
    >
      {children}
    </div>
  );
}

type MenuPlace = {
  readonly side: 'below' | 'above';
  readonly roomPx: number | null;
  /** From the button's left, in either direction of writing. */
  readonly leftPx: number;
};

const unplaced: MenuPlace = { side: 'below', roomPx: null, leftPx: 0 };
const toTheSidePx = 8;

/**
 * Above where it does not fit below and there is more room; what still does not fit is scrolled. Away from the message,
 * as far as the history reaches.
 */
function placeOf(pane: HTMLElement): MenuPlace {
  const history = pane.closest('.history')?.getBoundingClientRect();
  const button = pane.parentElement?.getBoundingClientRect();
  const bubble = pane.closest('article')?.querySelector('.bubble')?.getBoundingClientRect();
  if (history === undefined || button === undefined || bubble === undefined) return unplaced;
  const { width, height } = pane.getBoundingClientRect();
  const wantedPx = bubble.left < button.left ? button.left : button.right - width;
  const farthestPx = history.right - toTheSidePx - width;
  const leftPx = Math.max(history.left + toTheSidePx, Math.min(wantedPx, farthestPx)) - button.left;
  const below = history.bottom - button.bottom;
  const above = button.top - history.top;
  const isAbove = height > below && above > below;
  return { side: isAbove ? 'above' : 'below', roomPx: isAbove ? above : below, leftPx };
}

function Menu({
  message,
  onDone,
  onTopic,
}: {
  readonly message: Message;
  readonly onDone: () => void;
  readonly onTopic: (topic: Topic) => void;
}): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [isDeleting, setDeleting] = useState(false);
  const [isLooking, setLooking] = useState(false);
  const { conversation, id, body, own } = message;
  if (body.kind !== 'text') return null;
  const { text } = body;
  const doing = (action: () => unknown) => () => {
    action();
    onDone();
  };
  const isInLog = message.seq !== null;
  // Nobody else has it: what can be done with it stands below it.
  const isFailed = message.delivery?.kind === 'failed';
  if (isFailed)
    return (
      <MenuButton onClick={doing(() => void navigator.clipboard.writeText(text))}>
        {t.chat.copyText}
      </MenuButton>
    );
  return (
    <>
      <div className="quick-reactions">
        {quickEmoji.map((emoji) => (
          <button
            key={emoji}
            type="button"
            aria-label={t.chat.reactWith(emoji)}
            onClick={doing(() => void call('react', { conversation, message: id, emoji }))}
          >
            {emoji}
          </button>
        ))}
      </div>
      <MenuButton onClick={doing(() => onTopic({ kind: 'reply', to: message }))}>{t.chat.reply}</MenuButton>
      <MenuButton onClick={doing(() => void navigator.clipboard.writeText(text))}>
        {t.chat.copyText}
      </MenuButton>
      {own && isInLog && (
        <MenuButton onClick={doing(() => onTopic({ kind: 'edit', message }))}>{t.chat.edit}</MenuButton>
      )}
      {own && isInLog && <MenuButton onClick={() => setLooking(true)}>{t.chat.details}</MenuButton>}
      {own && <MenuButton onClick={() => setDeleting(true)}>{t.chat.delete}</MenuButton>}
      {isLooking && <MessageDetails message={message} onClose={onDone} />}
      {isDeleting && (
        <Confirm
          question={t.chat.deleteSure}
          action={t.chat.delete}
          onConfirm={() => void call('delete', { conversation, message: id })}
          onClose={onDone}
        />
      )}
    </>
  );
}

function MenuButton({
  onClick,
  children,
}: {
  readonly onClick: () => void;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <button type="button" className="menu-button" onClick={onClick}>
      {children}
    </button>
  );
}
