/** Takes a picture of what stands on the screen, in each look. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, type Page } from '@playwright/test';
import { desk, phone, wear, type Look } from '../look.js';
import { chosen, maxChosenBytes } from './chosen.js';
import type { Darkroom } from './darkroom.js';

const inDark = (look: Look): Look => ({ ...look, media: { colorScheme: 'dark' } });
const inArabic = (look: Look): Look => ({ ...look, preferences: { ...look.preferences, language: 'ar' } });

const looks = {
  light: desk,
  dark: inDark(desk),
  'phone-light': phone,
  'phone-dark': inDark(phone),
  'arabic-light': inArabic(desk),
  'arabic-dark': inArabic(inDark(desk)),
  'arabic-phone-light': inArabic(phone),
  'arabic-phone-dark': inArabic(inDark(phone)),
} as const satisfies Readonly<Record<string, Look>>;

export type LookName = keyof typeof looks;

export const onDesk: readonly LookName[] = ['light', 'dark'];
export const onPhone: readonly LookName[] = ['phone-light', 'phone-dark'];
export const everywhere: readonly LookName[] = [...onDesk, ...onPhone];

/** A page that draws nothing has one colour, and one that draws a heading alone some ten. */
const fewestColours = 16;

export class Camera {
  constructor(
    private readonly darkroom: Darkroom,
    /** Folder of the run's output. */
    private readonly output: string,
  ) {}

  async photograph(page: Page, name: string, lookNames: readonly LookName[]): Promise<void> {
    for (const look of lookNames) {
      await wear(page, looks[look]);
      await settle(page);
      const png = await page.screenshot({ animations: 'disabled', caret: 'hide' });
      const title = `${name}-${look}`;
      this.keep(path.join('screens', `${title}.png`), png);
      expect(await this.darkroom.colours(png), `${title} is blank`).toBeGreaterThan(fewestColours);
      if (chosen.includes(title)) await this.keepSmall(title, png);
    }
    await wear(page, looks.light);
  }

  private async keepSmall(title: string, png: Buffer): Promise<void> {
    const webp = await this.darkroom.webp(png);
    this.keep(path.join('chosen', `${title}.webp`), webp);
    expect(webp.length, `bytes of ${title}`).toBeLessThan(maxChosenBytes);
  }

  private keep(file: string, bytes: Buffer): void {
    const target = path.join(this.output, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
}

/** Until all letters and pictures are there, and what a list had to measure is drawn. */
async function settle(page: Page): Promise<void> {
  await page.mouse.move(0, 0);
  await page.evaluate(async () => {
    await document.fonts.ready;
    await Promise.allSettled([...document.images].map((image) => image.decode()));
    for (let frames = 0; frames < 5; frames++) await new Promise(requestAnimationFrame);
  });
}
