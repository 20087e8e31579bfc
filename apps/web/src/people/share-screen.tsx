/** One's own link and code, for everybody or to be let in by. */
import { Copy, RotateCcw, Share2 } from 'lucide-react';
import { useCallback, useEffect, useState, type ReactNode } from 'react';
import type { LinkWithToken } from '@cipherchat/client-sdk';
import { Screen } from '../app/screen.js';
import { useLanguage, useText } from '../catalogue/language-context.js';
import { Button } from '../controls/button.js';
import { Confirm } from '../controls/dialog.js';
import { Field, Switch } from '../controls/field.js';
import { QrCode } from '../controls/qr-code.js';
import { routes } from '../routes.js';
import { useSession } from '../session/session-context.js';

type LinkKind = 'asks' | 'lets-in';
type OwnLink = { readonly link: string; readonly token: Omit<LinkWithToken, 'link'> | null };

export function ShareScreen(): ReactNode {
  const t = useText();
  const { kind, shown, show } = useOwnLink();
  const { call } = useSession();
  /** What there is to be after the links of before were taken back. */
  const [asking, setAsking] = useState<LinkKind | null>(null);
  const reset = async (next: LinkKind): Promise<void> => {
    await call('resetInviteTokens', undefined);
    await show(next);
  };
  return (
    <Screen title={t.share.title} back={routes.newConversation}>
      <p>{t.share.text}</p>
      <Switch
        label={t.share.letIn}
        hint={t.share.letInHint}
        checked={kind === 'lets-in'}
        disabled={kind === null}
        onChange={(checked) => (checked ? void show('lets-in') : setAsking('asks'))}
      />
      {shown !== null && <LinkAndCode key={shown.link} link={shown.link} />}
      {shown?.token != null && <Token token={shown.token} onReset={() => setAsking('lets-in')} />}
      {asking !== null && (
        <Confirm
          question={t.share.resetSure}
          action={t.share.reset}
          onConfirm={() => void reset(asking)}
          onClose={() => setAsking(null)}
        />
      )}
    </Screen>
  );
}

/** With a token as long as one is in force: taken back, it is a link for everybody again. */
function useOwnLink() {
  const { call } = useSession();
  const [kind, setKind] = useState<LinkKind | null>(null);
  const [shown, setShown] = useState<OwnLink | null>(null);
  const show = useCallback(
    async (wanted: LinkKind): Promise<void> => {
      // At once, as the switch was turned.
      setKind(wanted);
      if (wanted === 'asks') return setShown({ link: await call('inviteLink', undefined), token: null });
      const { link, ...token } = await call('inviteLinkWithToken', undefined);
      setShown({ link, token });
    },
    [call],
  );
  useEffect(() => {
    void call('hasInviteTokens', undefined).then((has) => show(has ? 'lets-in' : 'asks'));
  }, [call, show]);
  return { kind, shown, show };
}

function LinkAndCode({ link }: { readonly link: string }): ReactNode {
  const t = useText();
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(link);
    setCopied(true);
  };
  return (
    <>
      <QrCode text={link} label={t.share.code} />
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
    </>
  );
}

/** How long and for how many it is, and the way to take it back. */
function Token({
  token: { usesLeft, endsAtMs },
  onReset,
}: {
  readonly token: NonNullable<OwnLink['token']>;
  readonly onReset: () => void;
}): ReactNode {
  const { t, amount, day } = useLanguage();
  return (
    <div className="stack">
      <p className="soft">{t.share.letsIn(amount(usesLeft), day(endsAtMs))}</p>
      <Button look="danger" className="wide" onClick={onReset}>
        <RotateCcw size={18} aria-hidden="true" />
        {t.share.reset}
      </Button>
    </div>
  );
}
