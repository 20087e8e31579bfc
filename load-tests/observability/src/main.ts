/** `npm run test:observability`: see README.md. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ExplainedError,
  prometheusPrograms,
  ScrapedMetrics,
  startIsolatedSystem,
  temporaryFolder,
  type IsolatedSystem,
} from '@cipherchat/test-kit';
import { Crowd, until, wait } from './crowd.js';
import { answer, readDashboards } from './dashboards.js';
import { writePages } from './pages.js';
import { startProbe } from './probe.js';
import { Prometheus } from './prometheus.js';
import { checkRules } from './promtool.js';
import { serveKubernetes } from './kubernetes-target.js';
import { judgeFiring, judgeHealthy, judgeRules, judgeTargets } from './verdict.js';

const healthyMs = 40_000;
const secondLookMs = 5_000;
const targetLooks = 3;
const absenceMs = 8_000;
/** Until what the outage held up has arrived. */
const settleMs = 12_000;
const outage = 'DeliveryBudgetBurnsFast';
const pagesDir = fileURLToPath(new URL('../../../.cache/observability', import.meta.url));
const interrupted = 130;
const say = (line: string): void => console.log(line);

// The watchdog ends what we started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(interrupted));
const stops: (() => Promise<void> | void)[] = [];
try {
  await main();
} catch (error) {
  process.exitCode = 1;
  console.error(error instanceof ExplainedError ? error.message : error);
} finally {
  for (const stop of stops.toReversed()) await stop();
}
// Everything that was started has ended; connections that the platform keeps for reuse would keep us.
process.exit();

async function main(): Promise<void> {
  const startedMs = performance.now();
  const { prometheus: program, promtool } = await prometheusPrograms(say);
  const { rules: ruleCount } = await checkRules(promtool);
  say(`promtool: ${ruleCount} rules, and the tests of all alerts, are right.`);

  const folder = temporaryFolder('observability');
  stops.push(folder.remove);
  const system = await startIsolatedSystem({
    logDir: path.join(folder.path, 'logs'),
    // All load comes from one machine.
    environment: { RATE_LIMIT_SCALE: '100000' },
  });
  stops.push(system.stop);
  const probe = await startProbe({ serverUrl: system.serverUrl, folder: folder.path });
  stops.push(probe.stop);
  const kubernetes = await serveKubernetes();
  stops.push(kubernetes.stop);
  const crowd = await Crowd.start({ serverUrl: system.serverUrl, folder: folder.path });
  stops.push(() => crowd.close());
  const prometheus = await Prometheus.start({
    program,
    folder: folder.path,
    kubernetes: kubernetes.url,
    targets: [...system.services, { service: 'probe', instance: 'probe-1', url: probe.url }],
  });
  stops.push(prometheus.stop);
  const fromS = Date.now() / 1_000;
  const before = await ScrapedMetrics.of(probe);

  say(`Six people write for ${healthyMs / 1_000} s; nobody disturbs them.`);
  crowd.talk();
  await wait(healthyMs);
  // A scrape that came too late is no alert: what counts is there at a second look.
  const once = new Set((await prometheus.activeAlerts()).map(({ name }) => name));
  await wait(secondLookMs);
  const active = (await prometheus.activeAlerts()).filter(({ name }) => once.has(name));
  const health = judgeHealthy(active, lateShare(before, await ScrapedMetrics.of(probe)));
  for (const note of health.notes) say(`  ${note}`);

  say('The message store is killed, until somebody would be called.');
  const killedMs = performance.now();
  await serviceOf(system, 'message-store-1').kill();
  await until(
    `${outage} fires`,
    async () => judgeFiring(await prometheus.activeAlerts(), outage).length === 0,
  );
  const firedS = (performance.now() - killedMs) / 1_000;
  const firing = await prometheus.activeAlerts();
  await serviceOf(system, 'message-store-1').start();
  await wait(settleMs);

  say('A gateway restarts, somebody new comes, and somebody is away and comes back.');
  await Promise.all([restart(system, 'gateway-1'), crowd.absence(absenceMs), crowd.welcome('gil')]);
  let unread = judgeTargets(await prometheus.targets());
  // One that only came too late is read at another look.
  for (let look = 1; look < targetLooks && unread.length > 0; look++) {
    await wait(secondLookMs);
    unread = judgeTargets(await prometheus.targets());
  }
  await crowd.hush();

  const time = { fromS, toS: Date.now() / 1_000 };
  const answered = [];
  for (const dashboard of readDashboards())
    answered.push(await answer(dashboard, (query) => prometheus.range(query, time)));
  const faults = [
    ...health.faults,
    ...judgeFiring(firing, outage),
    ...unread,
    ...judgeRules(await prometheus.rules()),
    ...answered.flatMap((each) => each.faults),
  ];
  const pages = await writePages(answered, pagesDir);
  for (const fault of faults) console.error(`FAILED ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
  const panels = answered.reduce((sum, each) => sum + each.panels.length, 0);
  const queries = answered.reduce((sum, each) => sum + each.queries, 0);
  say(`Pages to look at: ${path.relative(process.cwd(), pages)}`);
  say(
    `observability: dashboards=${answered.length} panels=${panels} queries=${queries} rules=${ruleCount} active-when-healthy=${health.faults.length} fired-after-s=${firedS.toFixed(1)} messages=${crowd.written} faults=${faults.length} seconds=${Math.round((performance.now() - startedMs) / 1_000)}`,
  );
}

function serviceOf(system: IsolatedSystem, instance: string): IsolatedSystem['services'][number] {
  const found = system.services.find((service) => service.instance === instance);
  if (found === undefined) throw new RangeError(`no ${instance}`);
  return found;
}

async function restart(system: IsolatedSystem, instance: string): Promise<void> {
  const service = serviceOf(system, instance);
  await service.stop();
  await service.start();
}

/** Of the probe's messages between two looks, the share that was not shown in time. */
function lateShare(before: ScrapedMetrics, after: ScrapedMetrics): number {
  const grown = (name: string, labels: Readonly<Record<string, string>>): number =>
    after.sum(name, labels) - before.sum(name, labels);
  const sent = grown('cipherchat_probe_messages_total', { outcome: 'sent' });
  const inTime = grown('cipherchat_probe_delivery_duration_seconds_bucket', { le: '0.2' });
  return sent === 0 ? 1 : Math.max(0, 1 - inTime / sent);
}
