/** Every scenario, in the order in which `all` runs them. */
import type { Scenario, Size } from '../scenario.js';
import { connectRamp } from './connect-ramp.js';
import { groupFanOut } from './group-fan-out.js';
import { mixedDay } from './mixed-day.js';
import { offlineCatchUp } from './offline-catch-up.js';
import { reconnectStorm } from './reconnect-storm.js';
import { signInStorm } from './sign-in-storm.js';
import { soak } from './soak.js';
import { steadyChat } from './steady-chat.js';

export const scenarios = {
  'steady-chat': steadyChat,
  'connect-ramp': connectRamp,
  'group-fan-out': groupFanOut,
  'reconnect-storm': reconnectStorm,
  'offline-catch-up': offlineCatchUp,
  'sign-in-storm': signInStorm,
  'mixed-day': mixedDay,
  soak,
} as const satisfies Readonly<Record<string, (size: Size) => Scenario>>;

export type ScenarioName = keyof typeof scenarios;
export const scenarioNames = Object.keys(scenarios) as readonly ScenarioName[];
