/** Clock jumps by libfaketime, preloaded into single processes: their time of day moves, their timers do not. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FaultSystem } from '../fault-system.js';
import type { Fault } from '../fault.js';

const victims = ['auth-1', 'gateway-1', 'message-store-1', 'key-directory-1', 'clients'] as const;
/** Both directions; within the life of an access token (10 min) and past it. */
const jumps = ['+2m', '-2m', '+3h', '-3h'];
const libraryFolders = ['/usr/lib', '/usr/lib64', '/usr/local/lib'];
const libraryName = 'libfaketime.so.1';
/** The host whose clients' clock jumps. */
const clientHost = 0;

function library(): string | undefined {
  const folders = libraryFolders.filter(existsSync).flatMap((folder) => [
    folder,
    path.join(folder, 'faketime'),
    ...readdirSync(folder)
      .filter((name) => name.includes('linux-gnu'))
      .map((name) => path.join(folder, name, 'faketime')),
  ]);
  return folders.map((folder) => path.join(folder, libraryName)).find(existsSync);
}

const fileOf = (faulty: FaultSystem, victim: string): string => path.join(faulty.folder, `clock-${victim}`);
const victimOf = (injection: number): string => victims[injection % victims.length] ?? '';
const setClock = (faulty: FaultSystem, victim: string, offset: string): void =>
  writeFileSync(fileOf(faulty, victim), `${offset}\n`);

function environmentOf(faulty: FaultSystem, victim: string): Readonly<Record<string, string>> {
  return {
    LD_PRELOAD: library() ?? '',
    FAKETIME_TIMESTAMP_FILE: fileOf(faulty, victim),
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}

async function restartAll(
  faulty: FaultSystem,
  environment: (victim: string) => Readonly<Record<string, string>>,
): Promise<void> {
  for (const victim of victims) {
    setClock(faulty, victim, '+0');
    if (victim === 'clients') {
      await faulty.sdk.killHost(clientHost);
      await faulty.sdk.startHost(clientHost, environment(victim));
    } else {
      await faulty.service(victim).stop();
      await faulty.service(victim).start(environment(victim));
    }
  }
}

export const clockFaults: readonly Fault[] = [
  {
    name: 'jump-clock',
    what: `the clock of ${victims.join(', ')} in turn jumps by ${jumps.join(', ')}, and back`,
    holdMs: 2_000,
    surroundings: 'ordinary',
    missing: () =>
      Promise.resolve(
        library() === undefined ? 'wants libfaketime (Debian: apt-get install faketime)' : null,
      ),
    begin: (faulty) => restartAll(faulty, (victim) => environmentOf(faulty, victim)),
    inject: async (faulty, injection) =>
      setClock(
        faulty,
        victimOf(injection),
        jumps[Math.floor(injection / victims.length) % jumps.length] ?? '',
      ),
    heal: async (faulty, injection) => setClock(faulty, victimOf(injection), '+0'),
    end: (faulty) => restartAll(faulty, () => ({})),
  },
];
