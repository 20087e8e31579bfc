/**
 * A base image from this machine's own Debian packages and Node, for where no registry of images can be reached: the
 * same files as in an official image of that Debian, taken from where they are installed.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  cpSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { ExplainedError, findProgram, run, temporaryFolder } from '@cipherchat/test-kit';
import type { Docker } from './docker.js';

const hostBase = 'cipherchat-base';

/** A shell and what the steps of our Dockerfiles call; the rest comes with what these depend on. */
const neededPackages = [
  'dash',
  'bash',
  'coreutils',
  'findutils',
  'grep',
  'sed',
  'libc-bin',
  'dpkg',
  'libstdc++6',
  'tzdata',
  'base-files',
];
const mergedFolders = ['bin', 'sbin', 'lib', 'lib64'];
const authorities = 'etc/ssl/certs/ca-certificates.crt';

export type HostPrograms = { readonly node: string; readonly nginx: string; readonly k6: string };

/** Its tag; the one that was made before, while nothing in it changed. @throws ExplainedError where the machine is no Debian, or lacks something */
export async function makeHostBase(docker: Docker, programs: HostPrograms): Promise<string> {
  const dpkg = findProgram('dpkg-query');
  const tar = findProgram('tar');
  if (dpkg === undefined || tar === undefined)
    throw new ExplainedError('A base image can be made from this machine only where it is Debian or Ubuntu.');
  const owned = await ownersOf(dpkg, [programs.nginx]);
  const packages = await withDependencies(dpkg, [...neededPackages, ...owned]);
  const tag = `${hostBase}:${fingerprint(packages, programs)}`;
  if ((await docker.run(['image', 'inspect', tag])).status === 0) return tag;
  const folder = temporaryFolder('base');
  try {
    const rootDir = path.join(folder.path, 'root');
    mkdirSync(rootDir);
    const listFile = path.join(folder.path, 'files');
    writeFileSync(listFile, [...(await filesOf(dpkg, packages))].join('\0'));
    await copyFiles({ tar, listFile, to: rootDir });
    addOwnFiles(rootDir, { programs, packages });
    const packing = spawn(tar, ['-c', '-C', rootDir, '.'], { stdio: ['ignore', 'pipe', 'ignore'] });
    await docker.feed(['import', '-', tag], packing.stdout);
    return tag;
  } finally {
    folder.remove();
  }
}

/** Of the versions of the packages, and of the programs that belong to none. */
function fingerprint(packages: readonly string[], programs: HostPrograms): string {
  const hash = createHash('sha256').update(statusOf(packages));
  for (const program of [programs.node, programs.k6, path.join(npmFolder(), 'package.json')])
    hash.update(`${program} ${statSync(program).size} ${statSync(program).mtimeMs}\n`);
  return hash.digest('hex').slice(0, 16);
}

async function ownersOf(dpkg: string, files: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await run({
    program: dpkg,
    args: ['--search', ...files.map((file) => realpathSync(file))],
  });
  return [...stdout.matchAll(/^([^:\s]+)(?::\w+)?: /gm)].map(([, name]) => name ?? '');
}

/** The packages and all that they cannot run without, of those that are installed. */
async function withDependencies(dpkg: string, names: readonly string[]): Promise<readonly string[]> {
  const format = '${Package}\\t${Pre-Depends}, ${Depends}\\n';
  const { stdout } = await run({ program: dpkg, args: ['--show', `--showformat=${format}`] });
  const depends = new Map(
    stdout.split('\n').map((line) => {
      const [name = '', list = ''] = line.split('\t');
      return [name, list.split(/[,|]/).map((part) => part.trim().split(/[\s:]/)[0] ?? '')] as const;
    }),
  );
  const found = new Set<string>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name) || name === '' || !depends.has(name)) continue;
    found.add(name);
    queue.push(...(depends.get(name) ?? []));
  }
  return [...found];
}

/** Their files by their real paths: the links of merged folders are added by themselves, and must come first. */
async function filesOf(dpkg: string, packages: readonly string[]): Promise<ReadonlySet<string>> {
  const { stdout } = await run({ program: dpkg, args: ['--listfiles', ...packages] });
  const real = stdout
    .split('\n')
    .filter(
      (file) => file.startsWith('/') && file !== '/.' && !/^\/usr\/share\/(doc|man|locale|info)\//.test(file),
    )
    .filter((file) => existsSync(file))
    .map((file) => path.join(realpathSync(path.dirname(file)), path.basename(file)).slice(1));
  return new Set([...mergedFolders, ...real, authorities, 'etc/passwd', 'etc/group']);
}

/** What is no part of a package: Node and npm of the project, the programs, and dpkg's own word on the packages. */
function addOwnFiles(
  rootDir: string,
  { programs, packages }: { readonly programs: HostPrograms; readonly packages: readonly string[] },
): void {
  const bin = path.join(rootDir, 'usr/local/bin');
  mkdirSync(bin, { recursive: true });
  copyFileSync(programs.node, path.join(bin, 'node'));
  mkdirSync(path.join(rootDir, 'usr/bin'), { recursive: true });
  copyFileSync(programs.k6, path.join(rootDir, 'usr/bin/k6'));
  cpSync(npmFolder(), path.join(rootDir, 'usr/local/lib/node_modules/npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', path.join(bin, 'npm'));
  const info = path.join(rootDir, 'var/lib/dpkg/info');
  mkdirSync(info, { recursive: true });
  writeFileSync(path.join(rootDir, 'var/lib/dpkg/status'), statusOf(packages));
  copyFileSync('/var/lib/dpkg/info/format', path.join(info, 'format'));
  for (const name of packages)
    for (const list of [`${name}.list`, `${name}:${debianArchitecture}.list`])
      if (existsSync(path.join('/var/lib/dpkg/info', list)))
        copyFileSync(path.join('/var/lib/dpkg/info', list), path.join(info, list));
  for (const folder of ['tmp', 'root']) mkdirSync(path.join(rootDir, folder), { recursive: true });
}

/** The paragraphs of these packages in dpkg's own list. */
function statusOf(packages: readonly string[]): string {
  const known = new Set(packages);
  const paragraphs = readFileSync('/var/lib/dpkg/status', 'utf8').split('\n\n');
  return paragraphs
    .filter((text) => known.has(/^Package: (\S+)/.exec(text)?.[1] ?? ''))
    .map((text) => `${text}\n\n`)
    .join('');
}

const debianArchitecture = process.arch === 'x64' ? 'amd64' : process.arch;

function npmFolder(): string {
  const npm = findProgram('npm');
  const folder = npm === undefined ? undefined : path.dirname(path.dirname(realpathSync(npm)));
  if (folder === undefined || !existsSync(path.join(folder, 'bin/npm-cli.js')))
    throw new ExplainedError('npm is missing, which a base image needs. It comes with Node.');
  return folder;
}

/** With their links, owners and modes. */
async function copyFiles(params: {
  readonly tar: string;
  readonly listFile: string;
  readonly to: string;
}): Promise<void> {
  const { tar, listFile, to } = params;
  const packing = spawn(tar, ['-c', '--no-recursion', '-C', '/', '--null', '-T', listFile], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const unpacking = spawn(tar, ['-x', '-p', '-C', to], { stdio: ['pipe', 'ignore', 'ignore'] });
  packing.stdout.pipe(unpacking.stdin);
  const codes = await Promise.all(
    [packing, unpacking].map((child) => new Promise((resolve) => child.once('close', resolve))),
  );
  if (codes.some((code) => code !== 0))
    throw new ExplainedError('The files of this machine’s packages could not be copied.');
}

/** For the label of the base: which Debian these files are of. */
export function hostSystem(): string {
  const known = /^PRETTY_NAME="(.+)"$/m.exec(readFileSync('/etc/os-release', 'utf8'));
  return known?.[1] ?? 'an unknown system';
}
