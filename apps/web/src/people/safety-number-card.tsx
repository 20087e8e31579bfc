/** The safety number with a person, to compare by voice or by code; both of them when the server names another key. */
import { useState, type ReactNode } from 'react';
import type { SafetyNumber, UserId } from '@cipherchat/client-sdk';
import { useText } from '../catalogue/language-context.js';
import { Button } from '../controls/button.js';
import { QrCode } from '../controls/qr-code.js';
import { useSession } from '../session/session-context.js';

export function SafetyNumberCard({
  user,
  name,
  known,
  offered,
  onSettled,
}: {
  readonly user: UserId;
  readonly name: string;
  readonly known: SafetyNumber;
  readonly offered: SafetyNumber | null;
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
      {fault !== null && <p className="fault">{fault}</p>}
      <Button onClick={() => settle(known.digits)}>{t.person.settleKnown}</Button>
      <Button look="danger" onClick={() => settle(offered.digits)}>
        {t.person.settleOffered}
      </Button>
    </section>
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
