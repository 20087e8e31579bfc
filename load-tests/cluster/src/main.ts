/**
 * `npm run test:cluster -- [--quick] [--only CASE,CASE] [--images FOLDER --load COMMAND] [--stores own]`: the chart on the cluster
 * of the current kubeconfig, installed, tested, changed and broken; see README.md.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { countsOf, lastLine, runCases, tableHead } from '@cipherchat/faults';
import { storeImages, writeStoreImages } from '@cipherchat/images';
import { ExplainedError, helmProgram, temporaryFolder } from '@cipherchat/test-kit';
import { cases } from './cases/all.js';
import { findCluster } from './cluster.js';
import { prepareGround } from './ground.js';
import { archivesIn, loadArchives } from './images/load.js';
import { ownTraefik, upstreamTraefik, writeTraefikImage } from './images/traefik.js';
import { optionsOf, type Options } from './options.js';
import { startPeople } from './people.js';
import { Release } from './release.js';

const exitCodes = { failed: 1, usage: 2, skipped: 3 } as const;
const upstreamPostgres = 'postgres:18.1';
const chart = fileURLToPath(new URL('../../../charts/cipherchat', import.meta.url));
const say = (line: string): void => console.log(line);

try {
  process.exitCode = await main(optionsOf(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof ExplainedError)) throw error;
  console.error(error.message);
  process.exitCode = exitCodes.usage;
}

async function main(options: Options): Promise<number> {
  const chosen = wanted(options);
  const cluster = await findCluster();
  if ('missing' in cluster) {
    say(`SKIPPED: test:cluster has shown nothing, since no cluster answers (${cluster.missing}).`);
    return exitCodes.skipped;
  }
  const helm = await helmProgram({ major: 3, say });
  const folder = temporaryFolder('cluster-test');
  try {
    await loadImages(options, folder.path);
    const images = options.stores === 'own' ? storeImages : null;
    const ground = await prepareGround({
      namespace: options.namespace,
      storageClass: cluster.storageClass,
      postgresImage: images?.postgres ?? upstreamPostgres,
    });
    try {
      const { kubectl, storageClass } = ground;
      const { nodePort } = options;
      const publicUrl = `https://${cluster.address}:${nodePort}`;
      const tools = { helm, kubectl, chart, folder: path.join(folder.path, 'values') };
      const { from } = cluster;
      const release = new Release({ ...tools, publicUrl, nodePort, from, storageClass, images });
      say(tableHead());
      const edgeImage = edgeImageOf(options);
      const results = await runCases({
        cases: chosen,
        startPeople: () => startPeople({ release, kubectl, folder: folder.path }),
        worldWith: (people) => ({ release, kubectl, edgeImage, people }),
        say,
      });
      say('');
      say(lastLine('cluster', results));
      if (options.results !== null) writeFileSync(options.results, JSON.stringify(countsOf(results)));
      if (results.some(({ failures }) => failures.length > 0)) return exitCodes.failed;
      return results.some(({ isSkipped }) => isSkipped) ? exitCodes.skipped : 0;
    } finally {
      if (options.afterwards === 'clean-up') await ground.remove();
    }
  } finally {
    if (options.afterwards === 'clean-up') folder.remove();
  }
}

function edgeImageOf({ stores, traefik }: Options): string | null {
  if (stores === 'upstream') return upstreamTraefik;
  return traefik === null ? null : ownTraefik;
}

async function loadImages({ load, images, stores, traefik }: Options, folder: string): Promise<void> {
  if (load === null) return;
  const ours = images === null ? [] : archivesIn(images);
  const theirs = stores === 'own' ? await writeStoreImages({ folder: path.join(folder, 'stores'), say }) : [];
  const edge = traefik === null ? [] : [await writeTraefikImage({ program: traefik, folder })];
  await loadArchives({ command: load, archives: [...ours, ...theirs, ...edge] });
}

/** Everything stands on the installation, which is first. */
function wanted({ extent, only }: Options) {
  const unknown = only.filter((name) => !cases.some((each) => each.name === name));
  if (unknown.length > 0)
    throw new ExplainedError(
      `There is no case ${unknown.join(', ')}; there are ${cases.map(({ name }) => name).join(', ')}.`,
    );
  if (only.length > 0) return cases.filter(({ name }, index) => index === 0 || only.includes(name));
  return extent === 'quick' ? cases.filter(({ isQuick }) => isQuick) : cases;
}
