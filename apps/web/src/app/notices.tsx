/** What a person must be told once, in a corner, until they have seen it. */
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useText } from '../catalogue/language-context.js';
import { IconButton } from '../controls/button.js';
import { pathOf } from '../routes.js';
import type { Notice } from '../session/notices.js';
import { useNames, useSession } from '../session/session-context.js';
import { useWatched } from '../session/watched.js';

export function Notices(): ReactNode {
  const t = useText();
  const { notices } = useSession();
  const all = useWatched(notices.all);
  return (
    <div className="notices" role="region" aria-live="polite" aria-label={t.notices.name}>
      {all.map((notice) => (
        <div className="notice" key={notice.id}>
          <NoticeText notice={notice} />
          <IconButton label={t.app.dismiss} onClick={() => notices.dismiss(notice.id)}>
            <X size={18} aria-hidden="true" />
          </IconButton>
        </div>
      ))}
    </div>
  );
}

function NoticeText({ notice: { event } }: { readonly notice: Notice }): ReactNode {
  const t = useText();
  const user = event.type === 'alarm' ? event.data.user : null;
  const nameOf = useNames(user === null ? [] : [user]);
  if (event.type === 'action-failed') {
    return (
      <p>
        {t.notices.failed[event.data.action]} {t.notices.because[event.data.failure]}
      </p>
    );
  }
  if (user === null) return null;
  const isKey = event.data.reason === 'account-key-changed';
  return (
    <p>
      {isKey ? t.notices.keyChanged(nameOf(user)) : t.notices.deviceAlarm(nameOf(user))}{' '}
      <Link href={pathOf('person', { user })}>{t.notices.compare}</Link>
    </p>
  );
}
