import { failuresOf, type Case } from '../case.js';
import { fullName, releaseName, succeeded } from '../release.js';

const secrets = ['keys', 'postgres', 'nats', 'redis', 'tls'].map((name) => `${fullName}-${name}`);

type Objects = {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly uid: string };
    readonly data?: unknown;
  }[];
};

/** The same people go on with the same accounts in the same conversations. */
export const reinstall: Case = {
  name: 'uninstalled and installed again',
  isQuick: false,
  run: async ({ release, kubectl, people }) => {
    const kept = async (): Promise<string> => {
      const { items } = await kubectl.get<Objects>(['secret', ...secrets]);
      const claims = await kubectl.get<Objects>(['persistentvolumeclaims']);
      const volumes = claims.items.map(({ metadata }) => metadata.uid);
      return JSON.stringify([items.map(({ metadata, data }) => [metadata.name, data]), volumes]);
    };
    const failures: string[] = [];
    const writers = await people();
    const before = await kept();
    const load = await writers.writeWhile(async () => {
      succeeded(await release.helm(['uninstall', releaseName, '--wait', '--timeout=3m']));
      if ((await kept()) !== before) failures.push('secrets or data changed by uninstalling');
      await release.mustPut('install');
    });
    if ((await kept()) !== before) failures.push('secrets or data changed by installing again');
    return {
      figures: `${secrets.length} secrets and the data kept`,
      failures: [...failuresOf(load, 'any-delay'), ...failures],
      load,
    };
  },
};
