/** Reads QR codes from the camera, picture by picture, until it is taken off the screen. Nothing is kept or sent. */
import decodeQr from 'qr/decode.js';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useText } from '../catalogue/language-context.js';

/** Enough for the codes of this app, and quick to search. */
const searchedPixels = 480;
const everyMs = 200;

export function QrScanner({ onText }: { readonly onText: (text: string) => void }): ReactNode {
  const t = useText();
  const video = useRef<HTMLVideoElement>(null);
  const [hasCamera, setHasCamera] = useState(true);
  const found = useRef(onText);
  found.current = onText;

  useEffect(() => {
    const ended = new AbortController();
    void scan(video.current, ended.signal, (text) => found.current(text)).catch(() => {
      // No camera, or it was not allowed: the person is told, and has other ways.
      if (!ended.signal.aborted) setHasCamera(false);
    });
    return () => ended.abort();
  }, []);

  return (
    <div className="scanner">
      {hasCamera ? (
        <video ref={video} muted playsInline aria-label={t.newConversation.scan} />
      ) : (
        <p className="note">{t.newConversation.noCamera}</p>
      )}
    </div>
  );
}

async function scan(
  video: HTMLVideoElement | null,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<void> {
  if (video === null) return;
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  signal.addEventListener('abort', () => stopped(stream));
  if (signal.aborted) return stopped(stream);
  video.srcObject = stream;
  await video.play();
  const canvas = new OffscreenCanvas(searchedPixels, searchedPixels);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const timer = setInterval(() => {
    const text = context === null ? null : read(video, context);
    if (text !== null) onText(text);
  }, everyMs);
  signal.addEventListener('abort', () => clearInterval(timer));
}

function stopped(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function read(video: HTMLVideoElement, context: OffscreenCanvasRenderingContext2D): string | null {
  const side = Math.min(video.videoWidth, video.videoHeight);
  if (side === 0) return null;
  const [x, y] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
  context.drawImage(video, x, y, side, side, 0, 0, searchedPixels, searchedPixels);
  try {
    return decodeQr(context.getImageData(0, 0, searchedPixels, searchedPixels));
  } catch {
    // No code in this picture.
    return null;
  }
}
