/** Which language the app speaks: each by its own name, for who reads no other. */
import type { ReactNode } from 'react';
import { useText } from '../catalogue/language-context.js';
import { isLanguage, languages } from '../catalogue/languages.js';
import { Choice } from '../controls/field.js';
import { useWatched } from '../session/watched.js';
import { preferences, setPreferences } from './preferences.js';

const options = Object.entries(languages).map(([code, { name }]) => [code, name] as const);

export function LanguageChoice(): ReactNode {
  const t = useText();
  return (
    <Choice
      label={t.settings.languageName}
      value={useWatched(preferences).language}
      options={options}
      onChange={(code) => isLanguage(code) && setPreferences({ language: code })}
    />
  );
}
