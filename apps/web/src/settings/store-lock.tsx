/** Whether what this browser keeps opens only with a passkey. */
import { useState, type ReactNode } from 'react';
import { makeLockPasskey, PasskeyDeclinedError } from '@cipherchat/client-sdk/tabs';
import { useText } from '../catalogue/language-context.js';
import { Button } from '../controls/button.js';
import { Confirm } from '../controls/dialog.js';
import { useSelf, useSession } from '../session/session-context.js';
import { useWatched } from '../session/watched.js';

export function StoreLock(): ReactNode {
  const t = useText();
  const session = useSession();
  const { username } = useSelf();
  const status = useWatched(session.status);
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  if (status.kind !== 'open') return null;

  const change = async (work: () => Promise<string | null>): Promise<void> => {
    setBusy(true);
    setFault(null);
    try {
      setFault(await work());
    } catch (error) {
      setFault(error instanceof PasskeyDeclinedError ? t.lock.declined : t.register.failure.other);
    }
    setBusy(false);
  };
  const lock = async (): Promise<string | null> => {
    const passkey = await makeLockPasskey({ username, siteName: 'CipherChat' });
    if (passkey === null) return t.lock.unable;
    await session.lock(passkey);
    return null;
  };
  const remove = async (): Promise<null> => {
    await session.lock(null);
    return null;
  };

  return (
    <section className="card">
      <h2>{t.lock.title}</h2>
      {status.storeLock === 'impossible' && <p className="soft">{t.lock.impossible}</p>}
      {status.storeLock === 'none' && (
        <>
          <p>{t.lock.text}</p>
          <Button disabled={isBusy} onClick={() => void change(lock)}>
            {t.lock.set}
          </Button>
        </>
      )}
      {status.storeLock === 'set' && (
        <>
          <p>{t.lock.isSet}</p>
          <Button disabled={isBusy} onClick={() => setAsking(true)}>
            {t.lock.remove}
          </Button>
        </>
      )}
      {fault !== null && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
      {isAsking && (
        <Confirm
          question={t.lock.removeSure}
          action={t.lock.remove}
          onConfirm={() => void change(remove)}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}
