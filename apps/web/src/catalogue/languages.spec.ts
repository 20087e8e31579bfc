import { describe, expect, it } from '@jest/globals';
import { languages, loadLanguage, preferredLanguage } from './languages.js';

describe('the language that a browser prefers', () => {
  it('is the first one of its list that there is here', () => {
    expect(preferredLanguage(['fr-FR', 'ar-EG', 'en'])).toBe('ar');
    expect(preferredLanguage(['EN-gb', 'ar'])).toBe('en');
  });

  it('is English when there is none of its list', () => {
    expect(preferredLanguage([])).toBe('en');
    expect(preferredLanguage(['fr', 'constructor', ''])).toBe('en');
  });
});

describe('a loaded language', () => {
  const noon = Date.UTC(2026, 10, 28, 12);

  it('has its own name and direction', async () => {
    expect(languages.ar.name).toBe('العربية');
    expect((await loadLanguage('ar', [])).direction).toBe('rtl');
    expect((await loadLanguage('en', [])).direction).toBe('ltr');
  });

  it('writes numbers and months as in the country of the browser', async () => {
    const cairo = await loadLanguage('ar', ['en-US', 'ar-EG']);
    const rabat = await loadLanguage('ar', ['ar-MA', 'ar-EG']);
    expect(cairo.amount(1234).text).toBe('١٬٢٣٤');
    expect(rabat.amount(7).text).toBe('7');
    expect(cairo.day(noon)).toContain('نوفمبر');
    expect(rabat.day(noon)).toContain('نونبر');
  });

  it('names today and yesterday, and older days by their date', async () => {
    const { dayName } = await loadLanguage('ar', []);
    expect(dayName(noon, noon)).toBe('اليوم');
    expect(dayName(noon - 86_400_000, noon)).toBe('أمس');
    expect(dayName(noon - 400 * 86_400_000, noon)).toContain('2025');
  });

  it('keeps the names of a list apart from each other', async () => {
    expect((await loadLanguage('ar', [])).list(['ann', 'سلمى'])).toBe('\u2068ann\u2069 و\u2068سلمى\u2069');
    expect((await loadLanguage('en', ['en-GB'])).list(['ann', 'سلمى'])).toBe('ann and \u2068سلمى\u2069');
  });
});
