/** Which screen: what this browser holds decides first, then the address. */
import type { ReactNode } from 'react';
import { LanguageContext } from '../catalogue/language-context.js';
import type { Language } from '../catalogue/languages.js';
import { SessionContext } from '../session/session-context.js';
import type { Session, SessionStatus } from '../session/session.js';
import { useWatched, type Watched } from '../session/watched.js';
import { FailedScreen, OpeningScreen } from '../start/opening-screen.js';
import { RecoveryKeyScreen } from '../start/recovery-key-screen.js';
import { ClearedScreen } from '../start/cleared-screen.js';
import { LockedScreen } from '../start/locked-screen.js';
import { StartScreens } from '../start/start-screens.js';
import { Frame } from './frame.js';
import { Notices } from './notices.js';

export function App({
  session,
  spoken,
}: {
  readonly session: Session;
  readonly spoken: Watched<Language>;
}): ReactNode {
  const status = useWatched(session.status);
  return (
    <LanguageContext value={useWatched(spoken)}>
      <SessionContext value={session}>
        <Screen status={status} />
        <Notices />
      </SessionContext>
    </LanguageContext>
  );
}

function Screen({ status }: { readonly status: SessionStatus }): ReactNode {
  switch (status.kind) {
    case 'opening':
      return <OpeningScreen />;
    case 'failed':
      return <FailedScreen />;
    case 'empty':
      return <StartScreens />;
    case 'cleared':
      return <ClearedScreen username={status.username} />;
    case 'locked':
      return <LockedScreen lock={status.lock} />;
    case 'open':
      return status.recovery === 'set' ? <Frame /> : <RecoveryKeyScreen />;
  }
}
