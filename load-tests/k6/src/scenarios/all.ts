import type { Scenario, Size } from '../scenario.js';
import { steadyChat } from './steady-chat.js';

export const scenarios = {
  'steady-chat': steadyChat,
} as const satisfies Readonly<Record<string, (size: Size) => Scenario>>;

export type ScenarioName = keyof typeof scenarios;
export const scenarioNames = Object.keys(scenarios) as readonly ScenarioName[];
