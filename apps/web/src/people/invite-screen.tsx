/** An invite link that was opened: whom it names stands behind the `#`, and goes to no server. */
import { useEffect, useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { Screen } from '../app/screen.js';
import { useText } from '../catalogue/language-context.js';
import { pathOf } from '../routes.js';
import { useSession } from '../session/session-context.js';
import { useWatched } from '../session/watched.js';
import { openedLink } from './opened-link.js';
import { faultOf } from './people-faults.js';

export function InviteScreen(): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [, navigate] = useLocation();
  const link = useWatched(openedLink);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    if (link === null) return;
    const open = async (): Promise<void> => {
      const user = await call('openInvite', { link });
      // The person first, not the conversation: who sent the link should be looked at before anything is sent.
      navigate(pathOf('person', { user }), { replace: true });
    };
    open()
      .catch((error: unknown) => setFault(faultOf(error, t)))
      // Another one may have come meanwhile.
      .finally(() => openedLink.read() === link && openedLink.set(null));
  }, [call, link, navigate, t]);
  return (
    <Screen title={t.invite.title}>
      {link !== null ? (
        <p role="status" className="soft">
          {t.invite.openIn}
        </p>
      ) : (
        <p role="status" className="fault">
          {fault ?? t.invite.gone}
        </p>
      )}
    </Screen>
  );
}
