/**
 * What a scenario is. One is known on both sides: here, which makes its people and rooms and reads its thresholds, and
 * in k6, which runs it; so it imports nothing of either, and gets what it acts on as its stage.
 */
import type { FigureName } from './figures.js';
import type { Stage } from './generator/stage.js';

/** `short` is for a look and for CI; `minutes` only lengthens what is long by its nature. */
export type Size =
  { readonly kind: 'short' } | { readonly kind: 'full'; readonly minutes?: number | undefined };

export type RoomsWanted = { readonly count: number; readonly members: number };

export type Scenario = {
  readonly name: string;
  /** One line, for the table. */
  readonly about: string;
  /** What it sends and to whom, in figures. */
  readonly shape: string;
  /** Of k6, each with an event loop of its own and a share of the rooms. */
  readonly vus: number;
  /** By what they are for. A room belongs to one VU, with all its members, and each VU has as many: they share the rates. */
  readonly rooms: Readonly<Record<string, RoomsWanted>>;
  /** From the first socket to the last message; a run is cut when it takes much longer. */
  readonly seconds: number;
  /** k6 thresholds on top of those that every scenario has. */
  readonly thresholds: Readonly<Partial<Record<FigureName, readonly string[]>>>;
  /** In place of a token's life, so that a short run shows renewals too. */
  readonly tokenLifeMs?: number | undefined;
  /** In each VU. Returns with every member of every room on line: what has not arrived soon after is lost. */
  readonly run: (stage: Stage) => Promise<void>;
};
