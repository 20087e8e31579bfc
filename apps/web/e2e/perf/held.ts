/** What is measured, and what must hold of it: told for a person to read, and in the last line of the command. */
import { expect, test } from '@playwright/test';
import { figure } from '../story.js';

export type Latency = { readonly p50: number; readonly p95: number; readonly max: number };

export function latencyOf(times: readonly number[]): Latency {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (part: number): number => sorted[Math.ceil(part * sorted.length) - 1] ?? NaN;
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}

export const median = (values: readonly number[]): number => latencyOf(values).p50;

/** Told, and no more: it depends on the machine, or is beside a figure that is held. */
export function tell(what: string, value: number | Latency): void {
  figure(`${what} ${typeof value === 'number' ? rounded(value) : told(value)}`);
}

/** Softly: whatever is missed, all figures are told. */
export function hold(params: {
  /** In the last line. */
  readonly name: string;
  readonly what: string;
  readonly value: number;
  readonly atMost: number;
}): void {
  const { name, what, value, atMost } = params;
  const isHeld = value <= atMost;
  figure(`${what} ${rounded(value)}, must be ≤ ${atMost}: ${isHeld ? 'holds' : 'MISSED'}`);
  const description = `${isHeld ? '' : '!'}${name}=${rounded(value)}`;
  test.info().annotations.push({ type: 'headline', description });
  // What is no number is not held either.
  expect.soft(value, what).toBeLessThanOrEqual(atMost);
}

function told({ p50, p95, max }: Latency): string {
  return `p50 ${rounded(p50)}, p95 ${rounded(p95)}, max ${rounded(max)}`;
}

function rounded(value: number): string {
  if (Number.isInteger(value)) return value.toString();
  return value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0);
}
