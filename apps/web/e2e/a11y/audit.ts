/** What is asked of whatever stands on the screen, in each look. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { wear } from '../look.js';
import { expect } from '../story.js';
import { findFaults } from './find-faults.js';
import { lookNames, looks as allLooks, type LookName } from './looks.js';

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** For a state that differs from its screen in a line or two: all looks would say the same again. */
const fewLooks: readonly LookName[] = ['light', 'dark', 'contrast', 'arabic phone, dark', 'reflow'];

type Audit = {
  readonly page: Page;
  readonly name: string;
  readonly looks?: readonly LookName[];
  /** Done anew in each look: a menu stands where there was room when it was opened. */
  readonly open?: () => Promise<void>;
  readonly close?: () => Promise<void>;
};

/** A screen, in all looks. Faults are told when all was looked at. */
export async function audit({ page, name, looks = lookNames, open, close }: Audit): Promise<void> {
  const faults: string[] = [];
  for (const look of looks) {
    await wear(page, allLooks[look]);
    await open?.();
    const found = [...(await axeFaults(page, look)), ...(await page.evaluate(findFaults))];
    faults.push(...found.map((fault) => `${look}: ${fault}`));
    await close?.();
  }
  await wear(page, allLooks.light);
  expect.soft(faults, name).toEqual([]);
}

export async function auditState(params: Audit): Promise<void> {
  await audit({ looks: fewLooks, ...params });
}

async function axeFaults(page: Page, look: LookName): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page })
    // In the page itself: no frame is in it, and a page beside it would take the focus.
    .setLegacyMode()
    .withTags(standards)
    // Forced colours are the system's, and axe reads those of the style sheet.
    .disableRules(look === 'forced colours' ? ['color-contrast'] : [])
    .analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, any, all, none }) => {
      const why = [...any, ...all, ...none].map(({ message }) => message).join('; ');
      return `${id}: ${help}: ${html} (${why})`;
    }),
  );
}
