/** Builds images with what bases can be had, and takes their bills of materials and archives out of them. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { inheritedEnvironment, k6Program, nginxProgram, type Say } from '@cipherchat/test-kit';
import type { Docker } from './docker.js';
import { hostSystem, makeHostBase } from './host-base.js';
import { basesOf, dockerfile, tagOf, type Image } from './image-list.js';

export type BuildParams = {
  readonly docker: Docker;
  readonly root: string;
  readonly version: string;
  readonly wanted: readonly Image[];
  readonly say: Say;
};

/** @throws ExplainedError with the end of what docker said */
export async function buildImages(params: BuildParams): Promise<void> {
  const { docker, root, version, wanted, say } = params;
  const bases = await chooseBases(params);
  for (const { name, target, args } of wanted) {
    const startedAt = performance.now();
    await docker.must([
      'build',
      // Packages come through the machine's own network and certificates.
      '--network=host',
      ...secretOptions(),
      ...Object.entries({ ...bases, ...args, VERSION: version }).flatMap(([key, value]) => [
        '--build-arg',
        `${key}=${value}`,
      ]),
      '--target',
      target,
      '--file',
      path.join(root, dockerfile),
      '--tag',
      tagOf(name, version),
      root,
    ]);
    say(`Built ${tagOf(name, version)} in ${seconds(performance.now() - startedAt)} s.`);
  }
}

/** The Dockerfile's own bases where docker has or gets them; else, for all, one made from this machine. */
async function chooseBases({ docker, root, say }: BuildParams): Promise<Readonly<Record<string, string>>> {
  const defaults = basesOf(readFileSync(path.join(root, dockerfile), 'utf8'));
  const missing: string[] = [];
  for (const image of new Set(defaults.values())) if (!(await canHave(docker, image))) missing.push(image);
  if (missing.length === 0) return {};
  say(`Docker cannot get ${missing.join(', ')}: the base is made from this machine (${hostSystem()}).`);
  const base = await makeHostBase(docker, {
    node: process.execPath,
    nginx: await nginxProgram(say),
    k6: await k6Program(say),
  });
  return Object.fromEntries([...defaults.keys()].map((name) => [name, base]));
}

export async function canHave(docker: Docker, image: string): Promise<boolean> {
  if ((await docker.run(['image', 'inspect', image])).status === 0) return true;
  return (await docker.run(['pull', '--quiet', image])).status === 0;
}

/** What npm needs on this machine to reach its registry; it stays out of the images. */
function secretOptions(): readonly string[] {
  const npmrc = path.join(homedir(), '.npmrc');
  const authorities = inheritedEnvironment()['NODE_EXTRA_CA_CERTS'];
  return [
    ...(existsSync(npmrc) ? [`--secret=id=npmrc,src=${npmrc}`] : []),
    ...(authorities === undefined ? [] : [`--secret=id=authorities,src=${authorities}`]),
  ];
}

const sbomInImage = '/usr/share/cipherchat/sbom.cdx.json';

/** Copies the bill of materials of each image to `folder/<name>.cdx.json`. */
export async function takeSboms(params: BuildParams & { readonly folder: string }): Promise<void> {
  const { docker, version, wanted, folder } = params;
  mkdirSync(folder, { recursive: true });
  for (const { name } of wanted) {
    const container = await docker.must(['create', tagOf(name, version), 'none']);
    try {
      await docker.must(['cp', `${container}:${sbomInImage}`, path.join(folder, `${name}.cdx.json`)]);
    } finally {
      await docker.run(['rm', container]);
    }
  }
}

/** Writes each image to `folder/<name>.tar`, as `docker load` and containerd read it. */
export async function saveImages(params: BuildParams & { readonly folder: string }): Promise<void> {
  const { docker, version, wanted, folder } = params;
  mkdirSync(folder, { recursive: true });
  for (const { name } of wanted)
    await docker.must(['save', '--output', path.join(folder, `${name}.tar`), tagOf(name, version)]);
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
