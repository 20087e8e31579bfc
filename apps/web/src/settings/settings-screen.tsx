/** Where settings are. */
import { ChevronRight, Eye, KeyRound, Palette, Share2, UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Screen } from '../app/screen.js';
import { useText } from '../catalogue/language-context.js';
import { Avatar } from '../controls/avatar.js';
import { routes } from '../routes.js';
import { pictureAddress } from '../session/people.js';
import { useNames, usePerson, useSelf } from '../session/session-context.js';
import './settings.css';

export function SettingsScreen(): ReactNode {
  const t = useText();
  const { user, username, serverUrl } = useSelf();
  const person = usePerson(user);
  const name = useNames([user])(user);
  return (
    <Screen title={t.settings.title}>
      <div className="row">
        <Avatar name={name} size="large" picture={pictureAddress(person?.picture ?? null)} />
        <div className="grow">
          <p className="one-line large-name">
            <bdi>{name}</bdi>
          </p>
          {person !== null && person.name !== null && (
            <p className="soft one-line">
              <bdi dir="ltr">{username}</bdi>
            </p>
          )}
          <p className="soft one-line">
            <bdi dir="ltr">{new URL(serverUrl).host}</bdi>
          </p>
        </div>
      </div>
      <ul className="settings-list">
        <Entry
          href={routes.settingsProfile}
          icon={<UserRound size={20} aria-hidden="true" />}
          text={t.settings.profile}
        />
        <Entry
          href={routes.settingsPrivacy}
          icon={<Eye size={20} aria-hidden="true" />}
          text={t.settings.privacy}
        />
        <Entry
          href={routes.settingsAppearance}
          icon={<Palette size={20} aria-hidden="true" />}
          text={t.settings.appearance}
        />
        <Entry
          href={routes.settingsSecurity}
          icon={<KeyRound size={20} aria-hidden="true" />}
          text={t.settings.security}
        />
        <Entry href={routes.share} icon={<Share2 size={20} aria-hidden="true" />} text={t.share.title} />
      </ul>
    </Screen>
  );
}

function Entry({
  href,
  icon,
  text,
}: {
  readonly href: string;
  readonly icon: ReactNode;
  readonly text: string;
}): ReactNode {
  return (
    <li>
      <Link href={href}>
        {icon}
        <span>{text}</span>
        <ChevronRight className="pointing" size={18} aria-hidden="true" />
      </Link>
    </li>
  );
}
