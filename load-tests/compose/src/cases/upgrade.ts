import { failuresOf } from '@cipherchat/faults';
import { composeImages, tagOf } from '@cipherchat/images';
import type { ComposeCase, World } from '../world.js';

/** Of a tag that only this test gives. */
export const suffix = '-next';

/** One after the other, as deploy/README.md says: `up` of everything would stop all of it before it starts the first. */
const parts = [
  ['auth'],
  ['key-directory'],
  ['message-store'],
  // With what it depends on, Compose would run all migrations again, after it has stopped it.
  ['--no-deps', 'gateway-1'],
  ['--no-deps', 'gateway-2'],
  ['--no-deps', 'web'],
] as const;

/** To the same programs under another tag: Compose makes every container of ours anew, each service’s migrations before it. */
export const upgrade: ComposeCase = {
  name: 'upgraded',
  isQuick: true,
  run: async (world) => {
    const { deployment, people } = world;
    const { version } = deployment;
    const writers = await people();
    let tookMs = 0;
    try {
      await tagAs(world, version, `${version}${suffix}`);
      const load = await writers.writeWhile(async () => {
        deployment.takeVersion(`${version}${suffix}`);
        const startedAtMs = performance.now();
        for (const part of parts) await deployment.compose(['up', '--detach', '--wait', ...part]);
        await deployment.served();
        tookMs = performance.now() - startedAtMs;
      });
      const ours = (await deployment.containers()).filter(({ Config }) =>
        Config.Image.startsWith('cipherchat/'),
      );
      const old = ours.filter(({ Config }) => !Config.Image.endsWith(suffix));
      return {
        figures: `${ours.length} containers of ours made anew in ${(tookMs / 1_000).toFixed(1)} s`,
        failures: [
          ...failuresOf(load, 'any-delay'),
          ...old.map(({ Config }) => `${Config.Image} was not replaced`),
        ],
        load,
      };
    } finally {
      deployment.takeVersion(version);
    }
  },
};

async function tagAs({ docker }: World, version: string, other: string): Promise<void> {
  for (const { name } of composeImages) await docker.must(['tag', tagOf(name, version), tagOf(name, other)]);
}
