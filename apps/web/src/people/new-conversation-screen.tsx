/** Finding somebody: by username, by their link, or by their code. */
import { QrCode as QrIcon, Share2, Users } from 'lucide-react';
import { useState, type FormEvent, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import type { UserId } from '@cipherchat/client-sdk';
import { Screen } from '../app/screen.js';
import { useText } from '../catalogue/language-context.js';
import { Button } from '../controls/button.js';
import { Field } from '../controls/field.js';
import { QrScanner } from '../controls/qr-scanner.js';
import { pathOf, routes } from '../routes.js';
import { useSession } from '../session/session-context.js';
import { faultOf } from './people-faults.js';

export function NewConversationScreen(): ReactNode {
  const t = useText();
  const [isScanning, setScanning] = useState(false);
  return (
    <Screen title={t.newConversation.title}>
      <FindByUsername />
      <OpenLink />
      <div className="stack">
        <Button className="wide" onClick={() => setScanning(!isScanning)}>
          <QrIcon size={20} aria-hidden="true" />
          {isScanning ? t.newConversation.stopScan : t.newConversation.scan}
        </Button>
        {isScanning && <Scan />}
        <Link className="button wide" href={routes.newGroup}>
          <Users size={20} aria-hidden="true" />
          {t.newConversation.group}
        </Link>
        <Link className="button wide" href={routes.share}>
          <Share2 size={20} aria-hidden="true" />
          {t.newConversation.share}
        </Link>
      </div>
    </Screen>
  );
}

/** Begins the conversation, or goes to the one there is. */
export function useWriteTo(): (user: UserId) => Promise<void> {
  const { call } = useSession();
  const [, navigate] = useLocation();
  return async (user) => {
    const { id } = await call('direct', { user });
    navigate(pathOf('chat', { conversation: id }));
  };
}

function FindByUsername(): ReactNode {
  const t = useText();
  const { call } = useSession();
  const writeTo = useWriteTo();
  return (
    <OneField
      label={t.newConversation.find}
      action={t.newConversation.findAction}
      onSubmit={async (text) => {
        const { user } = await call('findUser', { username: text.toLowerCase() });
        await writeTo(user);
      }}
    />
  );
}

function OpenLink(): ReactNode {
  const t = useText();
  const { call } = useSession();
  const writeTo = useWriteTo();
  return (
    <OneField
      label={t.newConversation.openLink}
      action={t.newConversation.openLinkAction}
      onSubmit={async (link) => writeTo(await call('openInvite', { link }))}
    />
  );
}

function Scan(): ReactNode {
  const t = useText();
  const { call } = useSession();
  const writeTo = useWriteTo();
  const [fault, setFault] = useState<string | undefined>();
  const open = async (link: string): Promise<void> => {
    try {
      await writeTo(await call('openInvite', { link }));
    } catch (error) {
      setFault(faultOf(error, t));
    }
  };
  return (
    <>
      <QrScanner onText={(text) => void open(text)} />
      <p className="fault" role="alert">
        {fault}
      </p>
    </>
  );
}

function OneField({
  label,
  action,
  onSubmit,
}: {
  readonly label: string;
  readonly action: string;
  readonly onSubmit: (text: string) => Promise<void>;
}): ReactNode {
  const t = useText();
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string | undefined>();
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (text.trim() === '' || isBusy) return;
    setBusy(true);
    setFault(undefined);
    try {
      await onSubmit(text.trim());
    } catch (error) {
      setFault(faultOf(error, t));
    }
    setBusy(false);
  };
  return (
    <form className="field-row" onSubmit={(event) => void submit(event)}>
      <Field
        label={label}
        fault={fault}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        dir="ltr"
      />
      <Button type="submit" disabled={isBusy}>
        {action}
      </Button>
    </form>
  );
}
