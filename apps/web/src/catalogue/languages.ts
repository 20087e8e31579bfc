/** The languages, each with its direction, and how it writes numbers, times and lists. */
import type { Amount } from './amount.js';
import { en } from './en.js';
import type { Sentences } from './sentences.js';

export const languages = { en } as const satisfies Readonly<Record<string, Sentences>>;
export type LanguageCode = keyof typeof languages;

export type Language = {
  readonly code: LanguageCode;
  readonly direction: 'ltr' | 'rtl';
  readonly t: Sentences;
  readonly amount: (value: number) => Amount;
  readonly time: (atMs: number) => string;
  readonly day: (atMs: number) => string;
  /** A day in a list of days: today and yesterday by name. */
  readonly dayName: (atMs: number, nowMs: number) => string;
  /** For a list: the time of today, the day of before. */
  readonly when: (atMs: number, nowMs: number) => string;
  readonly list: (items: readonly string[]) => string;
};

export function languageOf(code: LanguageCode): Language {
  const t: Sentences = languages[code];
  const number = new Intl.NumberFormat(code);
  const time = new Intl.DateTimeFormat(code, { timeStyle: 'short' });
  const day = new Intl.DateTimeFormat(code, { weekday: 'long', day: 'numeric', month: 'long' });
  const dated = new Intl.DateTimeFormat(code, { dateStyle: 'long' });
  const short = new Intl.DateTimeFormat(code, { day: 'numeric', month: 'short' });
  const weekday = new Intl.DateTimeFormat(code, { weekday: 'short' });
  const relative = new Intl.RelativeTimeFormat(code, { numeric: 'auto' });
  const list = new Intl.ListFormat(code);
  const dayName = (atMs: number, nowMs: number): string => {
    const ago = daysBetween(atMs, nowMs);
    if (ago === 0 || ago === 1) return relative.format(-ago, 'day');
    return ago < 180 ? day.format(atMs) : dated.format(atMs);
  };
  return {
    code,
    direction: 'ltr',
    t,
    amount: (value) => ({ value, text: number.format(value) }),
    time: (atMs) => time.format(atMs),
    day: (atMs) => dated.format(atMs),
    dayName,
    when: (atMs, nowMs) => {
      const ago = daysBetween(atMs, nowMs);
      if (ago <= 0) return time.format(atMs);
      return ago < 7 ? weekday.format(atMs) : short.format(atMs);
    },
    list: (items) => list.format(items),
  };
}

/** The first language of the browser that there is here. */
export function preferredLanguage(wanted: readonly string[]): LanguageCode {
  for (const tag of wanted) {
    const code = tag.toLowerCase().split('-')[0] ?? '';
    if (isLanguage(code)) return code;
  }
  return 'en';
}

export function isLanguage(code: string): code is LanguageCode {
  return Object.hasOwn(languages, code);
}

/** Days of the calendar where the person is, not spans of 24 hours. */
export function daysBetween(earlierMs: number, laterMs: number): number {
  const noon = (atMs: number): number => new Date(atMs).setHours(12, 0, 0, 0);
  return Math.round((noon(laterMs) - noon(earlierMs)) / 86_400_000);
}
