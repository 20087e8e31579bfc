/** One's own link and code. */
import { Copy, Share2 } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { Screen } from '../app/screen.js';
import { useText } from '../catalogue/language-context.js';
import { Button } from '../controls/button.js';
import { Field } from '../controls/field.js';
import { QrCode } from '../controls/qr-code.js';
import { routes } from '../routes.js';
import { useSession } from '../session/session-context.js';

export function ShareScreen(): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [link, setLink] = useState('');
  const [isCopied, setCopied] = useState(false);
  useEffect(() => void call('inviteLink', undefined).then(setLink), [call]);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(link);
    setCopied(true);
  };
  return (
    <Screen title={t.share.title} back={routes.newConversation}>
      <p>{t.share.text}</p>
      {link !== '' && <QrCode text={link} label={t.share.code} />}
      <Field
        label={t.share.link}
        value={link}
        readOnly
        dir="ltr"
        onFocus={({ currentTarget }) => currentTarget.select()}
      />
      <div className="stack">
        <Button className="wide" onClick={() => void copy()}>
          <Copy size={18} aria-hidden="true" />
          <span aria-live="polite">{isCopied ? t.app.copied : t.app.copy}</span>
        </Button>
        {'share' in navigator && (
          <Button className="wide" onClick={() => void navigator.share({ url: link }).catch(() => undefined)}>
            <Share2 size={18} aria-hidden="true" />
            {t.share.share}
          </Button>
        )}
      </div>
    </Screen>
  );
}
