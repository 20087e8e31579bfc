/** See Note [Migrations before anything else] in _migration.tpl. */
import { describe, expect, it } from '@jest/globals';
import { componentOf, everyScenario, isHook, ofKind } from '../scenarios.fixture.js';

const services = ['auth', 'key-directory', 'message-store'];

const migrationsOf = (scenario: (typeof everyScenario)[number]) =>
  scenario.pods.filter(({ labels }) => componentOf(labels) === 'migrations');
const isBundled = (scenario: (typeof everyScenario)[number]): boolean =>
  ofKind(scenario, 'StatefulSet').some(({ metadata }) => metadata.name.endsWith('-postgres'));

describe('migrations', () => {
  it.each(everyScenario)('$name: are a job of each service that has tables', (scenario) => {
    const jobs = migrationsOf(scenario);
    expect(jobs.map(({ spec }) => spec.containers[0]?.args?.[0])).toEqual(services);
    // The address, and whom to trust there: nothing else is a migration's business.
    for (const { spec } of jobs)
      expect(
        (spec.containers[0]?.env ?? []).filter(({ name }) => name !== 'NODE_EXTRA_CA_CERTS'),
      ).toMatchObject([{ name: 'DATABASE_URL' }]);
  });

  it.each(everyScenario)(
    '$name: are done before anything else, or there is no database before',
    (scenario) => {
      const isFirstOfBundled = isBundled(scenario) && scenario.kind === 'install';
      for (const { of } of migrationsOf(scenario)) {
        expect(isHook(of)).toBe(!isFirstOfBundled);
        if (!isFirstOfBundled)
          expect(of.metadata.annotations).toMatchObject({ 'helm.sh/hook': 'pre-install,pre-upgrade' });
      }
    },
  );

  it.each(everyScenario.filter(({ kind }) => kind === 'upgrade'))(
    '$name: stand on nothing that the upgrade brings',
    (scenario) => {
      // A hook runs while everything of the release is as it was.
      const brought = scenario.objects
        .filter((object) => !isHook(object) && object.kind !== 'Secret')
        .map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      for (const { spec } of migrationsOf(scenario)) {
        expect(brought).not.toContain(`ServiceAccount/${spec.serviceAccountName}`);
        expect(spec.priorityClassName).toBeUndefined();
        expect(JSON.stringify(spec.volumes)).not.toContain('configMap');
      }
    },
  );
});
