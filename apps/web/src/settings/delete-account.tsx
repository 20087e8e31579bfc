/** Ends the account, here and on the server. */
import { useState, type ReactNode } from 'react';
import { NetworkError } from '@cipherchat/client-sdk';
import { useText } from '../catalogue/language-context.js';
import { Button } from '../controls/button.js';
import { Confirm } from '../controls/dialog.js';
import { useSession } from '../session/session-context.js';

export function DeleteAccount(): ReactNode {
  const t = useText();
  const session = useSession();
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const deleteAccount = async (): Promise<void> => {
    setBusy(true);
    setFault(null);
    try {
      await session.call('deleteAccount', undefined);
      await session.signedOut();
    } catch (error) {
      setFault(error instanceof NetworkError ? t.register.failure.network : t.register.failure.other);
      setBusy(false);
    }
  };
  return (
    <section className="card">
      <h2>{t.settings.deleteAccount}</h2>
      <p>{t.settings.deleteText}</p>
      <Button look="danger" className="wide" disabled={isBusy} onClick={() => setAsking(true)}>
        {isBusy ? t.settings.deleting : t.settings.deleteAccount}
      </Button>
      {fault !== null && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
      {isAsking && (
        <Confirm
          question={t.settings.deleteSure}
          action={t.settings.deleteAccount}
          onConfirm={() => void deleteAccount()}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}
