/** Colours, language and notifications of this browser. */
import { useState, type ReactNode } from 'react';
import { Screen } from '../app/screen.js';
import { useText } from '../catalogue/language-context.js';
import { Choice, Switch } from '../controls/field.js';
import { routes } from '../routes.js';
import { useWatched } from '../session/watched.js';
import { LanguageChoice } from './language-choice.js';
import { preferences, setPreferences, themes, type Theme } from './preferences.js';

export function AppearanceScreen(): ReactNode {
  const t = useText();
  const chosen = useWatched(preferences);
  return (
    <Screen title={t.settings.appearance} back={routes.settings}>
      <Choice
        label={t.settings.theme}
        value={chosen.theme}
        options={themes.map((theme) => [theme, t.settings.themes[theme]])}
        onChange={(theme) => setPreferences({ theme: theme as Theme })}
      />
      <LanguageChoice />
      <NotificationSwitch />
    </Screen>
  );
}

function NotificationSwitch(): ReactNode {
  const t = useText();
  const { notifications } = useWatched(preferences);
  const [permission, setPermission] = useState(() => Notification.permission);
  const change = async (isWanted: boolean): Promise<void> => {
    const answer = isWanted ? await Notification.requestPermission() : Notification.permission;
    setPermission(answer);
    setPreferences({ notifications: isWanted && answer === 'granted' ? 'on' : 'off' });
  };
  return (
    <>
      <Switch
        label={t.settings.notifications}
        hint={t.settings.notificationsHint}
        checked={notifications === 'on' && permission === 'granted'}
        onChange={(checked) => void change(checked)}
      />
      {permission === 'denied' && <p className="note">{t.settings.notificationsDenied}</p>}
    </>
  );
}
