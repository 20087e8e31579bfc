import type { RoomAccount } from './account.js';
import type { RoundResult } from './round.js';

const widths = [5, 12, 13, 12, 12, 6, 6, 5, 5, 7, 7] as const;
const titles = [
  'round',
  'change',
  'server lost',
  'conversations',
  'acknowledged',
  'lost',
  'marked',
  'twice',
  'late',
  'unequal',
  'recovered s',
];

type Figure = 'acknowledged' | 'lost' | 'marked' | 'twice' | 'late' | 'waiting';

function sumOf(accounts: readonly RoomAccount[], figure: Figure): number {
  return accounts.reduce((sum, account) => sum + account[figure], 0);
}

export function tableHead(): string {
  return line(titles);
}

/** Figures of the account are of everything since the first round. */
export function tableRow({ round, change, accounts, ...result }: RoundResult): string {
  return line([
    String(round),
    change,
    String(result.lostEntries),
    String(result.lostConversations),
    String(sumOf(accounts, 'acknowledged')),
    String(sumOf(accounts, 'lost')),
    String(sumOf(accounts, 'marked')),
    String(sumOf(accounts, 'twice')),
    String(sumOf(accounts, 'late')),
    String(accounts.filter(({ isUnequal }) => isUnequal).length),
    (result.recoveredMs / 1_000).toFixed(1),
  ]);
}

/** Why a round does not hold. */
export function failuresOf({ round, accounts, wrongs }: RoundResult): readonly string[] {
  const failures = wrongs.map((wrong) => `round ${round}: ${wrong}`);
  for (const figure of ['lost', 'twice', 'waiting'] as const)
    if (sumOf(accounts, figure) > 0) failures.push(`round ${round}: ${sumOf(accounts, figure)} ${figure}`);
  const unequal = accounts.filter(({ isUnequal }) => isUnequal).length;
  if (unequal > 0) failures.push(`round ${round}: members of ${unequal} rooms hold different things`);
  if (sumOf(accounts, 'acknowledged') === 0) failures.push(`round ${round}: nothing was acknowledged`);
  return failures;
}

/** One line of figures, to compare runs by. */
export function lastLine(results: readonly RoundResult[], failures: readonly string[]): string {
  const last = results.at(-1)?.accounts ?? [];
  const figures = [
    `rounds=${results.length}`,
    `entries-the-server-lost=${results.reduce((sum, { lostEntries }) => sum + lostEntries, 0)}`,
    `acknowledged=${sumOf(last, 'acknowledged')}`,
    `lost=${sumOf(last, 'lost')}`,
    `marked=${sumOf(last, 'marked')}`,
    `twice=${sumOf(last, 'twice')}`,
    `late=${sumOf(last, 'late')}`,
    `unequal-rooms=${last.filter(({ isUnequal }) => isUnequal).length}`,
    `slowest-recovery-s=${(Math.max(0, ...results.map(({ recoveredMs }) => recoveredMs)) / 1_000).toFixed(1)}`,
  ];
  return `restore ${failures.length === 0 ? 'held' : 'FAILED'}: ${figures.join(' ')}`;
}

function line(cells: readonly string[]): string {
  return cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join('  ');
}
