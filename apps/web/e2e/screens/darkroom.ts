/** Where pictures are looked at and made small: an empty page of the browser, which knows all the formats. */
import type { Browser, Page } from '@playwright/test';

/** Small enough that letters stay sharp; lossless would be twice as large. */
const webpQuality = 0.9;

export class Darkroom {
  private constructor(private readonly page: Page) {}

  static async open(browser: Browser): Promise<Darkroom> {
    return new Darkroom(await browser.newPage());
  }

  /** How many there are in it, up to some hundred: a picture of nothing has one. */
  async colours(png: Buffer): Promise<number> {
    return this.page.evaluate(async (encoded) => {
      const maxColours = 256;
      const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${encoded}`)).blob());
      const context = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
      context?.drawImage(picture, 0, 0);
      const pixels = context?.getImageData(0, 0, picture.width, picture.height).data;
      const found = new Set<number>();
      for (const pixel of new Uint32Array(pixels?.buffer ?? new ArrayBuffer())) {
        if (found.size < maxColours) found.add(pixel);
      }
      return found.size;
    }, png.toString('base64'));
  }

  async webp(png: Buffer): Promise<Buffer> {
    const encoded = await this.page.evaluate(
      async ({ png, quality }) => {
        const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
        const canvas = new OffscreenCanvas(picture.width, picture.height);
        canvas.getContext('2d')?.drawImage(picture, 0, 0);
        const made = await canvas.convertToBlob({ type: 'image/webp', quality });
        const bytes = new Uint8Array(await made.arrayBuffer());
        return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
      },
      { png: png.toString('base64'), quality: webpQuality },
    );
    return Buffer.from(encoded, 'latin1');
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
