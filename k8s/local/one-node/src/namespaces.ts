/**
 * The cluster's own mounts, network and processes. One process holds them; when it ends, however it ends, the kernel ends
 * every process in them and takes away what they mounted, their interfaces, routes and rules. So nothing has to be undone
 * one by one, and two clusters, or a firewall of this machine, never meet.
 */
import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExplainedError, findProgram, logTail } from '@cipherchat/test-kit';
import { fromOutside, inside, logFile, marker } from './layout.js';

const openedWithinMs = 5_000;
/** The longest puts an image of 200 MiB on the node; seen: 2 to 6 seconds. */
const ranWithinMs = 180_000;
const pollMs = 20;

export type Program = { readonly name: string; readonly args: readonly string[] };

export type Running = {
  readonly name: string;
  /** Undefined while it runs. */
  readonly exit: () => string | undefined;
};

export type Namespaces = { readonly holder: number };

/** Enters nothing: everything that a cluster needs has to be put in, by `privateFolders` and by whoever calls. */
export async function openNamespaces(built: string): Promise<Namespaces> {
  const program = requiredProgram('unshare');
  const log = openSync(logFile('namespaces'), 'a', 0o600);
  const args = ['--mount', '--net', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc', '--'];
  const child = spawn(program, [...args, path.join(built, 'pause'), marker], {
    stdio: ['ignore', log, log],
    detached: true,
    cwd: '/',
    env: {},
  });
  closeSync(log);
  const holder = await new Promise<number>((resolve, reject) => {
    child.once('error', (cause) => reject(new ExplainedError(`Cannot run ${program}: ${cause.message}`)));
    child.once('spawn', () => resolve(child.pid as number));
  });
  child.unref();
  const deadline = performance.now() + openedWithinMs;
  while (!areOpen(holder)) {
    if (performance.now() > deadline)
      throw new ExplainedError(`Namespaces cannot be had here:\n${logTail(logFile('namespaces'))}`);
    await sleep(pollMs);
  }
  return { holder };
}

/** Before, who enters them would change the machine itself. */
function areOpen(holder: number): boolean {
  const isOwn = (kind: string): boolean =>
    readlinkSync(`/proc/${holder}/ns/${kind}`) !== readlinkSync(`/proc/self/ns/${kind}`);
  const isHeld = holders().some((pid) => pid !== holder && argumentsOf(pid).split('\0').length === 3);
  return isHeld && ['mnt', 'net', 'pid_for_children'].every(isOwn);
}

/** Gives them a /var and a /run of their own, so that every program may keep its default places. */
export async function privateFolders(namespaces: Namespaces, built: string): Promise<void> {
  for (const folder of ['lib', 'tmp']) mkdirSync(fromOutside(`/var/${folder}`), { recursive: true });
  symlinkSync('/run', fromOutside('/var/run'));
  const mount = (args: readonly string[]): Promise<void> => mustRun(namespaces, ['mount', ...args]);
  await mount(['-t', 'tmpfs', 'tmpfs', '/run']);
  await mustRun(namespaces, ['mkdir', inside.programs]);
  await mount(['--bind', built, inside.programs]);
  await mount(['--bind', fromOutside('/var'), '/var']);
}

/** Runs a short-lived program in them. @throws ExplainedError with what it said when it does not succeed */
export async function mustRun(
  namespaces: Namespaces,
  command: readonly string[],
  stdin: 'ignore' | number = 'ignore',
): Promise<void> {
  const child = enter(namespaces, { command, stdin, output: 'pipe', withinMs: ranWithinMs });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  const ended = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(String(code ?? signal)));
  });
  if (ended !== '0')
    throw new ExplainedError(`${command.slice(0, 3).join(' ')} failed (${ended}): ${said.trim()}`);
}

/** Starts a program that stays until the namespaces end. */
export function start(namespaces: Namespaces, { name, args }: Program): Running {
  const log = openSync(logFile(name), 'a', 0o600);
  const child = enter(namespaces, { command: [name, ...args], stdin: 'ignore', output: log });
  closeSync(log);
  child.unref();
  let exit: string | undefined;
  child.once('error', (error) => (exit = error.message));
  child.once('exit', (code, signal) => (exit = String(code ?? signal)));
  return { name, exit: () => exit };
}

/** The process that holds them: it, and `unshare`, which waits for it. Found by its arguments, so that a pid of another is never ended. */
export function holders(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isHolder(argumentsOf(pid)));
}

/** The command line as /proc has it. A process that has ended has none. */
export function isHolder(commandLine: string): boolean {
  return commandLine.endsWith(`/pause\0${marker}\0`);
}

/** Those that run already. */
export function findNamespaces(): Namespaces | undefined {
  const holder = holders().find((pid) => argumentsOf(pid).split('\0')[0]?.endsWith('unshare'));
  return holder === undefined ? undefined : { holder };
}

function argumentsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it has ended
  }
}

function enter(
  { holder }: Namespaces,
  params: {
    readonly command: readonly string[];
    readonly stdin: 'ignore' | number;
    readonly output: 'pipe' | number;
    readonly withinMs?: number;
  },
) {
  const { command, stdin, output, withinMs } = params;
  const where = ['--mount', '--net', `--pid=/proc/${holder}/ns/pid_for_children`, '--wd=/'];
  return spawn(requiredProgram('nsenter'), [`--target=${holder}`, ...where, '--', ...command], {
    stdio: [stdin, output, output],
    detached: true,
    cwd: '/',
    env: { PATH: `${inside.programs}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin` },
    ...(withinMs === undefined ? {} : { timeout: withinMs, killSignal: 'SIGKILL' }),
  });
}

function requiredProgram(name: string): string {
  const program = findProgram(name);
  if (program === undefined) throw new ExplainedError(`${name} is missing: apt-get install util-linux.`);
  return program;
}
