/** What the command tells k6, as JSON in a file. */
import type { ScenarioName } from './scenarios/all.js';
import type { Size } from './scenario.js';
import type { World } from './world.js';

export type Order = {
  readonly scenario: ScenarioName;
  readonly size: Size;
  /** Where there are several, messages must be seen to cross from one to another. */
  readonly gateways: 'one' | 'several' | 'unknown';
  readonly world: World;
  /** Where k6 writes what it measured. */
  readonly summaryFile: string;
};
