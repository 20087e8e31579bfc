/** The bill of materials of an image: CycloneDX 1.6 as JSON. It lists what was copied, so it cannot differ from that. */
import type { DebianPackage } from './programs.js';
import type { ProductionPackage } from './production-packages.js';

export type Contents = {
  readonly image: string;
  readonly version: string;
  readonly packages: readonly ProductionPackage[];
  /** Of the lock file: the digest that npm checked, by the package's folder. */
  readonly integrity: ReadonlyMap<string, string>;
  readonly programs: readonly { readonly name: string; readonly version: string }[];
  readonly debian: readonly DebianPackage[];
};

type Component = {
  readonly type: 'application' | 'library';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: readonly object[];
  readonly hashes?: readonly { readonly alg: 'SHA-512'; readonly content: string }[];
};

export function sbomOf(contents: Contents): object {
  const { image, version } = contents;
  const components = [
    ...contents.packages.map((each) => npmComponent(each, contents.integrity.get(each.folder))),
    ...contents.programs.map((program) =>
      component({ ...program, type: 'application', purl: `pkg:generic/${program.name}@${program.version}` }),
    ),
    ...contents.debian.map((each) =>
      component({ ...each, type: 'library', purl: `pkg:deb/debian/${each.name}@${purlPart(each.version)}` }),
    ),
  ];
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: { type: 'container', 'bom-ref': image, name: image, version },
    },
    // Two folders may hold the same version of a package.
    components: [...new Map(components.map((each) => [each.purl, each])).values()],
  };
}

function npmComponent(
  { name, version, license }: ProductionPackage,
  integrity: string | undefined,
): Component {
  const sha512 = /^sha512-(\S+)/.exec(integrity ?? '')?.[1];
  return {
    ...component({
      type: 'library',
      name,
      version,
      purl: `pkg:npm/${name.replace('@', '%40')}@${purlPart(version)}`,
    }),
    // An expression covers both one identifier and several.
    ...(license === 'NOASSERTION' ? {} : { licenses: [{ expression: license }] }),
    ...(sha512 === undefined
      ? {}
      : { hashes: [{ alg: 'SHA-512', content: Buffer.from(sha512, 'base64').toString('hex') }] }),
  };
}

function component(known: Omit<Component, 'bom-ref'>): Component {
  return { ...known, 'bom-ref': known.purl };
}

/** Debian's `+` and `~` and `:` stand for something else in an address. */
function purlPart(version: string): string {
  return encodeURIComponent(version);
}
