/**
 * Runs in a build stage of deploy/Dockerfile and puts together the whole file system of an image: programs of the base
 * with the libraries that they load, our packages with what they need, and the few files that a system has.
 *
 *     node assemble.js --image gateway --package apps/gateway --program /usr/local/bin/node --out /image
 *
 * `--without` names a package that is left out, though one of the others names it; `--bundled` names a package that is in the image as part of a bundle: it is only listed. `--folder FROM:TO` copies all
 * of a folder; `--owned` makes one that the image's user may write to when something is mounted there. `--program` may
 * say AT=FILE for a program that lies elsewhere here than it will in the image.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { isKept } from './kept-files.js';
import { productionPackages, type ProductionPackages } from './production-packages.js';
import { debianPackagesOf, librariesOf } from './programs.js';
import { sbomOf } from './sbom.js';

const root = process.cwd();
const sbomFile = 'usr/share/cipherchat/sbom.cdx.json';
/** For TLS to others. Node has authorities of its own; other programs, and what an operator adds, are here. */
const authorities = '/etc/ssl/certs/ca-certificates.crt';
/** What `TZ` names. Without it UTC is what the C library takes anyway. */
const timeZone = '/usr/share/zoneinfo/UTC';
/** Nobody is root. Names of users are looked up by some programs, those of hosts by all. */
const writtenFiles = {
  'etc/passwd': 'root:x:0:0:root:/:/usr/sbin/nologin\ncipherchat:x:10001:10001::/tmp:/usr/sbin/nologin\n',
  'etc/group': 'root:x:0:\ncipherchat:x:10001:\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};
const user = 10_001;
const stickyForAll = 0o1777;

const { values } = parseArgs({
  options: {
    image: { type: 'string' },
    package: { type: 'string', multiple: true, default: [] },
    without: { type: 'string', multiple: true, default: [] },
    bundled: { type: 'string', multiple: true, default: [] },
    folder: { type: 'string', multiple: true, default: [] },
    owned: { type: 'string', multiple: true, default: [] },
    program: { type: 'string', multiple: true, default: [] },
    out: { type: 'string' },
  },
});
const { image, out } = values;
if (image === undefined || out === undefined) throw new Error('--image and --out are needed');

const found = productionPackages({ root, of: values.package, without: values.without });
const bundled = productionPackages({ root, of: values.bundled });
copyPackages({ found, to: path.join(out, 'app') });
const programs = values.program.map((program) => {
  const [at = program, file = at] = program.split('=');
  return { at, file };
});
for (const { at, file } of programs) copyInto(file, path.join(out, at));
const libraries = programs.flatMap(({ file }) => librariesOf(file));
const files = [...new Set([...libraries, authorities, ...[timeZone].filter(existsSync)])];
for (const file of files) copyInto(file, path.join(out, file));
for (const [file, text] of Object.entries(writtenFiles)) writeInto(path.join(out, file), text);
for (const pair of values.folder) {
  const [from = '', to = ''] = pair.split(':');
  cpSync(path.join(root, from), path.join(out, to), { recursive: true });
}
for (const folder of values.owned) {
  mkdirSync(path.join(out, folder), { recursive: true });
  chownSync(path.join(out, folder), user, user);
}
mkdirSync(path.join(out, 'tmp'));
chmodSync(path.join(out, 'tmp'), stickyForAll);
const version = versionOfProject();
const sbom = sbomOf({
  image: `cipherchat/${image}`,
  version,
  packages: [...found.packages, ...bundled.packages],
  integrity: integrityOf(),
  programs: programs.map(({ at, file }) => ({ name: path.basename(at), version: versionOf(file) })),
  debian: debianPackagesOf([...programs.map(({ file }) => file), ...files]),
});
writeInto(path.join(out, sbomFile), `${JSON.stringify(sbom, null, 2)}\n`);

function copyPackages(params: { readonly found: ProductionPackages; readonly to: string }): void {
  const { packages, links } = params.found;
  for (const { name, kind, folder } of packages)
    for (const file of filesIn(path.join(root, folder)))
      if (isKept({ packageName: name, kind, file }))
        copyInto(path.join(root, folder, file), path.join(params.to, folder, file));
  for (const [link, target] of links) {
    const at = path.join(params.to, link);
    mkdirSync(path.dirname(at), { recursive: true });
    symlinkSync(target, at);
  }
}

/** Below the folder, without the packages that are installed in it: those are packages of their own. */
function filesIn(folder: string, below = ''): readonly string[] {
  return readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(below, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesIn(folder, name);
    return entry.isFile() ? [name] : [];
  });
}

function copyInto(from: string, to: string): void {
  mkdirSync(path.dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function writeInto(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function versionOfProject(): string {
  return (JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { readonly version: string })
    .version;
}

function integrityOf(): ReadonlyMap<string, string> {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
  };
  return new Map(Object.entries(lock.packages).map(([folder, { integrity = '' }]) => [folder, integrity]));
}

/** As a program says it of itself, whatever words it puts around it. */
function versionOf(program: string): string {
  const flag =
    path.basename(program) === 'nginx' ? '-v' : path.basename(program) === 'k6' ? 'version' : '--version';
  const said = execFileSync('/bin/sh', ['-c', `"${program}" ${flag} 2>&1`], { encoding: 'utf8' });
  return /\d+\.\d+\.\d+/.exec(said)?.[0] ?? 'unknown';
}
