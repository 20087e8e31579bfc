/** Leaves the account on this device: all that is here goes. */
import { useState, type ReactNode } from 'react';
import { useText } from '../catalogue/language-context.js';
import { Button } from '../controls/button.js';
import { Confirm } from '../controls/dialog.js';
import { useSession } from '../session/session-context.js';

export function SignOut(): ReactNode {
  const t = useText();
  return (
    <section className="card">
      <h2>{t.settings.signOut}</h2>
      <p>{t.settings.signOutText}</p>
      <SignOutButton />
    </section>
  );
}

export function SignOutButton(): ReactNode {
  const t = useText();
  const session = useSession();
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const signOut = async (): Promise<void> => {
    setBusy(true);
    setFault(null);
    try {
      await session.call('signOut', undefined);
      await session.signedOut();
    } catch {
      setFault(t.register.failure.other);
      setBusy(false);
    }
  };
  return (
    <>
      <Button look="danger" className="wide" disabled={isBusy} onClick={() => setAsking(true)}>
        {isBusy ? t.settings.signingOut : t.settings.signOut}
      </Button>
      {fault !== null && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
      {isAsking && (
        <Confirm
          question={t.settings.signOutSure}
          action={t.settings.signOut}
          onConfirm={() => void signOut()}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
