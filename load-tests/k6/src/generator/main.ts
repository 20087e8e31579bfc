/** The program that k6 runs: one scenario, as the order in LOAD_ORDER says. Bundled with everything that it uses. */
import './text-encoding.js';
import { thresholdsOfAll } from '../figures.js';
import type { Order } from '../order.js';
import { scenarios } from '../scenarios/all.js';
import { prepareSigning } from './credentials.js';
import { declareFigures, k6Runtime } from './k6-runtime.js';
import { Stage } from './stage.js';

const order = JSON.parse(open(__ENV['LOAD_ORDER'] ?? '')) as Order;
const scenario = scenarios[order.scenario](order.size);
const metrics = declareFigures();

/** Beyond the scenario's own time: connecting beforehand and settling afterwards. What takes longer is cut, and fails. */
const allowance = { factor: 1.5, seconds: 60 };

export const options = {
  scenarios: {
    [scenario.name]: {
      executor: 'per-vu-iterations',
      vus: scenario.vus,
      iterations: 1,
      exec: 'run',
      maxDuration: `${Math.ceil(scenario.seconds * allowance.factor + allowance.seconds)}s`,
      gracefulStop: '0s',
    },
  },
  thresholds: {
    ...thresholdsOfAll,
    ...(order.gateways === 'several' ? { messages_across: ['count>0'] } : {}),
    vus_finished: [`count==${scenario.vus}`],
    ...scenario.thresholds,
  },
  summaryTrendStats: ['min', 'med', 'p(90)', 'p(95)', 'p(99)', 'max', 'count'],
  systemTags: [],
};

/** In each VU. */
export async function run(): Promise<void> {
  prepareSigning(order.world);
  const runtime = k6Runtime(metrics);
  try {
    const stage = new Stage({
      runtime,
      world: order.world,
      vu: { index: __VU - 1, of: scenario.vus },
      tokenLifeMs: scenario.tokenLifeMs,
    });
    await scenario.run(stage);
    await stage.settle();
    runtime.note('vus_finished', 1);
  } catch (error) {
    // k6 would log it and call the run a success.
    console.error(
      `the scenario broke: ${error instanceof Error ? `${error.message}\n${error.stack}` : String(error)}`,
    );
  }
}

export function handleSummary(data: unknown): Readonly<Record<string, string>> {
  return { [order.summaryFile]: JSON.stringify(data) };
}
