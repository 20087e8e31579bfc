import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { ExplainedError } from './explained-error.js';
import { findProgram, isExecutable, outputOf, programCache } from './find-program.js';

/** Tells the person what is being installed and why it takes a while. */
export type Say = (line: string) => void;

const natsVersion = '2.15.2';
const newestMinorWanted = 15;

/**
 * The nats-server to run: 2.15 or newer if one is installed or Go is there to build it (once per user, into
 * the cache); else any other that is installed; else the system's package manager, when we may use it.
 */
export function natsServerProgram(say: Say): string {
  const installed = [
    path.join(programCache(), 'nats-server'),
    goBin('nats-server'),
    findProgram('nats-server'),
  ].filter((file) => file !== undefined && isExecutable(file)) as readonly string[];
  const recent = installed.find(isRecentNats);
  if (recent !== undefined) return recent;
  return (
    buildNats(say) ??
    installed[0] ??
    fromPackageManager({ program: 'nats-server', debian: 'nats-server', homebrew: 'nats-server', say }) ??
    missing(
      'nats-server',
      'install Go (it is then built here) or, on Debian and Ubuntu: sudo apt-get install nats-server',
    )
  );
}

export function redisServerProgram(say: Say): string {
  return (
    findProgram('redis-server') ??
    fromPackageManager({ program: 'redis-server', debian: 'redis-server', homebrew: 'redis', say }) ??
    missing(
      'redis-server',
      'on Debian and Ubuntu: sudo apt-get install redis-server; on macOS: brew install redis',
    )
  );
}

/** One line that names the program and says how to get it. */
function missing(program: string, how: string): never {
  throw new ExplainedError(`${program} is missing. To get it: ${how}.`);
}

function isRecentNats(file: string): boolean {
  const [major, minor] = (/v(\d+)\.(\d+)\./.exec(outputOf(file, ['--version']) ?? '') ?? [])
    .slice(1)
    .map(Number);
  return (
    major !== undefined && minor !== undefined && (major > 2 || (major === 2 && minor >= newestMinorWanted))
  );
}

function goBin(program: string): string | undefined {
  const go = findProgram('go');
  const goPath = go === undefined ? undefined : outputOf(go, ['env', 'GOPATH']);
  return goPath === undefined ? undefined : path.join(goPath, 'bin', program);
}

function buildNats(say: Say): string | undefined {
  const go = findProgram('go');
  if (go === undefined) return undefined;
  const target = programCache();
  say(`Building nats-server ${natsVersion} with Go into ${target} (once; about a minute).`);
  mkdirSync(target, { recursive: true });
  const built = spawnSync(go, ['install', `github.com/nats-io/nats-server/v2@v${natsVersion}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, GOBIN: target, GOFLAGS: '' },
  });
  const file = path.join(target, 'nats-server');
  if (built.status === 0 && existsSync(file)) return file;
  say(
    `Go could not build it (${built.stderr?.trim().split('\n').at(-1) ?? 'no message'}); looking for another way.`,
  );
  return undefined;
}

function fromPackageManager(params: {
  readonly program: string;
  readonly debian: string;
  readonly homebrew: string;
  readonly say: Say;
}): string | undefined {
  const { program, debian, homebrew, say } = params;
  const apt = findProgram('apt-get');
  const brew = findProgram('brew');
  const asRoot = rootPrefix();
  if (apt !== undefined && asRoot !== undefined) {
    say(`Installing ${debian} with apt-get.`);
    const install = [...asRoot, apt, 'install', '--yes', '--quiet', '--no-install-recommends', debian];
    if (!runs(install)) {
      runs([...asRoot, apt, 'update', '--quiet']); // a fresh machine has no package lists yet
      runs(install);
    }
  } else if (brew !== undefined) {
    say(`Installing ${homebrew} with Homebrew.`);
    runs([brew, 'install', homebrew]);
  }
  return findProgram(program);
}

/** What to put before a command to run it as root without a password; `undefined` when we may not. */
function rootPrefix(): readonly string[] | undefined {
  if (process.getuid?.() === 0) return [];
  const sudo = findProgram('sudo');
  return sudo !== undefined && runs([sudo, '-n', 'true']) ? [sudo, '-n'] : undefined;
}

function runs(command: readonly string[]): boolean {
  const [program, ...args] = command;
  if (program === undefined) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(program, args, { stdio: 'ignore', env }).status === 0;
}
