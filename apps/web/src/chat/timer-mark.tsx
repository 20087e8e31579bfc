/** A small clock where messages disappear. */
import { Timer } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { ConversationInfo } from '@cipherchat/client-sdk';
import { useLanguage } from '../catalogue/language-context.js';
import { pathOf } from '../routes.js';

/** Beside a message, in words for screen readers. */
export function TimerMark({ disappearAfterS }: { readonly disappearAfterS: number }): ReactNode {
  const { t, duration } = useLanguage();
  const label = t.disappearing.mark(duration(disappearAfterS));
  return (
    <span className="mark" role="img" aria-label={label} title={label}>
      <Timer size={14} aria-hidden="true" />
    </span>
  );
}

/** In the bar of a conversation; it leads to where the time is set. */
export function TimerLink({ info }: { readonly info: ConversationInfo }): ReactNode {
  const { t, duration } = useLanguage();
  if (info.disappearAfterS === null) return null;
  const label = t.disappearing.inForce(duration(info.disappearAfterS));
  return (
    <Link
      className="icon-button"
      href={pathOf('details', { conversation: info.id })}
      aria-label={label}
      title={label}
    >
      <Timer size={20} aria-hidden="true" />
    </Link>
  );
}
