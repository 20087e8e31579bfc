import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { environment, inheritedEnvironment } from './config.js';
import { ExplainedError } from './explained-error.js';
import { findProgram, isExecutable, programCache, run } from './find-program.js';
import { temporaryFolder } from './temporary-folder.js';

/** Tells the person what is being installed and why it takes a while. */
export type Say = (line: string) => void;

const natsVersion = '2.15.2';
const wantedNats = { major: 2, minor: 15 } as const;
const k6Version = '1.8.1';
/** From here on it has what the load tests use: sockets outside of experiments. */
const wantedK6 = { major: 1, minor: 0 } as const;

/**
 * The nats-server to run: 2.15 or newer if one is installed or Go is there to build it (once per user, into
 * the cache); else any other that is installed; else the system's package manager, when we may use it.
 */
export async function natsServerProgram(say: Say): Promise<string> {
  const { natsServer } = environment();
  if (natsServer !== undefined) return natsServer;
  const installed = [
    path.join(programCache(), 'nats-server'),
    await goBin('nats-server'),
    findProgram('nats-server'),
  ].filter((file) => file !== undefined);
  const present = installed.filter(isExecutable);
  for (const file of present) if (await isRecent(file, wantedNats)) return file;
  return (
    (await buildWithGo({
      program: 'nats-server',
      module: 'github.com/nats-io/nats-server/v2',
      version: natsVersion,
      takes: 'about a minute',
      say,
    })) ??
    present[0] ??
    (await fromPackageManager({
      program: 'nats-server',
      debian: 'nats-server',
      homebrew: 'nats-server',
      say,
    })) ??
    missing(
      'nats-server',
      'install Go (it is then built here) or, on Debian and Ubuntu: sudo apt-get install nats-server',
    )
  );
}

export async function redisServerProgram(say: Say): Promise<string> {
  return (
    environment().redisServer ??
    findProgram('redis-server') ??
    (await fromPackageManager({ program: 'redis-server', debian: 'redis-server', homebrew: 'redis', say })) ??
    missing(
      'redis-server',
      'on Debian and Ubuntu: sudo apt-get install redis-server; on macOS: brew install redis',
    )
  );
}

/** Only the plain modules are used, which every package of it has. */
export async function nginxProgram(say: Say): Promise<string> {
  return (
    environment().nginx ??
    findProgram('nginx') ??
    (await fromPackageManager({ program: 'nginx', debian: 'nginx-light', homebrew: 'nginx', say })) ??
    missing('nginx', 'on Debian and Ubuntu: sudo apt-get install nginx-light; on macOS: brew install nginx')
  );
}

/** The generator of the load tests. No package of it is in Debian: an installed one of 1.0 or newer, or Go builds it. */
export async function k6Program(say: Say): Promise<string> {
  const { k6 } = environment();
  if (k6 !== undefined) return k6;
  const installed = [path.join(programCache(), 'k6'), await goBin('k6'), findProgram('k6')].filter(
    (file) => file !== undefined,
  );
  for (const file of installed.filter(isExecutable)) if (await isRecent(file, wantedK6)) return file;
  return (
    (await buildWithGo({
      program: 'k6',
      module: 'go.k6.io/k6',
      version: k6Version,
      takes: 'two or three minutes',
      say,
    })) ??
    missing('k6', `install Go (it is then built here), or k6 ${k6Version} itself from grafana.com/docs/k6`)
  );
}

/**
 * Prometheus and its promtool: installed ones, or those of Debian's package, unpacked into the cache and not installed,
 * since that would start a server of its own.
 */
export async function prometheusPrograms(
  say: Say,
): Promise<{ readonly prometheus: string; readonly promtool: string }> {
  const { prometheus: named } = environment();
  const cached = path.join(programCache(), 'prometheus');
  const prometheus =
    named ??
    findProgram('prometheus') ??
    (isExecutable(cached) ? cached : undefined) ??
    (await unpackFromDebian({ debian: 'prometheus', programs: ['prometheus', 'promtool'], say })) ??
    (await fromHomebrew({ program: 'prometheus', homebrew: 'prometheus', say })) ??
    missing(
      'prometheus',
      'on macOS: brew install prometheus; elsewhere both programs of prometheus.io/download, on PATH',
    );
  const promtool = path.join(path.dirname(prometheus), 'promtool');
  return isExecutable(promtool)
    ? { prometheus, promtool }
    : missing('promtool', `it belongs beside ${prometheus}`);
}

/** A Chromium for tests of browser code: Debian's, Ubuntu's, or Google's build of it. */
export async function chromiumProgram(say: Say): Promise<string> {
  return (
    ['chromium', 'chromium-browser', 'google-chrome'].map(findProgram).find((file) => file !== undefined) ??
    (await fromPackageManager({ program: 'chromium', debian: 'chromium', homebrew: 'chromium', say })) ??
    missing('chromium', 'on Debian and Ubuntu: sudo apt-get install chromium')
  );
}

/**
 * Docker's client, and its daemon where it is installed. The client must have BuildKit: since 23 it is a plugin of its
 * own (buildx), before that it was inside.
 */
export async function dockerPrograms(
  say: Say,
): Promise<{ readonly docker: string; readonly dockerd: string | undefined }> {
  const found = (await dockerClients()) ?? (await installDocker(say)) ?? undefined;
  return {
    docker: found ?? missing('docker', 'docs.docker.com/engine/install'),
    dockerd: findProgram('dockerd'),
  };
}

async function dockerClients(): Promise<string | undefined> {
  const { path: searchPath = '' } = environment();
  for (const folder of searchPath.split(path.delimiter)) {
    const file = path.join(folder, 'docker');
    if (isExecutable(file) && (await hasBuildKit(file))) return file;
  }
  return undefined;
}

async function installDocker(say: Say): Promise<string | undefined> {
  await fromPackageManager({ program: 'dockerd', debian: 'docker.io', homebrew: 'docker', say });
  return dockerClients();
}

async function hasBuildKit(docker: string): Promise<boolean> {
  if ((await run({ program: docker, args: ['buildx', 'version'] })).status === 0) return true;
  const { stdout } = await run({ program: docker, args: ['--version'] });
  return Number(/version (\d+)\./.exec(stdout)?.[1] ?? Infinity) < firstDockerWithPlugin;
}

const firstDockerWithPlugin = 23;

/** One line that names the program and says how to get it. */
function missing(program: string, how: string): never {
  throw new ExplainedError(`${program} is missing. To get it: ${how}.`);
}

async function isRecent(
  file: string,
  wanted: { readonly major: number; readonly minor: number },
): Promise<boolean> {
  const { stdout } = await run({ program: file, args: ['--version'] });
  const [, major, minor] = (/v(\d+)\.(\d+)\./.exec(stdout) ?? []).map(Number);
  if (major === undefined || minor === undefined) return false;
  return major > wanted.major || (major === wanted.major && minor >= wanted.minor);
}

/** Where `go install` puts programs when nobody says otherwise. */
async function goBin(program: string): Promise<string | undefined> {
  const go = findProgram('go');
  if (go === undefined) return undefined;
  const { status, stdout } = await run({ program: go, args: ['env', 'GOPATH'] });
  return status === 0 ? path.join(stdout.trim(), 'bin', program) : undefined;
}

/** Into the folder, unless it is said otherwise the cache; `undefined` where there is no Go, or it cannot. */
export async function buildWithGo(params: {
  readonly program: string;
  readonly folder?: string;
  readonly module: string;
  readonly version: string;
  readonly takes: string;
  readonly say: Say;
}): Promise<string | undefined> {
  const { program, folder: target = programCache(), module, version, takes, say } = params;
  const go = findProgram('go');
  if (go === undefined) return undefined;
  say(`Building ${program} ${version} with Go into ${target} (once; ${takes}).`);
  mkdirSync(target, { recursive: true });
  const built = await run({
    program: go,
    args: ['install', `${module}@v${version}`],
    env: inheritedEnvironment({ GOBIN: target, GOFLAGS: '' }),
  });
  const file = path.join(target, program);
  if (built.status === 0 && isExecutable(file)) return file;
  say(`Go could not build it (${built.stderr.trim().split('\n').at(-1)}); looking for another way.`);
  return undefined;
}

async function fromPackageManager(params: {
  readonly program: string;
  readonly debian: string;
  readonly homebrew: string;
  readonly say: Say;
}): Promise<string | undefined> {
  const { program, debian, homebrew, say } = params;
  if ((await installDebianPackages({ packages: [debian], say })) === 'tried') return findProgram(program);
  return fromHomebrew({ program, homebrew, say });
}

async function fromHomebrew(params: {
  readonly program: string;
  readonly homebrew: string;
  readonly say: Say;
}): Promise<string | undefined> {
  const { program, homebrew, say } = params;
  const brew = findProgram('brew');
  if (brew === undefined) return undefined;
  say(`Installing ${homebrew} with Homebrew.`);
  await succeeds([brew, 'install', homebrew]);
  return findProgram(program);
}

/** Puts programs of a package into the cache, which needs no rights, and starts none of its services. Answers the first. */
async function unpackFromDebian(params: {
  readonly debian: string;
  readonly programs: readonly string[];
  readonly say: Say;
}): Promise<string | undefined> {
  const { debian, programs, say } = params;
  const [apt, unpack] = [findProgram('apt-get'), findProgram('dpkg-deb')];
  if (apt === undefined || unpack === undefined) return undefined;
  say(`Unpacking ${programs.join(' and ')} of Debian’s package ${debian} into ${programCache()}.`);
  const folder = temporaryFolder('package');
  try {
    const download = { program: apt, args: ['download', '--quiet', debian], cwd: folder.path };
    if ((await run(download)).status !== 0) {
      await succeeds([...((await rootPrefix()) ?? []), apt, 'update', '--quiet']); // no package lists yet
      await run(download);
    }
    const file = readdirSync(folder.path).find((name) => name.endsWith('.deb'));
    if (file === undefined) return undefined;
    await succeeds([unpack, '--extract', path.join(folder.path, file), folder.path]);
    mkdirSync(programCache(), { recursive: true });
    for (const program of programs)
      copyFileSync(path.join(folder.path, 'usr/bin', program), path.join(programCache(), program));
    return path.join(programCache(), programs[0] ?? '');
  } catch {
    // Another package than Debian's and Ubuntu's, with its programs elsewhere.
    return undefined;
  } finally {
    folder.remove();
  }
}

/** What to put before a command to run it as root without a password; `undefined` when we may not. */
async function rootPrefix(): Promise<readonly string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  const sudo = findProgram('sudo');
  return sudo !== undefined && (await succeeds([sudo, '-n', 'true'])) ? [sudo, '-n'] : undefined;
}

async function succeeds([program = '', ...args]: readonly string[]): Promise<boolean> {
  const env = inheritedEnvironment({ DEBIAN_FRONTEND: 'noninteractive' });
  return (await run({ program, args, env })).status === 0;
}

/** Tries it where we may: what could not be installed is found missing by whoever needs it. */
export async function installDebianPackages(params: {
  readonly packages: readonly string[];
  readonly say: Say;
}): Promise<'tried' | 'not-allowed'> {
  const { packages, say } = params;
  const apt = findProgram('apt-get');
  const asRoot = await rootPrefix();
  if (apt === undefined || asRoot === undefined) return 'not-allowed';
  say(`Installing ${packages.join(', ')} with apt-get.`);
  const install = [...asRoot, apt, 'install', '--yes', '--quiet', '--no-install-recommends', ...packages];
  if (!(await succeeds(install))) {
    await succeeds([...asRoot, apt, 'update', '--quiet']); // a fresh machine has no package lists yet
    await succeeds(install);
  }
  return 'tried';
}
