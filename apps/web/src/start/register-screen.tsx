/** A new account: a name, and nothing else. */
import { isProblem } from '@cipherchat/client-sdk';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useText } from '../catalogue/language-context.js';
import type { Sentences } from '../catalogue/sentences.js';
import { Button } from '../controls/button.js';
import { Field } from '../controls/field.js';
import { keepStorage } from '../install/storage.js';
import { useSession } from '../session/session-context.js';
import { StartFrame, StepHeading } from './start-frame.js';

const usernamePattern = /^[a-z][a-z0-9._-]{2,31}$/;

type Failure = keyof Sentences['register']['failure'];

export function RegisterScreen({ onBack }: { readonly onBack: () => void }): ReactNode {
  const t = useText();
  const session = useSession();
  const [username, setUsername] = useState('');
  const [invite, setInvite] = useState('');
  const [needsInvite, setNeedsInvite] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (isBusy) return;
    if (!usernamePattern.test(username)) return setFailure('malformed');
    setBusy(true);
    setFailure(null);
    try {
      const registration = { serverUrl: location.origin, username, ...(invite === '' ? {} : { invite }) };
      const status = await session.call('register', registration);
      await keepStorage();
      session.takeStatus(status);
    } catch (error) {
      if (isProblem(error) && inviteCodes.has(error.code)) setNeedsInvite(true);
      setFailure(failureOf(error));
      setBusy(false);
    }
  };

  const fault = failure === null ? undefined : t.register.failure[failure];
  const isOfInvite = failure === 'inviteInvalid' || failure === 'closed';
  return (
    <StartFrame>
      <StepHeading>{t.register.title}</StepHeading>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Field
          label={t.register.username}
          hint={t.register.usernameHint}
          fault={isOfInvite ? undefined : fault}
          value={username}
          onChange={({ currentTarget }) => setUsername(currentTarget.value.trim().toLowerCase())}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={32}
          dir="ltr"
          autoFocus
        />
        {needsInvite && (
          <Field
            label={t.register.invite}
            hint={t.register.inviteHint}
            fault={isOfInvite ? fault : undefined}
            value={invite}
            onChange={({ currentTarget }) => setInvite(currentTarget.value.trim())}
            autoComplete="off"
            spellCheck={false}
            dir="ltr"
          />
        )}
        <Button type="submit" look="main" className="wide" disabled={isBusy}>
          {isBusy ? t.register.creating : t.register.create}
        </Button>
        <Button className="wide" onClick={onBack} disabled={isBusy}>
          {t.app.back}
        </Button>
      </form>
      <p className="soft">{t.register.noPassword}</p>
    </StartFrame>
  );
}

const inviteCodes: ReadonlySet<string> = new Set(['auth/registration-closed', 'auth/invite-invalid']);

function failureOf(error: unknown): Failure {
  if (error instanceof Error && error.name === 'NetworkError') return 'network';
  if (!isProblem(error)) return 'other';
  switch (error.code) {
    case 'directory/username-taken':
      return 'taken';
    case 'auth/invite-invalid':
      return 'inviteInvalid';
    case 'auth/registration-closed':
      return 'closed';
    case 'request/rate-limited':
      return 'tooMany';
    default:
      return 'other';
  }
}
