/** The ways in which people see the app. */
import { desk, phone, type Look } from '../look.js';

export const looks = {
  light: desk,
  dark: { ...desk, media: { colorScheme: 'dark' } },
  contrast: { ...desk, preferences: { ...desk.preferences, theme: 'contrast' } },
  'more contrast': { ...desk, media: { colorScheme: 'light', contrast: 'more' } },
  'forced colours': { ...desk, media: { colorScheme: 'dark', forcedColors: 'active' } },
  arabic: { ...desk, preferences: { ...desk.preferences, language: 'ar' } },
  phone,
  'arabic phone, dark': {
    ...phone,
    media: { colorScheme: 'dark' },
    preferences: { ...desk.preferences, language: 'ar' },
  },
  /** A window of 1280 pixels at 400 % (WCAG 1.4.10). */
  reflow: { ...desk, width: 320, height: 640 },
  /** WCAG 1.4.4. */
  'letters of 200 %': { ...desk, letterSize: 32 },
  'letters of 200 % on a phone': { ...phone, letterSize: 32 },
} as const satisfies Readonly<Record<string, Look>>;

export type LookName = keyof typeof looks;

export const lookNames = Object.keys(looks) as readonly LookName[];
