/** Whether somebody is there, where both share it: as a word, and as a dot beside their picture. */
import type { ReactNode } from 'react';
import type { PersonPresence } from '@cipherchat/client-sdk';
import { useLanguage } from '../catalogue/language-context.js';
import './people.css';

export function PresenceText({ presence }: { readonly presence: PersonPresence | null }): ReactNode {
  const { t, dayName } = useLanguage();
  if (presence === null) return null;
  return (
    <span className="presence one-line">
      {presence.kind === 'here' ? t.person.here : t.person.lastSeen(dayName(presence.hourMs, Date.now()))}
    </span>
  );
}

/** Beside a picture: who is not there has none. */
export function PresenceDot({ presence }: { readonly presence: PersonPresence | null }): ReactNode {
  const { t } = useLanguage();
  if (presence?.kind !== 'here') return null;
  return <span className="presence-dot" role="img" aria-label={t.person.here} title={t.person.here} />;
}
