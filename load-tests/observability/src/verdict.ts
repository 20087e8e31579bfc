/**
 * What of a run is a fault: alerts that were active and should not have been, rules that cannot be evaluated, services that
 * cannot be read.
 */
import type { ActiveAlert, RuleState, TargetState } from './prometheus.js';

/** They say that it is slow, which on a machine that does other things meanwhile is true, and no fault of the alert. */
const ofSlowness = [
  'DeliveryBudgetBurnsFast',
  'DeliveryBudgetBurnsSlowly',
  'AppendsSlow',
  'CommitsSlow',
  'EventLoopLags',
  'PostgresSlow',
];

/** The lower of the two paces at which somebody is called, as a share of messages that are late: all windows of a run have the same figures. */
const calledAboveShare = 6 * 0.001;

export type Health = { readonly faults: readonly string[]; readonly notes: readonly string[] };

/** Of a system that nobody has disturbed: nothing fires and nothing is about to. `lateShare`: of the probe's own messages. */
export function judgeHealthy(alerts: readonly ActiveAlert[], lateShare: number): Health {
  const slow = alerts.filter(({ name }) => ofSlowness.includes(name));
  const others = alerts.filter(({ name }) => !ofSlowness.includes(name));
  const faults = others.map(({ name, state }) => `${name} is ${state} on a healthy system`);
  const called = slow.filter(({ name }) => name === 'DeliveryBudgetBurnsFast');
  if (called.length > 0 && lateShare < calledAboveShare)
    faults.push(`DeliveryBudgetBurnsFast is active, and only ${lateShare} of the messages were late`);
  const notes = [...new Set(slow.map(({ name }) => name))].map(
    (name) =>
      `${name} is active: this machine is slow (${(lateShare * 100).toFixed(1)} % of the messages late)`,
  );
  return { faults, notes };
}

export function judgeRules(rules: readonly RuleState[]): readonly string[] {
  return rules
    .filter(({ health, error }) => health !== 'ok' || error !== '')
    .map(({ name, health, error }) => `${name} is ${health}: ${error}`);
}

/** What Prometheus cannot parse is no OpenMetrics; the rest of its errors say that nobody answered. */
export function judgeTargets(targets: readonly TargetState[]): readonly string[] {
  return targets
    .filter(({ health, error }) => health !== 'up' || error !== '')
    .map(({ instance, health, error }) => `${instance} is ${health}: ${error}`);
}

/** An alert that should fire, with texts that say something. */
export function judgeFiring(alerts: readonly ActiveAlert[], name: string): readonly string[] {
  const firing = alerts.filter((alert) => alert.name === name && alert.state === 'firing');
  if (firing.length === 0) return [`${name} does not fire`];
  return firing.flatMap(({ texts }) =>
    texts.filter((text) => /<error|%!|<no value>/.test(text)).map((text) => `${name} says: ${text}`),
  );
}
