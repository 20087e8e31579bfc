/** The language that the app speaks: the chosen one as soon as its sentences are here, until then the one before. */
import { loadLanguage, type Language, type LanguageCode } from '../catalogue/languages.js';
import { Watched } from '../session/watched.js';
import { preferences } from './preferences.js';

/** @returns when there are sentences to show. */
export async function speak(): Promise<Watched<Language>> {
  const spoken = new Watched(await loadOrEnglish(preferences.read().language));
  setOnPage(spoken.read());
  spoken.subscribe(() => setOnPage(spoken.read()));
  preferences.subscribe(() => void change(spoken));
  void change(spoken);
  return spoken;
}

async function change(spoken: Watched<Language>): Promise<void> {
  const code = preferences.read().language;
  if (code === spoken.read().code) return;
  const language = await loadOrEnglish(code);
  if (preferences.read().language === code) spoken.set(language);
}

/** Better in English than not at all, when the network broke off in the middle of the load. */
async function loadOrEnglish(code: LanguageCode): Promise<Language> {
  const load = (wanted: LanguageCode): Promise<Language> => loadLanguage(wanted, navigator.languages);
  return load(code).catch(() => load('en'));
}

function setOnPage({ code, direction }: Language): void {
  document.documentElement.lang = code;
  document.documentElement.dir = direction;
}
