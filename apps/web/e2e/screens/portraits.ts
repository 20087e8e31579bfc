/** Pictures of people who do not exist, drawn from a few shapes. */
import type { Browser } from '@playwright/test';

type Portrait = {
  readonly wall: string;
  readonly hair: string;
  readonly skin: string;
  readonly shirt: string;
  readonly cut: keyof typeof cuts;
};

export const portraits = {
  anna: { wall: '#f3d9b1', hair: '#7a3e1d', skin: '#f1c7a5', shirt: '#2f6f6a', cut: 'long' },
  ben: { wall: '#bcd9ea', hair: '#1d1512', skin: '#8a5a3c', shirt: '#e0a13a', cut: 'short' },
  clara: { wall: '#d8cfe8', hair: '#d9a441', skin: '#f4d3bb', shirt: '#a4405c', cut: 'bun' },
  david: { wall: '#cfe3cf', hair: '#22201f', skin: '#e8b98f', shirt: '#3d4f7c', cut: 'short' },
  layla: { wall: '#f0cfc7', hair: '#2a6f77', skin: '#dba87c', shirt: '#27525a', cut: 'scarf' },
  sami: { wall: '#d5e0c8', hair: '#2b211c', skin: '#c98f63', shirt: '#7a4a2b', cut: 'short' },
} as const satisfies Readonly<Record<string, Portrait>>;

const sizePx = 256;

/** What lies behind the head, and what before it. */
const cuts = {
  short: {
    behind: '',
    before: 'M31 41c-3-19 8-27 19-27s22 8 19 27c-2-7-5-11-9-13-7 3-15 3-20 1-4 3-7 6-9 12z',
  },
  long: {
    behind: 'M25 46c0-20 11-31 25-31s25 11 25 31v30H25z',
    before: 'M31 44c-3-21 8-28 19-28s22 7 19 28c-2-9-8-14-13-17-7 6-17 8-25 17z',
  },
  bun: {
    behind: 'M50 2a10 10 0 0 1 0 20 10 10 0 0 1 0-20z',
    before: 'M31 42c-2-18 8-26 19-26s21 8 19 26c-4-9-11-13-19-13s-15 4-19 13z',
  },
  scarf: {
    behind: 'M24 46c0-19 11-32 26-32s26 13 26 32c0 12 4 22 6 30H18c2-8 6-18 6-30z',
    before: 'M32 46c-3-22 7-30 18-30s21 8 18 30c-2-13-8-19-18-19s-16 6-18 19z',
  },
};

function drawing({ wall, hair, skin, shirt, cut }: Portrait): string {
  const { behind, before } = cuts[cut];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="${sizePx}" height="${sizePx}">
    <rect width="100" height="100" fill="${wall}"/>
    <path d="${behind}" fill="${hair}"/>
    <path d="M12 104c0-22 17-31 38-31s38 9 38 31z" fill="${shirt}"/>
    <path d="M42 56h16v18a8 8 0 0 1-16 0z" fill="${skin}"/>
    <path d="M42 62c4 5 12 5 16 0v4c-4 4-12 4-16 0z" fill="#000" opacity=".12"/>
    <ellipse cx="50" cy="44" rx="18" ry="21" fill="${skin}"/>
    <path d="${before}" fill="${hair}"/>
    <circle cx="43" cy="45" r="1.8" fill="#2a1f1a"/><circle cx="57" cy="45" r="1.8" fill="#2a1f1a"/>
    <path d="M43 54c4 4 10 4 14 0" fill="none" stroke="#2a1f1a" stroke-width="1.8" stroke-linecap="round"/>
  </svg>`;
}

/** As a PNG. */
export async function paint(browser: Browser, of: keyof typeof portraits): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: sizePx, height: sizePx }, deviceScaleFactor: 1 });
  await page.setContent(`<body style="margin:0">${drawing(portraits[of])}</body>`);
  const png = await page.screenshot();
  await page.context().close();
  return png;
}
