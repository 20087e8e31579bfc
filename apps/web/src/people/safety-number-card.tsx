/** The safety number with a person, to compare by voice or by code; both of them when the server names another key. */
import { useState, type ReactNode } from 'react';
import { SafetyNumberDiffersError, type SafetyNumber, type UserId } from '@cipherchat/client-sdk';
import { useText } from '../catalogue/language-context.js';
import { Button } from '../controls/button.js';
import { QrCode } from '../controls/qr-code.js';
import { useSession } from '../session/session-context.js';

export function SafetyNumberCard({
  user,
  name,
  known,
  offered,
  isVerified,
  onSettled,
}: {
  readonly user: UserId;
  readonly name: string;
  readonly known: SafetyNumber;
  readonly offered: SafetyNumber | null;
  readonly isVerified: boolean;
  readonly onSettled: () => void;
}): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [fault, setFault] = useState<string | null>(null);
  const settle = (digits: string): void =>
    void call('settleAccountKey', { user, digits }).then(onSettled, () => setFault(t.register.failure.other));
  if (offered === null) {
    return (
      <section className="card">
        <h2>{t.person.safetyNumber}</h2>
        <p>{t.person.safetyText(name)}</p>
        <Digits digits={known.digits} />
        <QrCode text={known.code} label={t.person.safetyCode} />
        <Verified user={user} digits={known.digits} isVerified={isVerified} onMoved={onSettled} />
      </section>
    );
  }
  return (
    <section className="card">
      <h2>{t.person.offered}</h2>
      <p className="note danger">{t.person.offeredText(name)}</p>
      <h3>{t.person.knownNumber}</h3>
      <Digits digits={known.digits} />
      <h3>{t.person.offeredNumber}</h3>
      <Digits digits={offered.digits} />
      {fault !== null && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
      <Button onClick={() => settle(known.digits)}>{t.person.settleKnown}</Button>
      <Button look="danger" onClick={() => settle(offered.digits)}>
        {t.person.settleOffered}
      </Button>
    </section>
  );
}

function Verified({
  user,
  digits,
  isVerified,
  onMoved,
}: {
  readonly user: UserId;
  readonly digits: string;
  readonly isVerified: boolean;
  /** The digits that were on the screen are no longer those of the known key. */
  readonly onMoved: () => void;
}): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [fault, setFault] = useState<string | null>(null);
  const change = async (): Promise<void> => {
    setFault(null);
    try {
      await (isVerified ? call('unmarkVerified', { user }) : call('markVerified', { user, digits }));
    } catch (error) {
      const hasMoved = error instanceof SafetyNumberDiffersError;
      setFault(hasMoved ? t.person.keyMoved : t.register.failure.other);
      if (hasMoved) onMoved();
    }
  };
  return (
    <>
      {isVerified && <p className="soft">{t.person.verifiedText}</p>}
      <Button onClick={() => void change()}>
        {isVerified ? t.person.unmarkVerified : t.person.markVerified}
      </Button>
      {fault !== null && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
    </>
  );
}

function Digits({ digits }: { readonly digits: string }): ReactNode {
  return (
    <p className="digits">
      {digits.split(' ').map((group, index) => (
        <span key={index}>{group}</span>
      ))}
    </p>
  );
}
