/** How long messages stay, as a person types and reads it. */
import { CliFailure } from './exit-codes.js';

const unitsS = { w: 7 * 86_400, d: 86_400, h: 3_600, m: 60, s: 1 } as const;
const names = { w: 'week', d: 'day', h: 'hour', m: 'minute', s: 'second' } as const;
type Unit = keyof typeof unitsS;
const units = Object.keys(unitsS) as readonly Unit[];

/** `30s`, `5m`, `8h`, `1d`, `4w`; `null` for `off`. Whether it may be so long says the client. @throws CliFailure `usage` */
export function parseTimer(text: string): number | null {
  if (text === 'off') return null;
  const [, amount, unit] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined)
    throw new CliFailure('usage', `"${text}" is not how long messages can stay`, {
      hint: 'Like 30s, 5m, 8h, 1d or 4w; or off.',
    });
  return Number(amount) * unitsS[unit as Unit];
}

/** `1 day`, `90 seconds`: in the largest unit that divides it. */
export function durationText(seconds: number): string {
  const unit = units.find((each) => seconds % unitsS[each] === 0) ?? 's';
  const amount = seconds / unitsS[unit];
  return `${amount} ${names[unit]}${amount === 1 ? '' : 's'}`;
}

/** What is so from now on. */
export function timerText(seconds: number | null): string {
  return seconds === null
    ? 'messages do not disappear'
    : `messages disappear ${durationText(seconds)} after they are read`;
}
