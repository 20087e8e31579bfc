import { failuresOf, type Case, type World } from '../case.js';
import { componentOf, podsOf, rolledOut, servedBy } from '../pods.js';
import { fullName, releaseName, succeeded, type Values } from '../release.js';

/** As another version would: other pods of every service, migrations before them. */
const round = (name: string): Values => {
  const annotations = { 'cluster-test/round': name };
  return Object.fromEntries(
    ['auth', 'keyDirectory', 'messageStore', 'gateway', 'web'].map((service) => [service, { annotations }]),
  );
};

export const rollingUpgrade: Case = {
  name: 'rolling upgrade of all services',
  isQuick: true,
  run: (world) => replaced(world, () => world.release.mustPut('upgrade', round('upgraded'))),
};

export const rollback: Case = {
  name: 'rollback',
  isQuick: false,
  run: (world) =>
    replaced(world, async () => {
      // To how the release was before the last upgrade that went well.
      await world.release.mustPut('upgrade', round('to be taken back'));
      succeeded(await world.release.helm(['rollback', releaseName, '--wait', '--timeout=5m']));
    }),
};

const withinS = 120;

async function replaced({ kubectl, people }: World, act: () => Promise<void>) {
  const before = await podsOf(kubectl, servedBy);
  const objects = servedBy.map((component) => `deployment/${fullName}-${component}`);
  const load = await (
    await people()
  ).writeWhile(async () => {
    await act();
    // Helm waits until the new ones are ready, not until the old ones have ended.
    await rolledOut(kubectl, { objects, withinS });
  });
  const after = new Set((await podsOf(kubectl, servedBy)).map(({ metadata }) => metadata.uid));
  const kept = before.filter(({ metadata }) => after.has(metadata.uid)).map(componentOf);
  return {
    figures: `${before.length - kept.length} pods replaced`,
    failures: [...failuresOf(load), ...kept.map((component) => `a pod of ${component} was not replaced`)],
    load,
  };
}
