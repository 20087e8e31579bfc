/**
 * A picture as a profile carries it: a small square, drawn anew, so that nothing of the file goes along but what one sees
 * (cameras write places and times into theirs).
 */
import { maxPictureBytes, type Picture } from '@cipherchat/client-sdk';

/** Twice the largest avatar. */
const sidePixels = 192;
/** The browser decodes it whole. */
const maxFileBytes = 64 * 1024 * 1024;
/** The best first. The worst is small enough for any picture of this side. */
const qualities = [0.9, 0.8, 0.65, 0.5, 0.3];

/** @returns `null` for what is no picture that this browser can read. */
export async function scalePicture(file: Blob): Promise<Picture | null> {
  if (file.size > maxFileBytes) return null;
  const canvas = new OffscreenCanvas(sidePixels, sidePixels);
  try {
    const image = await createImageBitmap(file);
    drawMiddle(canvas, image);
    image.close();
  } catch {
    // Not a picture, or of a format that this browser does not know.
    return null;
  }
  for (const quality of qualities) {
    const blob = await encode(canvas, quality);
    if (blob.size <= maxPictureBytes) return pictureOf(blob);
  }
  return null;
}

function drawMiddle(canvas: OffscreenCanvas, image: ImageBitmap): void {
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser has no canvas');
  const side = Math.min(image.width, image.height);
  const [x, y] = [(image.width - side) / 2, (image.height - side) / 2];
  // JPEG has no transparency, and would show black.
  context.fillStyle = 'white';
  context.fillRect(0, 0, sidePixels, sidePixels);
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, x, y, side, side, 0, 0, sidePixels, sidePixels);
}

/** Safari writes no WebP: asked for it, it gives a PNG, which has no quality to lower. */
async function encode(canvas: OffscreenCanvas, quality: number): Promise<Blob> {
  const blob = await canvas.convertToBlob({ type: 'image/webp', quality });
  return blob.type === 'image/webp' ? blob : canvas.convertToBlob({ type: 'image/jpeg', quality });
}

async function pictureOf(blob: Blob): Promise<Picture> {
  const type = blob.type === 'image/webp' ? blob.type : 'image/jpeg';
  return { type, bytes: new Uint8Array(await blob.arrayBuffer()) };
}
