/** What of a text is left on a disk, in whatever table. */
import type { MemoryDisk } from '../store/memory-store.js';

/** Tables and keys of the rows that hold it, in UTF-8. */
export function textOnDisk(disk: MemoryDisk, text: string): readonly string[] {
  const sought = Buffer.from(text);
  return [...disk.tables].flatMap(([table, rows]) =>
    [...rows].flatMap(([key, bytes]) => (Buffer.from(bytes).includes(sought) ? [`${table} ${key}`] : [])),
  );
}
