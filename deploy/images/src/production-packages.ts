/** The packages that a program needs where it runs: those that its package.json names, and theirs, as Node finds them. */
import { existsSync, lstatSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import path from 'node:path';

export type ProductionPackage = {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Below the root. */
  readonly folder: string;
  readonly kind: 'ours' | 'outside';
};

export type ProductionPackages = {
  readonly packages: readonly ProductionPackage[];
  /** By which npm leads from `node_modules` to a folder of ours: path below the root, and where it points. */
  readonly links: ReadonlyMap<string, string>;
};

type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
};

/**
 * `npm ci --omit=dev` would keep what is optional to a package (Prisma's command line, TypeScript), since it is
 * installed anyway for other packages. Here nothing optional is kept.
 * @throws Error for one that is not installed
 */
export function productionPackages(params: {
  readonly root: string;
  /** Folders of ours below the root. */
  readonly of: readonly string[];
  /** Names of packages that the others can do without, whatever they say. */
  readonly without?: readonly string[];
}): ProductionPackages {
  const { root, of, without = [] } = params;
  const found = new Map<string, ProductionPackage>();
  const links = new Map<string, string>();
  const queue = [...of];
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    if (found.has(folder)) continue;
    const manifest = readManifest(path.join(root, folder));
    found.set(folder, {
      name: manifest.name,
      version: manifest.version,
      license: manifest.license ?? 'NOASSERTION',
      folder,
      kind: folder.includes('node_modules/') ? 'outside' : 'ours',
    });
    for (const name of neededBy(manifest).filter((each) => !without.includes(each))) {
      const place = findInstalled({ root, folder, name });
      if (place === undefined) throw new Error(`${manifest.name} needs ${name}, which is not installed`);
      const inRoot = path.relative(root, place);
      if (lstatSync(place).isSymbolicLink()) links.set(inRoot, readlinkSync(place));
      queue.push(path.relative(root, realpathSync(place)));
    }
  }
  const packages = [...found.values()].sort((one, other) => one.folder.localeCompare(other.folder));
  return { packages, links };
}

/** Without what is optional. Peers are asked for by a package, and installed by whoever uses it. */
function neededBy(manifest: Manifest): readonly string[] {
  const optional = new Set(Object.keys(manifest.optionalDependencies ?? {}));
  const peers = Object.keys(manifest.peerDependencies ?? {}).filter(
    (name) => manifest.peerDependenciesMeta?.[name]?.optional !== true,
  );
  return [...Object.keys(manifest.dependencies ?? {}), ...peers].filter((name) => !optional.has(name));
}

/** Node's own rule: the nearest `node_modules` upwards that has it. */
function findInstalled(params: {
  readonly root: string;
  readonly folder: string;
  readonly name: string;
}): string | undefined {
  const { root, folder, name } = params;
  for (let at = path.join(root, folder); ; at = path.dirname(at)) {
    const candidate = path.join(at, 'node_modules', name);
    if (existsSync(path.join(candidate, 'package.json'))) return candidate;
    if (at === root || at === path.dirname(at)) return undefined;
  }
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
}
