/** How this person shows themselves to those whom they accepted. */
import { useEffect, useId, useState, type FormEvent, type ReactNode } from 'react';
import { CallRefusedError, maxProfileNameBytes, type Picture, type Profile } from '@cipherchat/client-sdk';
import { Screen } from '../app/screen.js';
import { useText } from '../catalogue/language-context.js';
import { Avatar } from '../controls/avatar.js';
import { Button } from '../controls/button.js';
import { Field } from '../controls/field.js';
import { routes } from '../routes.js';
import { pictureAddress } from '../session/people.js';
import { useSelf, useSession } from '../session/session-context.js';
import { scalePicture } from './scale-picture.js';

export function ProfileScreen(): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [profile, setProfile] = useState<Profile | null>(null);
  useEffect(() => void call('profile', undefined).then(setProfile), [call]);
  return (
    <Screen title={t.settings.profile} back={routes.settings}>
      {profile === null ? <p className="soft">{t.app.loading}</p> : <ProfileForm profile={profile} />}
    </Screen>
  );
}

function ProfileForm({ profile }: { readonly profile: Profile }): ReactNode {
  const t = useText();
  const { call } = useSession();
  const { username } = useSelf();
  const [name, setName] = useState(profile.name ?? '');
  const [picture, setPicture] = useState<Picture | null>(profile.picture);
  const [fault, setFault] = useState<string | null>(null);
  const [step, setStep] = useState<'changing' | 'saving' | 'saved'>('changing');
  const isTooLong = new TextEncoder().encode(name.trim()).length > maxProfileNameBytes;
  const change = (apply: () => void): void => {
    apply();
    setStep('changing');
    setFault(null);
  };
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (isTooLong || step === 'saving') return;
    setStep('saving');
    setFault(null);
    try {
      await call('setProfile', { name: name.trim() || null, picture: picture?.bytes ?? null });
      setStep('saved');
    } catch (error) {
      setFault(error instanceof CallRefusedError ? t.chat.refused[error.reason] : t.register.failure.other);
      setStep('changing');
    }
  };
  return (
    <form className="stack" onSubmit={(event) => void save(event)}>
      <p>{t.profile.whoSees}</p>
      <PictureField
        name={name || username}
        picture={picture}
        onPicture={(next) => change(() => setPicture(next))}
      />
      <Field
        label={t.profile.name}
        hint={t.profile.nameHint}
        fault={isTooLong ? t.profile.nameTooLong : undefined}
        value={name}
        onChange={({ currentTarget }) => change(() => setName(currentTarget.value))}
        autoComplete="name"
        dir="auto"
      />
      <Button type="submit" look="main" className="wide" disabled={isTooLong || step === 'saving'}>
        {t.profile.save}
      </Button>
      <p role="status">{step === 'saved' && t.profile.saved}</p>
      {fault !== null && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
    </form>
  );
}

function PictureField({
  name,
  picture,
  onPicture,
}: {
  readonly name: string;
  readonly picture: Picture | null;
  readonly onPicture: (picture: Picture | null) => void;
}): ReactNode {
  const t = useText();
  const id = useId();
  const [fault, setFault] = useState<string | undefined>();
  const choose = async (input: HTMLInputElement): Promise<void> => {
    const [file] = input.files ?? [];
    if (file === undefined) return;
    setFault(undefined);
    const scaled = await scalePicture(file);
    // Choosing the same file again is a change, too.
    input.value = '';
    if (scaled === null) return setFault(t.profile.notAPicture);
    onPicture(scaled);
  };
  return (
    <div className="row">
      <Avatar name={name} size="large" picture={pictureAddress(picture)} />
      <div className="field grow">
        <span className="label">{t.profile.picture}</span>
        {/* The browser's own button speaks the browser's language. */}
        <label className="button file-button">
          {t.profile.choosePicture}
          <input
            className="for-readers"
            type="file"
            accept="image/*"
            aria-describedby={`${id}-hint ${id}-fault`}
            onChange={({ currentTarget }) => void choose(currentTarget)}
          />
        </label>
        <span className="hint" id={`${id}-hint`}>
          {t.profile.pictureHint}
        </span>
        <span className="fault" id={`${id}-fault`} role="alert">
          {fault}
        </span>
        {picture !== null && (
          <Button className="fitting" onClick={() => onPicture(null)}>
            {t.profile.removePicture}
          </Button>
        )}
      </div>
    </div>
  );
}
