/** What processes cost, from /proc: Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

export type NamedProcess = { readonly name: string; readonly pid: number };

/** USER_HZ: 100 on every Linux that Node runs on. */
const microsecondsPerTick = 10_000;
const bytesPerKib = 1024;

/**
 * CPU time so far in µs, by name; a process counts with its children, those that have ended too: Postgres has one for each
 * connection, and loses some whenever a pool shrinks.
 */
export function cpuMicroseconds(processes: readonly NamedProcess[]): ReadonlyMap<string, number> {
  const all = readProcesses();
  return new Map(
    processes.map(({ name, pid }) => [
      name,
      microsecondsPerTick *
        all
          .filter((each) => each.pid === pid || each.parent === pid)
          .reduce((sum, each) => sum + each.ticks + (each.pid === pid ? each.endedTicks : 0), 0),
    ]),
  );
}

export function residentBytes(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1]) * bytesPerKib;
}

type ProcessStat = {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
  /** Of children that have ended. */
  readonly endedTicks: number;
};

function readProcesses(): readonly ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(readStat)
    .filter((stat) => stat !== null);
}

function readStat(pid: string): ProcessStat | null {
  try {
    // The command's name, in parentheses, may contain anything: count from behind it (proc(5), fields 3 on).
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    const [own = 0, ownInKernel = 0, ended = 0, endedInKernel = 0] = fields.slice(11, 15).map(Number);
    return {
      pid: Number(pid),
      parent: Number(fields[1]),
      ticks: own + ownInKernel,
      endedTicks: ended + endedInKernel,
    };
  } catch {
    return null; // it has ended meanwhile
  }
}
