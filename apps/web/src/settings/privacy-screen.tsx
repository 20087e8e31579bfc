/** What others learn of this person, and who is blocked. */
import { useEffect, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import type { UserId } from '@cipherchat/client-sdk';
import { Screen } from '../app/screen.js';
import { useText } from '../catalogue/language-context.js';
import { Avatar } from '../controls/avatar.js';
import { Switch } from '../controls/field.js';
import { pathOf, routes } from '../routes.js';
import { useNames, useSession } from '../session/session-context.js';

export function PrivacyScreen(): ReactNode {
  const t = useText();
  return (
    <Screen title={t.settings.privacy} back={routes.settings}>
      <ReadMarks />
      <SharePresence />
      <FailureReports />
      <Blocked />
    </Screen>
  );
}

function ReadMarks(): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [readMarks, setReadMarks] = useState<'sent' | 'kept' | null>(null);
  useEffect(() => void call('readMarks', undefined).then(setReadMarks), [call]);
  const change = (next: 'sent' | 'kept'): void => {
    setReadMarks(next);
    void call('setReadMarks', { readMarks: next });
  };
  return (
    <Switch
      label={t.settings.readMarks}
      hint={t.settings.readMarksHint}
      checked={readMarks === 'sent'}
      disabled={readMarks === null}
      onChange={(checked) => change(checked ? 'sent' : 'kept')}
    />
  );
}

function SharePresence(): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [presence, setPresence] = useState<'kept' | 'shared' | null>(null);
  useEffect(() => void call('presence', undefined).then(setPresence), [call]);
  const change = (next: 'kept' | 'shared'): void => {
    setPresence(next);
    void call('setPresence', { presence: next });
  };
  return (
    <Switch
      label={t.settings.presence}
      hint={t.settings.presenceHint}
      checked={presence === 'shared'}
      disabled={presence === null}
      onChange={(checked) => change(checked ? 'shared' : 'kept')}
    />
  );
}

function FailureReports(): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [failureReports, setFailureReports] = useState<'sent' | 'kept' | null>(null);
  useEffect(() => void call('failureReports', undefined).then(setFailureReports), [call]);
  const change = (next: 'sent' | 'kept'): void => {
    setFailureReports(next);
    void call('setFailureReports', { failureReports: next });
  };
  return (
    <Switch
      label={t.settings.failureReports}
      hint={t.settings.failureReportsHint}
      checked={failureReports === 'sent'}
      disabled={failureReports === null}
      onChange={(checked) => change(checked ? 'sent' : 'kept')}
    />
  );
}

function Blocked(): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [users, setUsers] = useState<readonly UserId[]>([]);
  useEffect(() => void call('blocked', undefined).then(setUsers), [call]);
  const nameOf = useNames(users);
  return (
    <section className="card">
      <h2>{t.settings.blocked}</h2>
      {users.length === 0 && <p className="soft">{t.settings.nobodyBlocked}</p>}
      <ul className="people-list">
        {users.map((user) => (
          <li key={user}>
            <Avatar name={nameOf(user)} size="small" />
            <Link className="grow" href={pathOf('person', { user })}>
              <bdi>{nameOf(user)}</bdi>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
