/** What a span of the catalogue says of itself. */
import type { ServiceName } from '../metric-definition.js';

/**
 * What an attribute may hold: one of a closed set of words; `count`, a small whole number; `hop`, the random id that
 * joins the two traces of one message.
 */
export type AttributeForm = readonly string[] | 'count' | 'hop';

/** As OpenTelemetry tells them apart: who waits for whom. */
export type SpanRole = 'server' | 'client' | 'producer' | 'consumer' | 'internal';

export type SpanDefinition = {
  /** From when to when, and what it is for. */
  readonly help: string;
  readonly role: SpanRole;
  readonly attributes: Readonly<Record<string, AttributeForm>>;
  /** Which services record it. */
  readonly services: readonly ServiceName[] | 'every';
};

export type AttributesOf<Forms extends Readonly<Record<string, AttributeForm>>> = {
  readonly [Name in keyof Forms]?: Forms[Name] extends readonly string[]
    ? Forms[Name][number]
    : Forms[Name] extends 'count'
      ? number
      : string;
};

/** Nothing of ours that is counted in a span comes near it, and a time, a place in a log or an address is beyond it. */
const maxCount = 99_999;
export const hopBytes = 8;
const hop = /^[0-9a-f]{16}$/;

export function fits(form: AttributeForm, value: unknown): boolean {
  switch (form) {
    case 'count':
      return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maxCount;
    case 'hop':
      return typeof value === 'string' && hop.test(value);
    default:
      return typeof value === 'string' && form.includes(value);
  }
}
