/** A camera that looks at what a story holds before it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from '@playwright/test';

/** What Chromium takes for a camera: one picture, again and again. */
const widthPx = 640;
const heightPx = 480;
/** Of one square of the code. */
const scale = 6;
const white = 235;
const black = 16;

/** Points the camera at a QR code that stands on somebody's screen. */
export async function pointAt(code: Locator, file: string): Promise<void> {
  const { size, squares } = await code.evaluate((drawn: SVGSVGElement) => ({
    size: drawn.viewBox.baseVal.width,
    squares: [
      ...(drawn.querySelector('path')?.getAttribute('d') ?? '').matchAll(/M(\d+) (\d+)h1v1h-1z/g),
    ].map(([, x, y]) => [Number(x), Number(y)] as const),
  }));
  const light = new Uint8Array(widthPx * heightPx).fill(white);
  const left = Math.floor((widthPx - size * scale) / 2);
  const top = Math.floor((heightPx - size * scale) / 2);
  for (const [x, y] of squares)
    for (let row = 0; row < scale; row++) {
      const start = (top + y * scale + row) * widthPx + left + x * scale;
      light.fill(black, start, start + scale);
    }
  const grey = new Uint8Array((widthPx * heightPx) / 2).fill(128);
  const header = `YUV4MPEG2 W${widthPx} H${heightPx} F5:1 Ip A1:1 C420jpeg\n`;
  const frame = Buffer.concat([Buffer.from('FRAME\n'), light, grey]);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, Buffer.concat([Buffer.from(header), frame, frame]));
}
