/** At the top of the list: a newer build, or the offer to install the app. */
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useText } from '../catalogue/language-context.js';
import { Button, IconButton } from '../controls/button.js';
import { useWatched } from '../session/watched.js';
import { install, installOffer } from './install-prompt.js';
import { takeOver, waitingBuild } from './service-worker-updates.js';

export function InstallOffers(): ReactNode {
  const t = useText();
  const build = useWatched(waitingBuild);
  const offer = useWatched(installOffer);
  if (build !== null) {
    return (
      <div className="offer" role="status">
        <p>{t.app.newVersion}</p>
        <Button onClick={() => takeOver(build)}>{t.app.reload}</Button>
      </div>
    );
  }
  if (offer === null) return null;
  return (
    <div className="offer">
      <Button onClick={() => void install(offer)}>{t.app.install}</Button>
      <IconButton label={t.app.dismiss} onClick={() => installOffer.set(null)}>
        <X size={18} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
