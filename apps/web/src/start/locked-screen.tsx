/** What this browser keeps is locked: its passkey opens it. */
import { useState, type ReactNode } from 'react';
import { askLockPasskey, PasskeyDeclinedError, type LockPasskey } from '@cipherchat/client-sdk/tabs';
import { useText } from '../catalogue/language-context.js';
import type { Sentences } from '../catalogue/sentences.js';
import { Button } from '../controls/button.js';
import { useSession } from '../session/session-context.js';
import { SignOutButton } from '../settings/sign-out.js';
import { StartFrame, StepHeading } from './start-frame.js';

export function LockedScreen({
  lock,
}: {
  readonly lock: Pick<LockPasskey, 'credential' | 'salt'>;
}): ReactNode {
  const t = useText();
  const session = useSession();
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const unlock = async (): Promise<void> => {
    setBusy(true);
    setFault(null);
    try {
      const secret = await askLockPasskey(lock);
      if (secret === null) setFault(t.lock.unable);
      else await session.unlock(secret);
    } catch (error) {
      setFault(faultOf(error, t));
    }
    setBusy(false);
  };
  return (
    <StartFrame>
      <StepHeading>{t.lock.locked}</StepHeading>
      <p>{t.lock.lockedText}</p>
      <Button look="main" className="wide" disabled={isBusy} onClick={() => void unlock()} autoFocus>
        {isBusy ? t.lock.unlocking : t.lock.unlock}
      </Button>
      {fault !== null && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
      <p className="soft">{t.lock.lost}</p>
      <SignOutButton />
    </StartFrame>
  );
}

function faultOf(error: unknown, t: Sentences): string {
  if (error instanceof PasskeyDeclinedError) return t.lock.notUsed;
  // By its name: the class comes with the store, which only the worker loads.
  if (error instanceof Error && error.name === 'StoreLockedError') return t.lock.wrong;
  return t.register.failure.other;
}
