/** A person: who they are, their safety number, and whether to take their messages. */
import { BadgeCheck } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { useParams } from 'wouter';
import type { SafetyNumber, UserId } from '@cipherchat/client-sdk';
import { Screen } from '../app/screen.js';
import { useText } from '../catalogue/language-context.js';
import { Avatar } from '../controls/avatar.js';
import { Button } from '../controls/button.js';
import { Confirm } from '../controls/dialog.js';
import { pictureAddress } from '../session/people.js';
import { useNames, usePerson, useSelf, useSession } from '../session/session-context.js';
import { PresenceText } from './presence.js';
import { useWriteTo } from './new-conversation-screen.js';
import { SafetyNumberCard } from './safety-number-card.js';
import { ScanTheirCode } from './scan-their-code.js';
import './people.css';

export function PersonScreen(): ReactNode {
  const { user } = useParams<{ user: string }>();
  return <Person key={user} user={user as UserId} />;
}

function Person({ user }: { readonly user: UserId }): ReactNode {
  const t = useText();
  const nameOf = useNames([user]);
  const writeTo = useWriteTo();
  const self = useSelf();
  const person = usePerson(user);
  const name = nameOf(user);
  return (
    <Screen title={<bdi>{name}</bdi>}>
      <div className="row">
        <Avatar name={name} size="large" picture={pictureAddress(person?.picture ?? null)} />
        <div className="grow">
          <p className="one-line large-name">
            <bdi>{name}</bdi>
          </p>
          {typeof person?.username === 'string' && (
            <p className="soft one-line">
              <bdi dir="ltr">{person.username}</bdi>
            </p>
          )}
          {person !== null && person.presence !== null && (
            <p className="soft">
              <PresenceText presence={person.presence} />
            </p>
          )}
          {person?.verified === true && (
            <p className="verified">
              <BadgeCheck size={18} aria-hidden="true" />
              {t.person.verified}
            </p>
          )}
        </div>
      </div>
      {user === self.user ? (
        <p className="soft">{t.person.you}</p>
      ) : (
        <>
          <Button look="main" onClick={() => void writeTo(user)}>
            {t.person.write}
          </Button>
          <SafetyNumbers user={user} name={name} isVerified={person?.verified === true} />
          <Blocking user={user} name={name} />
        </>
      )}
    </Screen>
  );
}

type Numbers = { readonly known: SafetyNumber; readonly offered: SafetyNumber | null };

function SafetyNumbers({
  user,
  name,
  isVerified,
}: {
  readonly user: UserId;
  readonly name: string;
  readonly isVerified: boolean;
}): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [numbers, setNumbers] = useState<Numbers | 'unreachable' | null>(null);
  const [reads, setReads] = useState(0);
  useEffect(() => {
    Promise.all([call('safetyNumber', { user }), call('offeredSafetyNumber', { user })]).then(
      ([known, offered]) => setNumbers({ known, offered }),
      () => setNumbers('unreachable'),
    );
  }, [call, user, reads]);
  if (numbers === null) return <p className="soft">{t.app.loading}</p>;
  if (numbers === 'unreachable') return <p className="note">{t.person.unreachable}</p>;
  const readAnew = (): void => setReads((count) => count + 1);
  return (
    <>
      <SafetyNumberCard user={user} name={name} {...numbers} isVerified={isVerified} onSettled={readAnew} />
      <ScanTheirCode user={user} {...numbers} onSettled={readAnew} />
    </>
  );
}

function Blocking({ user, name }: { readonly user: UserId; readonly name: string }): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [isBlocked, setBlocked] = useState<boolean | null>(null);
  const [isAsking, setAsking] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(
    () => void call('blocked', undefined).then((users) => setBlocked(users.includes(user))),
    [call, user],
  );
  if (isBlocked === null) return null;
  const change = async (wish: 'block' | 'unblock'): Promise<void> => {
    try {
      await call(wish, { user });
      setBlocked(wish === 'block');
    } catch {
      setFault(t.person.tooManyBlocks);
    }
  };
  return (
    <section className="stack">
      {isBlocked && <p className="note">{t.person.blocked}</p>}
      {fault !== null && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
      {isBlocked ? (
        <Button onClick={() => void change('unblock')}>{t.person.unblock}</Button>
      ) : (
        <Button look="danger" onClick={() => setAsking(true)}>
          {t.person.block}
        </Button>
      )}
      {isAsking && (
        <Confirm
          question={t.person.blockSure(name)}
          action={t.person.block}
          onConfirm={() => void change('block')}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}
