/** The language of the views below. */
import { createContext, use } from 'react';
import type { Language } from './languages.js';
import type { Sentences } from './sentences.js';

export const LanguageContext = createContext<Language | null>(null);

export function useLanguage(): Language {
  const language = use(LanguageContext);
  if (language === null) throw new Error('a view stands outside of its language');
  return language;
}

/** What the app says. */
export function useText(): Sentences {
  return useLanguage().t;
}
