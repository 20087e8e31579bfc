/** What people read at the end of `npm run images`. */
import type { Measured } from './measure-images.js';

const mebibyte = 1024 * 1024;

export function tableOf(measured: readonly Measured[]): readonly string[] {
  const rows = [
    ['image', 'MiB', 'start ms', 'until it'],
    ...measured.map(({ name, bytes, startMs, until }) => [
      name,
      (bytes / mebibyte).toFixed(0),
      startMs.toFixed(0),
      until,
    ]),
  ];
  const width = Math.max(...rows.map(([name = '']) => name.length));
  return rows.map(([name = '', size = '', start = '', until = '']) =>
    [name.padEnd(width), size.padStart(5), start.padStart(8), until].join('  '),
  );
}

export function lastLineOf(measured: readonly Measured[]): string {
  const largest = measured.toSorted((one, other) => other.bytes - one.bytes)[0];
  const slowest = measured
    .filter(({ until }) => until === 'is ready')
    .toSorted((one, other) => other.startMs - one.startMs)[0];
  return [
    `${measured.length} images built and started`,
    ...(largest === undefined
      ? []
      : [`largest ${largest.name} ${(largest.bytes / mebibyte).toFixed(0)} MiB`]),
    ...(slowest === undefined
      ? []
      : [`slowest service ready after ${slowest.startMs.toFixed(0)} ms (${slowest.name})`]),
  ].join('; ');
}
