/** How this browser shows the app. Nothing secret: it is kept in `localStorage`, and read before anything is drawn. */
import { isLanguage, preferredLanguage, type LanguageCode } from '../catalogue/languages.js';
import { Watched } from '../session/watched.js';

export const themes = ['system', 'light', 'dark', 'contrast'] as const;
export type Theme = (typeof themes)[number];

export type Preferences = {
  readonly theme: Theme;
  readonly language: LanguageCode;
  readonly notifications: 'on' | 'off';
};

const key = 'cipherchat.preferences';

function stored(): Preferences {
  const { theme, language, notifications } = parsed(localStorage.getItem(key));
  return {
    theme: themes.find((known) => known === theme) ?? 'system',
    language:
      typeof language === 'string' && isLanguage(language)
        ? language
        : preferredLanguage(navigator.languages),
    notifications: notifications === 'on' ? 'on' : 'off',
  };
}

function parsed(text: string | null): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // Somebody else's, or cut off: the defaults are as good.
    return {};
  }
}

export const preferences = new Watched<Preferences>(stored());

export function setPreferences(changes: Partial<Preferences>): void {
  const next = { ...preferences.read(), ...changes };
  localStorage.setItem(key, JSON.stringify(next));
  preferences.set(next);
}

/** Other tabs follow. */
addEventListener('storage', (event) => {
  if (event.key === key) preferences.set(stored());
});

/** The colours stand on the root element, where the style sheet looks. */
export function followTheme(): void {
  const apply = (): void => {
    document.documentElement.dataset['theme'] = preferences.read().theme;
  };
  apply();
  preferences.subscribe(apply);
}
