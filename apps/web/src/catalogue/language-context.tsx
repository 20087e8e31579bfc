/** The language of the views below. */
import { createContext, use } from 'react';
import { languageOf, type Language } from './languages.js';
import type { Sentences } from './sentences.js';

export const LanguageContext = createContext<Language>(languageOf('en'));

export function useLanguage(): Language {
  return use(LanguageContext);
}

/** What the app says. */
export function useText(): Sentences {
  return useLanguage().t;
}
