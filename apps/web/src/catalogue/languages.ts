/** The languages, each with its direction, and how it writes numbers, times and lists. */
import type { Amount } from './amount.js';
import { isolate, isolating, type Direction } from './isolate.js';
import type { Sentences } from './sentences.js';

type Entry = {
  /** As those who speak it call it. */
  readonly name: string;
  readonly direction: Direction;
  /** A file of its own: nobody waits for the sentences of a language that they do not read. */
  readonly load: () => Promise<Sentences>;
};

export const languages = {
  en: { name: 'English', direction: 'ltr', load: async () => (await import('./en.js')).en },
  ar: { name: 'العربية', direction: 'rtl', load: async () => (await import('./ar.js')).ar },
} as const satisfies Readonly<Record<string, Entry>>;
export type LanguageCode = keyof typeof languages;

export type Language = {
  readonly code: LanguageCode;
  readonly direction: Direction;
  readonly t: Sentences;
  readonly amount: (value: number) => Amount;
  readonly time: (atMs: number) => string;
  readonly day: (atMs: number) => string;
  /** A day in a list of days: today and yesterday by name. */
  readonly dayName: (atMs: number, nowMs: number) => string;
  /** For a list: the time of today, the day of before. */
  readonly when: (atMs: number, nowMs: number) => string;
  readonly list: (items: readonly string[]) => string;
  /** In the largest unit that divides it. */
  readonly duration: (seconds: number) => string;
};

/**
 * A language, ready to speak. Numbers and times are written as in the first country of `wanted` that speaks it: digits
 * and the names of months differ between Cairo and Casablanca.
 */
export async function loadLanguage(code: LanguageCode, wanted: readonly string[]): Promise<Language> {
  const { direction, load } = languages[code];
  const locale = wanted.find((tag) => languageOfTag(tag) === code) ?? code;
  const dates = (options: Intl.DateTimeFormatOptions) =>
    whenNeeded(() => new Intl.DateTimeFormat(locale, options));
  const number = whenNeeded(() => new Intl.NumberFormat(locale));
  const time = dates({ timeStyle: 'short' });
  const day = dates({ weekday: 'long', day: 'numeric', month: 'long' });
  const dated = dates({ dateStyle: 'long' });
  const short = dates({ day: 'numeric', month: 'short' });
  const weekday = dates({ weekday: 'short' });
  const relative = whenNeeded(() => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }));
  const list = whenNeeded(() => new Intl.ListFormat(locale));
  const dayName = (atMs: number, nowMs: number): string => {
    const ago = daysBetween(atMs, nowMs);
    if (ago === 0 || ago === 1) return relative().format(-ago, 'day');
    return (ago < 180 ? day() : dated()).format(atMs);
  };
  return {
    code,
    direction,
    t: isolating(await load(), direction),
    amount: (value) => ({ value, text: number().format(value) }),
    time: (atMs) => time().format(atMs),
    day: (atMs) => dated().format(atMs),
    dayName,
    when: (atMs, nowMs) => {
      const ago = daysBetween(atMs, nowMs);
      if (ago <= 0) return time().format(atMs);
      return (ago < 7 ? weekday() : short()).format(atMs);
    },
    list: (items) => list().format(items.map((item) => isolate(item, direction))),
    duration: (seconds) => durationIn(locale, seconds),
  };
}

/** Each takes milliseconds to make, and the first screen needs none of them. */
function whenNeeded<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => (made ??= make());
}

const units = { week: 604_800, day: 86_400, hour: 3_600, minute: 60, second: 1 } as const;

function durationIn(locale: string, seconds: number): string {
  const [unit, length] = Object.entries(units).find(([, each]) => seconds % each === 0) ?? ['second', 1];
  const format = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' });
  return format.format(seconds / length);
}

/** The first language of the browser that there is here. */
export function preferredLanguage(wanted: readonly string[]): LanguageCode {
  for (const tag of wanted) {
    const code = languageOfTag(tag);
    if (isLanguage(code)) return code;
  }
  return 'en';
}

export function isLanguage(code: string): code is LanguageCode {
  return Object.hasOwn(languages, code);
}

function languageOfTag(tag: string): string {
  return tag.toLowerCase().split('-')[0] ?? '';
}

/** Days of the calendar where the person is, not spans of 24 hours. */
export function daysBetween(earlierMs: number, laterMs: number): number {
  const noon = (atMs: number): number => new Date(atMs).setHours(12, 0, 0, 0);
  return Math.round((noon(laterMs) - noon(earlierMs)) / 86_400_000);
}
