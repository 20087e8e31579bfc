/** A QR code as one path: sharp at every size, and no markup is made from text. */
import encodeQr from 'qr';
import { useMemo, type ReactNode } from 'react';

export function QrCode({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const { size, path } = useMemo(() => pathOf(text), [text]);
  return (
    <svg
      className="qr"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
    >
      <path fill="currentColor" d={path} />
    </svg>
  );
}

function pathOf(text: string): { readonly size: number; readonly path: string } {
  const rows = encodeQr(text, 'raw', { border: 1 });
  const squares = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return { size: rows.length, path: squares.join('') };
}
